import { Logger } from '@nestjs/common';
import { MovableClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { MARK_KEY, capsInReads, marksOf, openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';
import { MortalConnections } from './mortal-connections.ts';
import type { Fault } from './mortal-connections.ts';
import { MortalFolder } from './mortal-folder.ts';

const LEASE_MS = 30_000;
const BUDGETS = capsInReads({ globalMonth: 10_000, globalYear: 10_000, brandMonth: 10_000, brandYear: 10_000 });

type End = 'absent' | 'refunded' | 'burned' | 'committed';

let connection: DatabaseConnection;
let clock: MovableClock;
let survivor: Gate;
let brandId: string;
let population = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  connection = await createTestDatabase('crash_points');
  clock = new MovableClock('2026-11-20T12:00:00Z');
  survivor = await openGate({ connection, clock, budgets: BUDGETS, leaseMs: LEASE_MS });
  [brandId = ''] = await openBrands(survivor.source.manager, 1);
  // The first charge of a scope makes its row; the runs compared below all find it there.
  await survivor.releases.release(request(question(brandId, population++)));
});

afterAll(() => survivor.close());

/** The gate of a process whose every step can be its last. */
async function mortalGate(connections: MortalConnections): Promise<Gate> {
  return await openGate({
    connection,
    clock,
    budgets: BUDGETS,
    leaseMs: LEASE_MS,
    pool: { Client: connections.Client },
    marks: new MortalFolder(marksOf(connection), connections),
  });
}

/** The steps of one release that nothing disturbs. */
async function undisturbed(): Promise<readonly string[]> {
  const connections = new MortalConnections();
  const gate = await mortalGate(connections);
  connections.arm();
  await gate.releases.release(request(question(brandId, population++)));
  const statements = [...connections.executed];
  await gate.close();
  return statements;
}

/** What must become of a release of which these steps were done and no more. */
function endAfter(executed: readonly string[]): End {
  const commits = executed.filter((text) => text === 'COMMIT').length;
  if (commits === 2) return 'committed';
  if (executed.some((text) => text.includes(`SET state = 'running'`))) return 'burned';
  return commits === 1 ? 'refunded' : 'absent';
}

interface Report {
  readonly at: string;
  readonly end: End;
  readonly expected: End;
  readonly faults: readonly string[];
  /** Whether the caller got the bytes that are stored. */
  readonly answered: boolean;
  /** Whether a mark on disk has their charge. */
  readonly marked: boolean;
}

/** What a process that starts after a death says is wrong with its ledger, and what those who lived on say. */
async function alarms(): Promise<string[]> {
  const restarted = await openGate({ connection, clock, budgets: BUDGETS, leaseMs: LEASE_MS });
  const gates = [restarted, survivor];
  const notices = gates.flatMap(({ highWater }) => highWater.mismatch?.notice ?? []);
  await restarted.close();
  return notices;
}

/** Fails one release at one step; lets its lease end; has the survivor settle what is left and ask again. */
async function failAt(at: number, fault: Fault): Promise<Report> {
  const asked = question(brandId, population++);
  const connections = new MortalConnections();
  const gate = await mortalGate(connections);
  connections.arm(at, fault);
  const got = await gate.releases.release(request(asked)).catch(() => undefined);
  const atDeath = await markedCharges();
  await gate.close();
  const notices = await alarms();
  clock.move(LEASE_MS);
  await survivor.settlement.reap();
  const before = await readBooks(survivor.source.manager);
  const again = await survivor.releases.release(request(asked));
  const books = await readBooks(survivor.source.manager);
  const mine = before.releases.find(({ releaseKey }) => releaseKey === again.row.releaseKey);
  const { state: end = 'absent', position = null, answer = null } = mine ?? {};
  const held = before.charges.filter(({ state }) => state === 'reserved');
  return {
    at: connections.executed.at(-1) ?? 'nothing',
    end: end as End,
    expected: endAfter(connections.executed),
    answered: typeof got?.row.answer === 'string',
    marked: position !== null && position <= atDeath,
    faults: [
      ...notices,
      ...faultsOf(before),
      ...faultsOf(books),
      ...held.map(({ releaseId }) => `${releaseId} stays reserved`),
      ...(again.replayed === (end === 'committed') ? [] : [`asked again, it was replayed: ${again.replayed}`]),
      ...(end === 'committed' && answer !== again.row.answer ? ['the replayed bytes are others'] : []),
      ...(got !== undefined && got.row.answer !== answer ? ['lost its answer'] : []),
    ],
  };
}

/** The highest number of a charge that a mark on disk has. */
async function markedCharges(): Promise<bigint> {
  const files = await new HighWaterFolder(marksOf(connection), MARK_KEY).read();
  const charges = files.map((file) => ('mark' in file ? (file.mark.totals.get('global:FR')?.charges ?? 0n) : -1n));
  return charges.reduce((most, one) => (one > most ? one : most), 0n);
}

describe.each<Fault>(['dies before', 'dies after', 'loses the acknowledgement of'])(
  'at any step of a release, a process that %s it',
  (fault) => {
    let reports: Report[];

    beforeAll(async () => {
      reports = [];
      const { length } = await undisturbed();
      for (let at = 1; at <= length; at++) reports.push(await failAt(at, fault));
    });

    it('leaves the charge spent once its query has begun, and provably unused before', () => {
      expect(reports.map(({ at, end }) => ({ at, end }))).toEqual(
        reports.map(({ at, expected }) => ({ at, end: expected })),
      );
      expect(new Set(reports.map(({ end }) => end))).toEqual(new Set(['absent', 'refunded', 'burned', 'committed']));
    });

    it('leaves books that balance and no open reservation, and the question can be asked again', () => {
      expect(reports.flatMap(({ at, faults }) => faults.map((text) => `${at}: ${text}`))).toEqual([]);
    });

    it('answers nobody before the answer is stored and its charge is marked', () => {
      expect(reports.filter(({ answered, end }) => answered && end !== 'committed')).toEqual([]);
      expect(reports.filter(({ answered, marked }) => answered && !marked)).toEqual([]);
      // Some died between the two, and the steps of the mark are among those they died at.
      expect(reports.map(({ at }) => at)).toContain('write a mark');
      expect(reports.some(({ end, marked }) => end === 'committed' && !marked)).toBe(
        fault !== 'loses the acknowledgement of',
      );
    });
  },
);
