import { cpSync, rmSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MovableClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { dataSourceOptions } from '../../src/database/data-source.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import type { MarkFile } from '../../src/releases/high-water-folder.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { eventually } from '../process/processes.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { backUp, restore } from './database-backup.ts';
import { MARK_KEY, capsInReads, marksOf, openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';
import { emptyTables } from './table-backup.ts';

const READ = 50_000;
const MINUTE_MS = 60_000;
/** Connections of a process. */
const POOL = 20;
const WISH = { actor: 'key_manager', reason: 'the disk is gone' };

beforeAll(() => Logger.overrideLogger(false));

/** Marks that nobody looks at until they are let go. */
class HeldFolder extends HighWaterFolder {
  held = Promise.resolve();

  override async read(): Promise<readonly MarkFile[]> {
    await this.held;
    return await super.read();
  }
}

/** What one country's budget has settled, charges and nano-rho. */
async function settled(gate: Gate): Promise<{ charges: bigint; nanoRho: bigint }> {
  const { scopes } = await readBooks(gate.source.manager);
  const scope = scopes.find(({ id }) => id === 'global:FR');
  return { charges: scope?.settledCharges ?? 0n, nanoRho: scope?.settledNanoRho ?? 0n };
}

const reads = (count: number): { charges: bigint; nanoRho: bigint } => ({
  charges: BigInt(count),
  nanoRho: BigInt(count * READ),
});

/** Every connection of the pool is to the database that is there now. */
const reachable = (gate: Gate): Promise<void> =>
  eventually('the pool has left the dropped database', 10_000, () =>
    Promise.all(Array.from({ length: POOL }, () => gate.source.query('SELECT pg_sleep(0.01)'))).then(
      () => true,
      () => false,
    ),
  );

describe('a database that is exchanged', () => {
  const BUDGETS = capsInReads({ globalMonth: 1_000, globalYear: 1_000, brandMonth: 1_000, brandYear: 1_000 });
  let connection: DatabaseConnection;
  let clock: MovableClock;
  let gates: Gate[];
  let brandId: string;

  async function gateOf(marks = new HighWaterFolder(marksOf(connection), MARK_KEY)): Promise<Gate> {
    const gate = await openGate({ connection, clock, budgets: BUDGETS, marks });
    gates.push(gate);
    return gate;
  }

  async function restarted(marks?: HighWaterFolder): Promise<Gate> {
    for (const gate of gates.splice(0)) await gate.close();
    return await gateOf(marks);
  }

  const ask = (gate: Gate, population: number): ReturnType<Gate['releases']['release']> =>
    gate.releases.release(request(question(brandId, population)));

  async function askAll(gate: Gate, from: number, to: number): Promise<void> {
    for (let population = from; population <= to; population++) await ask(gate, population);
  }

  beforeEach(async () => {
    connection = await createTestDatabase('exchanged');
    clock = new MovableClock('2026-11-20T12:00:00Z');
    gates = [];
    const gate = await gateOf();
    [brandId = ''] = await openBrands(gate.source.manager, 1);
  });

  afterEach(async () => {
    for (const gate of gates) await gate.close();
  });

  /** Seven answers, a backup, three more; the backup is in place again, a minute later. */
  async function exchanged(gate: Gate, replica?: Gate): Promise<void> {
    await askAll(gate, 1, 7);
    if (replica !== undefined) await ask(replica, 1);
    const backup = await backUp(connection);
    await reachable(gate);
    clock.move(MINUTE_MS);
    await askAll(gate, 8, 10);
    clock.move(MINUTE_MS);
    await restore(connection, backup);
    for (const each of gates) await reachable(each);
  }

  it('under a running service shows at its next new answer, which stays charged and is not shown', async () => {
    const [gate] = gates as [Gate];
    await exchanged(gate);
    await expect(ask(gate, 20)).rejects.toMatchObject({
      code: 'ledger-read-only',
      text: { extensions: { charged: true } },
    });
    expect(gate.highWater.mismatch?.reasons).toEqual(['LEDGER_BEHIND']);
    await expect(ask(gate, 21)).rejects.toMatchObject({ text: { extensions: { charged: false } } });
    expect(await settled(gate)).toEqual(reads(8));
    await gate.restore.reconcile(WISH);
    // Ten that were marked, and one on top of the seven that the backup had.
    expect(await settled(gate)).toEqual(reads(11));
    expect((await ask(gate, 20)).row.state).toBe('committed');
    expect(faultsOf(await readBooks(gate.source.manager))).toEqual([]);
  });

  it('shows although new charges pass its old totals before anybody looks, and is remembered over a restart', async () => {
    const marks = new HeldFolder(marksOf(connection), MARK_KEY);
    const gate = await restarted(marks);
    await exchanged(gate);
    const looked = Promise.withResolvers<void>();
    marks.held = looked.promise;
    const asked = Promise.allSettled(Array.from({ length: 20 }, (_, number) => ask(gate, 100 + number)));
    await eventually('all are committed', 10_000, async () => (await settled(gate)).charges === 27n);
    looked.resolve();
    const calls = await asked;
    const shown = calls.filter((call) => call.status === 'fulfilled').length;
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason as { code: string }] : []));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['ledger-read-only']));
    const before = await settled(gate);
    const again = await restarted();
    expect(again.highWater.mismatch?.reasons).toEqual(['LEDGER_BEHIND']);
    await again.restore.reconcile(WISH);
    const after = await settled(again);
    // Nothing that was answered before or since is forgotten: the three that were lost come on top of all there is.
    expect(after).toEqual({ charges: before.charges + 3n, nanoRho: before.nanoRho + BigInt(3 * READ) });
    expect(after.charges).toBeGreaterThanOrEqual(10n + BigInt(shown));
  });

  it('shows to a replica that has marked less itself', async () => {
    const replica = await gateOf();
    await exchanged(gates[0] as Gate, replica);
    await expect(ask(replica, 20)).rejects.toMatchObject({ code: 'ledger-read-only' });
    await expect(ask(gates[0] as Gate, 21)).rejects.toMatchObject({ code: 'ledger-read-only' });
    await (gates[0] as Gate).restore.reconcile(WISH);
    // The one that was not told is open too.
    expect((await ask(replica, 22)).row.state).toBe('committed');
  });

  it('is forgiven when the newer one is put back', async () => {
    const [gate] = gates as [Gate];
    await askAll(gate, 1, 3);
    const older = await backUp(connection);
    await reachable(gate);
    await askAll(gate, 4, 5);
    const newer = await backUp(connection);
    await restore(connection, older);
    const onOlder = await restarted();
    expect(onOlder.highWater.mismatch?.reasons).toEqual(['LEDGER_BEHIND']);
    await restore(connection, newer);
    expect((await restarted()).highWater.mismatch).toBeNull();
    expect(await settled(gates[0] as Gate)).toEqual(reads(5));
  });

  it('for an empty one shows too: an emptied ledger is another ledger', async () => {
    await askAll(gates[0] as Gate, 1, 3);
    const marks = marksOf(connection);
    const empty = await createTestDatabase('emptied');
    const administrator = await new DataSource(dataSourceOptions(empty)).initialize();
    await emptyTables(administrator);
    await administrator.destroy();
    for (const gate of gates.splice(0)) await gate.close();
    cpSync(marks, marksOf(empty), { recursive: true });
    connection = empty;
    const gate = await gateOf();
    expect(gate.highWater.mismatch?.reasons).toEqual(['OTHER_LEDGER']);
    await gate.restore.reconcile(WISH);
    expect(await settled(gate)).toEqual(reads(3));
  });

  it('gives its budget back where the marks are exchanged with it: that is not protected', async () => {
    const [gate] = gates as [Gate];
    await askAll(gate, 1, 2);
    const backup = await backUp(connection);
    const marks = marksOf(connection);
    cpSync(marks, `${marks}.backup`, { recursive: true });
    await reachable(gate);
    await askAll(gate, 3, 5);
    for (const each of gates.splice(0)) await each.close();
    await restore(connection, backup);
    rmSync(marks, { recursive: true });
    cpSync(`${marks}.backup`, marks, { recursive: true });
    const again = await gateOf();
    expect(again.highWater.mismatch).toBeNull();
    expect(await settled(again)).toEqual(reads(2));
  });
});
