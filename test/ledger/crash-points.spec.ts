import { Logger } from '@nestjs/common';
import { MovableClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { faultsOf, readBooks } from './books.ts';
import { capsInReads, openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';
import { MortalConnections } from './mortal-connections.ts';
import type { Fault } from './mortal-connections.ts';

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

/** The statements of one release that nothing disturbs. */
async function undisturbed(): Promise<readonly string[]> {
  const connections = new MortalConnections();
  const gate = await openGate({ connection, clock, budgets: BUDGETS, pool: { Client: connections.Client } });
  connections.arm();
  await gate.releases.release(request(question(brandId, population++)));
  const statements = [...connections.executed];
  await gate.close();
  return statements;
}

/** What must become of a release of which the server executed these statements and no more. */
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
}

/** Fails one release at one statement; lets its lease end; has the survivor settle what is left and ask again. */
async function failAt(at: number, fault: Fault): Promise<Report> {
  const asked = question(brandId, population++);
  const connections = new MortalConnections();
  const gate = await openGate({
    connection,
    clock,
    budgets: BUDGETS,
    leaseMs: LEASE_MS,
    pool: { Client: connections.Client },
  });
  connections.arm(at, fault);
  const [call] = await Promise.allSettled([gate.releases.release(request(asked))]);
  await gate.close();
  clock.move(LEASE_MS);
  await survivor.settlement.reap();
  const before = await readBooks(survivor.source.manager);
  const again = await survivor.releases.release(request(asked));
  const books = await readBooks(survivor.source.manager);
  const mine = before.releases.filter(({ releaseKey }) => releaseKey === again.row.releaseKey);
  const end = (mine[0]?.state ?? 'absent') as End;
  return {
    at: connections.executed.at(-1) ?? 'nothing',
    end,
    expected: endAfter(connections.executed),
    answered: call.status === 'fulfilled' && call.value.row.answer !== null,
    faults: [
      ...faultsOf(before),
      ...faultsOf(books),
      ...before.charges
        .filter(({ state }) => state === 'reserved')
        .map(({ releaseId }) => `${releaseId} stays reserved`),
      ...(again.replayed === (end === 'committed') ? [] : [`asked again, it was replayed: ${again.replayed}`]),
      ...(end === 'committed' && mine[0]?.answer !== again.row.answer ? ['the replayed bytes are others'] : []),
      ...(call.status === 'fulfilled' && call.value.row.answer !== (mine[0]?.answer ?? null)
        ? ['lost its answer']
        : []),
    ],
  };
}

describe.each<Fault>(['dies before', 'dies after', 'loses the acknowledgement of'])(
  'at any statement of a release, a process that %s it',
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

    it('answers nobody before the answer is stored', () => {
      expect(reports.filter(({ answered, end }) => answered && end !== 'committed')).toEqual([]);
    });
  },
);
