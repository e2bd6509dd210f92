import { cpSync, rmSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MovableClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { dataSourceOptions } from '../../src/database/data-source.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import { NOTHING_SETTLED, plus } from '../../src/releases/high-water-mark.ts';
import type { SettledTotals } from '../../src/releases/high-water-mark.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { MARK_KEY, marksOf, openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';
import { MortalConnections } from './mortal-connections.ts';
import type { Fault } from './mortal-connections.ts';
import { MortalFolder } from './mortal-folder.ts';
import { copyTables, emptyTables, putTablesBack } from './table-backup.ts';

/** To die before a step is to die after the one before it. */
const FAULTS: readonly Fault[] = ['dies after', 'loses the acknowledgement of'];
const SPENT = { charges: 2n, nanoRho: 100_000n, quectoTheta: 0n };
const LOST = { charges: 5n, nanoRho: 250_000n, quectoTheta: 7n };
/** Number of the copy of the tables. */
const SPENT_COPY = 1;
const WISH = { actor: 'key_manager', reason: 'the disk is gone' };

let connection: DatabaseConnection;
let administrator: DataSource;
let clock: MovableClock;

beforeAll(async () => {
  Logger.overrideLogger(false);
  connection = await createTestDatabase('mark_crash_points');
  administrator = await new DataSource(dataSourceOptions(connection)).initialize();
  clock = new MovableClock('2026-11-20T12:00:00Z');
  const [brandId = ''] = await openBrands(administrator.manager, 1);
  await within(async (gate) => {
    for (const population of [1, 2]) await gate.releases.release(request(question(brandId, population)));
  });
  await copyTables(administrator, SPENT_COPY);
  cpSync(marksOf(connection), asideOf(), { recursive: true });
});

afterAll(() => administrator.destroy());

const asideOf = (): string => `${marksOf(connection)}.spent`;

async function within<T>(work: (gate: Gate) => Promise<T>): Promise<T> {
  const gate = await openGate({ connection, clock });
  try {
    return await work(gate);
  } finally {
    await gate.close();
  }
}

/** A ledger that was never started on. */
async function newLedger(): Promise<void> {
  await emptyTables(administrator);
  rmSync(marksOf(connection), { recursive: true, force: true });
}

/** A ledger on which a process has spent, and stopped. */
async function spentLedger(): Promise<void> {
  await putTablesBack(administrator, SPENT_COPY);
  rmSync(marksOf(connection), { recursive: true, force: true });
  cpSync(asideOf(), marksOf(connection), { recursive: true });
}

/** Leaves the mark of a database that is lost: of this ledger with more on it, or of another. */
async function markMore(ledger: 'this' | 'another'): Promise<void> {
  const id = await administrator.query<{ id: string }[]>('SELECT ledger_id AS id FROM ledger_identity');
  const [ledgerId, totals] = ledger === 'this' ? [id[0]?.id ?? '', plus(SPENT, LOST)] : ['led_another', LOST];
  const marks = new HighWaterFolder(marksOf(connection), MARK_KEY);
  const mark = { ledgerId, totals: new Map([['global:FR', totals]]), writtenAt: clock.now(), exchanged: false };
  await marks.add(mark);
}

/** The totals of the country, and whether the process that reads them may write. */
async function found(gate: Gate): Promise<{ totals: SettledTotals; missing: SettledTotals | null; faults: string[] }> {
  const books = await readBooks(gate.source.manager);
  const scope = books.scopes.find(({ id }) => id === 'global:FR');
  const { mismatch } = gate.highWater;
  return {
    totals: {
      charges: scope?.settledCharges ?? 0n,
      nanoRho: scope?.settledNanoRho ?? 0n,
      quectoTheta: scope?.settledTheta ?? 0n,
    },
    missing: mismatch === null ? null : (mismatch.shortfalls[0]?.missing ?? NOTHING_SETTLED),
    faults: faultsOf(books),
  };
}

/** Starts a process that fails at one step: of its start, or of the work it is then given. Gives the steps done. */
async function mortal(
  at: number | undefined,
  fault: Fault,
  work?: (gate: Gate) => Promise<unknown>,
): Promise<string[]> {
  const steps = new MortalConnections();
  if (work === undefined) steps.arm(at, fault);
  const marks = new MortalFolder(marksOf(connection), steps);
  const gate = await openGate({ connection, clock, pool: { Client: steps.Client }, marks }).catch(() => undefined);
  if (gate === undefined) return [...steps.executed];
  if (work !== undefined) steps.arm(at, fault);
  await work?.(gate).catch(() => undefined);
  await gate.close();
  return [...steps.executed];
}

const reconcile = (gate: Gate): Promise<unknown> => gate.restore.reconcile(WISH);

describe.each(FAULTS)('a process that %s', (fault) => {
  it.each([
    ['first', newLedger, NOTHING_SETTLED],
    ['second', spentLedger, SPENT],
  ] as const)('any step of its %s start leaves a ledger that the next can write to', async (_, prepare, totals) => {
    await prepare();
    const { length } = await mortal(undefined, fault);
    expect(length).toBeGreaterThan(5);
    for (let at = 1; at <= length; at++) {
      await prepare();
      const steps = await mortal(at, fault);
      expect({ steps, ...(await within(found)) }).toEqual({ steps, totals, missing: null, faults: [] });
    }
  });

  it.each(['this', 'another'] as const)(
    'any step of a reconciliation with a mark of %s ledger leaves what is due, or has charged it once',
    async (ledger) => {
      const prepare = async (): Promise<void> => {
        await spentLedger();
        await markMore(ledger);
      };
      await prepare();
      const all = await mortal(undefined, fault, reconcile);
      expect(all).toContain('write a mark');
      expect(all).toContain('COMMIT');
      const ends: string[] = [];
      for (let at = 1; at <= all.length; at++) {
        await prepare();
        const steps = await mortal(at, fault, reconcile);
        const after = await within(found);
        ends.push(after.missing === null ? 'charged' : 'due');
        const right =
          after.missing === null
            ? { totals: plus(SPENT, LOST), missing: null, faults: [] }
            : { totals: SPENT, missing: LOST, faults: [] };
        expect({ steps, ...after }).toEqual({ steps, ...right });
        if (after.missing === null) continue;
        await within(reconcile);
        expect({ steps, ...(await within(found)) }).toEqual({
          steps,
          totals: plus(SPENT, LOST),
          missing: null,
          faults: [],
        });
      }
      expect(new Set(ends)).toEqual(new Set(['due', 'charged']));
    },
    120_000,
  );
});
