import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { MovableClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import type { MarkFile } from '../../src/releases/high-water-folder.ts';
import type { SettledTotals } from '../../src/releases/high-water-mark.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { MARK_KEY, marksOf, openBrands, openGate, question, request } from './gate.ts';
import type { Gate, GateOptions } from './gate.ts';

const READ = 50_000n;
const WISH = { actor: 'key_manager', reason: 'the disk is gone' };

let connection: DatabaseConnection;
let clock: MovableClock;
let gates: Gate[];
let brandId: string;

beforeAll(() => Logger.overrideLogger(false));

beforeEach(async () => {
  connection = await createTestDatabase('high_water');
  clock = new MovableClock('2026-11-20T12:00:00Z');
  gates = [];
  const gate = await gateOf();
  [brandId = ''] = await openBrands(gate.source.manager, 1);
});

afterEach(async () => {
  for (const gate of gates) await gate.close();
});

async function gateOf(options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = await openGate({ connection, clock, ...options });
  gates.push(gate);
  return gate;
}

/** Closes every process and starts one. */
async function restarted(options: Partial<GateOptions> = {}): Promise<Gate> {
  for (const gate of gates.splice(0)) await gate.close();
  return await gateOf(options);
}

const first = (): Gate => gates[0] as Gate;

const ask = (gate: Gate, population: number): ReturnType<Gate['releases']['release']> =>
  gate.releases.release(request(question(brandId, population)));

const folder = (): HighWaterFolder => new HighWaterFolder(marksOf(connection), MARK_KEY);

const markNames = (): string[] => readdirSync(marksOf(connection)).filter((name) => name.endsWith('.mark'));

/** Charges of the country that the marks on disk have. */
async function markedCharges(): Promise<bigint> {
  const files = await folder().read();
  const charges = files.map((file) => ('mark' in file ? (file.mark.totals.get('global:FR')?.charges ?? 0n) : 0n));
  return charges.reduce((most, one) => (one > most ? one : most), 0n);
}

const totals = (charges: bigint, nanoRho = charges * READ, quectoTheta = 0n): SettledTotals => ({
  charges,
  nanoRho,
  quectoTheta,
});

/** Puts a mark into the folder as a process of some database left it. */
async function leaveMark(scopes: Readonly<Record<string, SettledTotals>>, ledgerId?: string): Promise<void> {
  const [own] = await first().source.query<{ id: string }[]>('SELECT ledger_id AS id FROM ledger_identity');
  const content = { totals: new Map(Object.entries(scopes)), writtenAt: clock.now(), exchanged: false };
  await folder().add({ ...content, ledgerId: ledgerId ?? own?.id ?? '' });
}

const reasons = (gate: Gate): readonly string[] => gate.highWater.mismatch?.reasons ?? [];

const refused = { code: 'ledger-read-only', text: { extensions: { charged: false } } };

async function releaseCount(gate: Gate): Promise<number> {
  return (await readBooks(gate.source.manager)).releases.length;
}

/** A file in the place of the folder, as of a volume that is gone: not even the superuser can write there. */
function takeAway(): () => void {
  const path = marksOf(connection);
  renameSync(path, `${path}.away`);
  writeFileSync(path, '');
  return () => {
    rmSync(path);
    renameSync(`${path}.away`, path);
  };
}

/** Asks of a read-only gate what it must refuse and what it must give. */
async function expectReadOnly(gate: Gate, answered: Awaited<ReturnType<typeof ask>>): Promise<void> {
  const before = await releaseCount(gate);
  await expect(ask(gate, 99)).rejects.toMatchObject(refused);
  expect(await releaseCount(gate)).toBe(before);
  const { id, answer } = answered.row;
  expect(await ask(gate, 1)).toMatchObject({ replayed: true, row: { id, answer } });
  expect((await gate.releases.find(id, 0, [brandId]))?.row.answer).toBe(answer);
  expect((await gate.releases.list([brandId], { limit: 9 })).map((row) => row.answer)).toContain(answer);
}

/** What the audit of the retailer says of the last reconciliation. */
async function audited(gate: Gate): Promise<unknown> {
  const [entry] = await gate.audit.list('retailer', 1);
  return { actor: entry?.actor, action: entry?.action, details: entry?.details };
}

describe('a ledger and its marks', () => {
  it('are both written at the first start, and from then on a mark is expected', async () => {
    expect(markNames()).toHaveLength(1);
    const [identity] = await first().source.query<{ marked_at: Date }[]>('SELECT marked_at FROM ledger_identity');
    expect(identity?.marked_at.getTime()).toBe(clock.now());
    clock.move(1_000);
    const gate = await restarted();
    expect(gate.highWater.mismatch).toBeNull();
    const [later] = await gate.source.query<{ marked_at: Date }[]>('SELECT marked_at FROM ledger_identity');
    expect(later).toEqual(identity);
    expect(markNames()).toHaveLength(1);
  });

  it('agree at every moment at which somebody sees an answer, whichever replica gives it', async () => {
    const replicas = [first(), await gateOf()];
    const uncovered: string[] = [];
    const answers = Array.from({ length: 40 }, async (_, number) => {
      const { row } = await ask(replicas[number % 2] as Gate, number % 25);
      const marked = await markedCharges();
      if (row.settledPosition === null || row.settledPosition > marked) uncovered.push(row.id);
      return row;
    });
    const rows = await Promise.all(answers);
    expect(uncovered).toEqual([]);
    expect(new Set(rows.map(({ settledPosition }) => settledPosition)).size).toBe(25);
    expect(replicas.map(reasons)).toEqual([[], []]);
    expect(await markedCharges()).toBe(25n);
  });

  it('agree while processes come and go under load: nobody is ever taken for a restored backup', async () => {
    const alarms: string[] = [];
    const life = async (replica: number): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        const gate = await openGate({ connection, clock });
        const calls = Array.from({ length: 6 }, (_, number) => ask(gate, 100 * replica + 10 * round + number));
        const settled = await Promise.allSettled(calls);
        alarms.push(...settled.flatMap((call) => (call.status === 'rejected' ? [String(call.reason)] : [])));
        alarms.push(...reasons(gate));
        await gate.close();
      }
    };
    await Promise.all([life(1), life(2), life(3)]);
    expect(alarms).toEqual([]);
    expect(await markedCharges()).toBe(90n);
    expect((await restarted()).highWater.mismatch).toBeNull();
    expect(markNames()).toHaveLength(1);
  });

  it('agree when another process marks more just before this one looks at the folder', async () => {
    const [other] = gates as [Gate];
    class Overtaken extends HighWaterFolder {
      override async read(): Promise<readonly MarkFile[]> {
        await ask(other, asked++);
        return await super.read();
      }
    }
    let asked = 0;
    const gate = await gateOf({ marks: new Overtaken(marksOf(connection), MARK_KEY) });
    expect((await ask(gate, 100)).row.state).toBe('committed');
    expect(asked).toBeGreaterThan(1);
    expect(reasons(gate)).toEqual([]);
  });

  it('agree when another process starts for the first time just after this one has looked at the folder', async () => {
    const untouched = await createTestDatabase('high_water_first');
    const others: Gate[] = [];
    class Overtaken extends HighWaterFolder {
      override async read(): Promise<readonly MarkFile[]> {
        const files = await super.read();
        if (others.length === 0) others.push(await openGate({ connection: untouched, clock }));
        return files;
      }
    }
    const gate = await openGate({ connection: untouched, clock, marks: new Overtaken(marksOf(untouched), MARK_KEY) });
    expect([gate, ...others].map(reasons)).toEqual([[], []]);
    await Promise.all([gate, ...others].map((each) => each.close()));
  });

  it('cost one write for many answers that come at once, and none for one that is read again', async () => {
    let written = 0;
    class CountingFolder extends HighWaterFolder {
      override async add(...args: Parameters<HighWaterFolder['add']>): Promise<string> {
        written++;
        return await super.add(...args);
      }
    }
    const gate = await gateOf({ marks: new CountingFolder(marksOf(connection), MARK_KEY) });
    const { row } = await ask(gate, 0);
    written = 0;
    await Promise.all([
      ask(gate, 0),
      gate.releases.find(row.id, 0, [brandId]),
      gate.releases.list([brandId], { limit: 9 }),
    ]);
    expect(written).toBe(0);
    await Promise.all(Array.from({ length: 40 }, (_, number) => ask(gate, 1 + number)));
    expect(written).toBeLessThan(40);
    expect(await markedCharges()).toBe(41n);
  });
});

describe('without a folder to write to', () => {
  it('an outcome that was charged is not shown, and shown unchanged when the folder is back', async () => {
    const gate = first();
    const shown = await ask(gate, 1);
    const giveBack = takeAway();
    await expect(ask(gate, 2)).rejects.toMatchObject({
      code: 'service-unavailable',
      text: { extensions: { charged: true } },
    });
    const { releases } = await readBooks(gate.source.manager);
    const hidden = releases.find(({ position }) => position === 2n);
    expect(hidden?.state).toBe('committed');
    const unavailable = { code: 'service-unavailable', text: { extensions: { charged: false } } };
    await expect(gate.releases.find(hidden?.id ?? '', 0, [brandId])).rejects.toMatchObject(unavailable);
    await expect(gate.releases.list([brandId], { limit: 9 })).rejects.toMatchObject(unavailable);
    expect((await gate.releases.find(shown.row.id, 0, [brandId]))?.row.answer).toBe(shown.row.answer);
    // From then on nothing is charged that could not be shown.
    await expect(ask(gate, 3)).rejects.toMatchObject(unavailable);
    expect(await releaseCount(gate)).toBe(2);

    giveBack();
    const replayed = await ask(gate, 2);
    expect(replayed).toMatchObject({ replayed: true, chargedNanoRho: 0n, row: { answer: hidden?.answer } });
    expect(await markedCharges()).toBe(2n);
    expect((await ask(gate, 3)).row.state).toBe('committed');
  });

  it('the service does not start, and says which folder it needs', async () => {
    await ask(first(), 1);
    const giveBack = takeAway();
    await expect(openGate({ connection, clock })).rejects.toMatchObject({
      code: 'service-unavailable',
      message: expect.stringContaining(`${marksOf(connection)} must be a folder`) as string,
    });
    giveBack();
    expect((await restarted()).highWater.mismatch).toBeNull();
  });
});

describe('a start is read-only', () => {
  it('when a mark has more than the database', async () => {
    const answered = await ask(first(), 1);
    await leaveMark({ 'global:FR': totals(3n, 200_000n), 'brand:brd_gone': totals(1n) });
    const gate = await restarted();
    expect(reasons(gate)).toEqual(['LEDGER_BEHIND']);
    expect(gate.highWater.mismatch?.notice).toContain(
      '- global:FR has 1 charges of 50000 nano-rho, must have 3 charges of 200000 nano-rho',
    );
    await expectReadOnly(gate, answered);
    expect(await gate.restore.reconcile(WISH)).toEqual({
      charged: [{ scopeId: 'global:FR', missing: totals(2n, 150_000n) }],
      unknownScopes: ['brand:brd_gone'],
    });
    expect(await audited(gate)).toEqual({
      actor: 'key_manager',
      action: 'ledger.reconciled',
      details: {
        reason: 'the disk is gone',
        found: ['LEDGER_BEHIND'],
        charged: [{ scopeId: 'global:FR', charges: '2', nanoRho: '150000', quectoTheta: '0' }],
        unknownScopes: ['brand:brd_gone'],
      },
    });
    expect((await ask(gate, 2)).row.settledPosition).toBe(4n);
    expect(faultsOf(await readBooks(gate.source.manager))).toEqual([]);
    expect((await restarted()).highWater.mismatch).toBeNull();
  });

  it('when the mark is of another ledger, all of which is charged here', async () => {
    const answered = await ask(first(), 1);
    await leaveMark({ 'global:FR': totals(3n), 'global:ES': totals(2n, 70_000n, 5n) }, 'led_another');
    const gate = await restarted();
    expect(reasons(gate)).toEqual(['OTHER_LEDGER']);
    expect(gate.highWater.mismatch?.notice).toContain('- led_another with 2 budgets');
    await expectReadOnly(gate, answered);
    expect((await gate.restore.reconcile(WISH)).charged).toEqual([
      { scopeId: 'global:ES', missing: totals(2n, 70_000n, 5n) },
      { scopeId: 'global:FR', missing: totals(3n) },
    ]);
    const { scopes, days } = await readBooks(gate.source.manager);
    expect(scopes.find(({ id }) => id === 'global:ES')).toMatchObject({ settledNanoRho: 70_000n, settledTheta: 5n });
    expect(days.find(({ scope }) => scope === 'global:ES')).toMatchObject({
      day: '2026-11-20',
      committed: 70_000n,
      committedTheta: 5n,
    });
    expect((await restarted()).highWater.mismatch).toBeNull();
  });

  it('when no mark is found where one was written', async () => {
    const answered = await ask(first(), 1);
    rmSync(marksOf(connection), { recursive: true });
    const gate = await restarted();
    expect(reasons(gate)).toEqual(['MARK_LOST']);
    expect(gate.highWater.mismatch?.notice).toContain(
      `written at 2026-11-20T12:00:00.000Z, and ${marksOf(connection)}`,
    );
    await expectReadOnly(gate, answered);
    // Nothing is written that would let the next start pass.
    expect(existsSync(marksOf(connection))).toBe(false);
    expect(await gate.restore.reconcile(WISH)).toEqual({ charged: [], unknownScopes: [] });
    expect(await audited(gate)).toMatchObject({ details: { found: ['MARK_LOST'], charged: [] } });
    expect((await ask(gate, 2)).row.state).toBe('committed');
    expect((await restarted()).highWater.mismatch).toBeNull();
  });

  it.each([
    [
      'altered',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"charges":"1"', '"charges":"0"')),
    ],
    ['cut short', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 50))],
  ])('when a mark was %s', async (_, damage) => {
    const answered = await ask(first(), 1);
    const [name = ''] = markNames();
    damage(join(marksOf(connection), name));
    const gate = await restarted();
    expect(reasons(gate)).toEqual(['MARK_UNREADABLE']);
    expect(gate.highWater.mismatch?.notice).toContain(`${name} is not a mark`);
    await expectReadOnly(gate, answered);
    await gate.restore.reconcile(WISH);
    expect(readdirSync(marksOf(connection))).toContain(`${name}.set-aside`);
    expect((await restarted()).highWater.mismatch).toBeNull();
  });

  it('when the service secret is another one', async () => {
    const answered = await ask(first(), 1);
    const gate = await restarted({ marks: new HighWaterFolder(marksOf(connection), Buffer.alloc(32, 1)) });
    expect(reasons(gate)).toEqual(['MARK_UNREADABLE']);
    expect(gate.highWater.mismatch?.notice).toContain('signed under another service secret');
    await expectReadOnly(gate, answered);
    expect((await restarted()).highWater.mismatch).toBeNull();
  });
});

describe('a reconciliation', () => {
  it('has nothing to do with a ledger that has what was marked', async () => {
    await expect(first().restore.reconcile(WISH)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('charges once when two replicas are told at the same moment, and lets both write', async () => {
    await ask(first(), 1);
    await leaveMark({ 'global:FR': totals(5n), [`brand:${brandId}`]: totals(2n) });
    const gate = await restarted();
    const other = await gateOf();
    expect([gate, other].map(reasons)).toEqual([['LEDGER_BEHIND'], ['LEDGER_BEHIND']]);
    await Promise.allSettled([gate.restore.reconcile(WISH), other.restore.reconcile(WISH)]);
    const books = await readBooks(gate.source.manager);
    expect(faultsOf(books)).toEqual([]);
    expect(books.scopes.map(({ id, settledCharges, settledNanoRho }) => [id, settledCharges, settledNanoRho])).toEqual([
      [`brand:${brandId}`, 2n, 2n * READ],
      ['global:FR', 5n, 5n * READ],
    ]);
    expect((await ask(gate, 2)).row.settledPosition).toBe(6n);
    expect((await ask(other, 3)).row.settledPosition).toBe(7n);
  });

  it('counts what was forgotten for today in every window, and passes a cap rather than forget', async () => {
    await ask(first(), 1);
    const budgets = first().config.budgets;
    await leaveMark({ 'global:FR': totals(9n, budgets.globalMonth + 1n) });
    clock.move(40 * 86_400_000);
    const gate = await restarted();
    await gate.restore.reconcile(WISH);
    const [global] = await gate.odometer.readings([{ country: 'FR', brandId }]);
    const forgotten = budgets.globalMonth + 1n - READ;
    expect(global?.windows.month.committed.nanoRho).toBe(forgotten);
    expect(global?.windows.year.committed.nanoRho).toBe(forgotten + READ);
    // What was spent forty days ago is in no window twice.
    const { days } = await readBooks(gate.source.manager);
    expect(days.filter(({ scope }) => scope === 'global:FR').map(({ day, committed }) => [day, committed])).toEqual([
      ['2026-11-20', READ],
      ['2026-12-30', forgotten],
    ]);
    await expect(ask(await restarted(), 50)).rejects.toMatchObject({ code: 'privacy-budget-exhausted' });
  });
});
