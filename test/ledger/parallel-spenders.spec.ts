import { Logger } from '@nestjs/common';
import { DomainError, MovableClock, RawCount } from '#core';
import type { Country } from '#core';
import type { BudgetCaps } from '../../src/config/config.ts';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import type { ReleaseOutcome } from '../../src/releases/releases.service.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { capsInReads, openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';

const NOW = '2026-11-20T12:00:00Z';
/** Above what any run takes; a deadlock or a starved pool takes longer. */
const BOUND_MS = 30_000;

interface Tally {
  readonly answered: ReleaseOutcome[];
  readonly refused: DomainError[];
}

let connection: DatabaseConnection;
let gates: Gate[];

beforeAll(() => Logger.overrideLogger(false));

beforeEach(async () => {
  connection = await createTestDatabase('parallel_spenders');
  gates = [];
});

afterEach(async () => {
  for (const gate of gates) await gate.close();
});

async function oneGate(budgets: BudgetCaps): Promise<Gate> {
  const gate = await openGate({ connection, clock: new MovableClock(NOW), budgets });
  gates.push(gate);
  return gate;
}

/** Gates of two processes on one database, at the same instant. */
const replicas = async (budgets: BudgetCaps): Promise<[Gate, Gate]> => [await oneGate(budgets), await oneGate(budgets)];

const busy = (): Promise<RawCount> => Promise.reject(new DomainError('warehouse-busy', { public: 'busy' }));
const broken = (): Promise<RawCount> => Promise.reject(new Error('division by zero'));

async function tally(calls: readonly Promise<ReleaseOutcome>[]): Promise<Tally> {
  const settled = await Promise.allSettled(calls);
  const other = settled.filter((call) => call.status === 'rejected' && !(call.reason instanceof DomainError));
  expect(other).toEqual([]);
  return {
    answered: settled.flatMap((call) => (call.status === 'fulfilled' ? [call.value] : [])),
    refused: settled.flatMap((call) => (call.status === 'rejected' ? [call.reason as DomainError] : [])),
  };
}

describe('parallel spenders', () => {
  it(
    'of two brands on two replicas spend each cap to the last read and not one more',
    async () => {
      const [gate, other] = await replicas(
        capsInReads({ globalMonth: 25, globalYear: 50, brandMonth: 15, brandYear: 30 }),
      );
      const brands = await openBrands(gate.source.manager, 2);
      // Of 30 each, the brand's cap lets 15 through and the country's 25 of both.
      const { answered, refused } = await tally(
        Array.from({ length: 60 }, (_, index) => {
          const asked = question(brands[index % 2] ?? '', index);
          return (index % 3 === 0 ? other : gate).releases.release(request(asked));
        }),
      );
      expect(answered.map(({ row }) => row.state)).toEqual(Array.from({ length: 25 }, () => 'committed'));
      expect(refused.map(({ code }) => code)).toEqual(Array.from({ length: 35 }, () => 'privacy-budget-exhausted'));
      const books = await readBooks(gate.source.manager);
      expect(faultsOf(books)).toEqual([]);
      expect(books.days.find(({ scope }) => scope === 'global:FR')).toMatchObject({
        committed: 1_250_000n,
        reserved: 0n,
      });
    },
    BOUND_MS,
  );

  it(
    'are told what is left and when there is room again',
    async () => {
      const gate = await oneGate(capsInReads({ globalMonth: 100, globalYear: 100, brandMonth: 3, brandYear: 6 }));
      const [brand = ''] = await openBrands(gate.source.manager, 1);
      const { answered, refused } = await tally(
        [0, 1, 2, 3, 4, 5].map((population) => gate.releases.release(request(question(brand, population)))),
      );
      expect(answered).toHaveLength(3);
      for (const { text } of refused) {
        expect(text.extensions).toEqual({
          charged: false,
          budget: {
            scope: 'brand',
            period: 'month',
            capNanoRho: 150_000,
            leftNanoRho: 0,
            neededNanoRho: 50_000,
            resetsAt: '2026-12-01T00:00:00.000Z',
          },
        });
      }
      expect(refused).toHaveLength(3);
    },
    BOUND_MS,
  );

  it(
    'of five brands in one country never pass its global cap, and another country is none of their business',
    async () => {
      const gate = await oneGate(capsInReads({ globalMonth: 20, globalYear: 20, brandMonth: 10, brandYear: 10 }));
      const brands = await openBrands(gate.source.manager, 6);
      const french = brands.slice(0, 5).flatMap((brand) => Array.from({ length: 10 }, (_, n) => question(brand, n)));
      const spanish = Array.from({ length: 10 }, (_, n) => question(brands[5] ?? '', n, { country: 'ES' as Country }));
      const { answered, refused } = await tally(
        [...french, ...spanish].map((asked) => gate.releases.release(request(asked))),
      );
      expect(answered.filter(({ row }) => row.country === 'FR')).toHaveLength(20);
      expect(answered.filter(({ row }) => row.country === 'ES')).toHaveLength(10);
      expect(refused).toHaveLength(30);
      expect(faultsOf(await readBooks(gate.source.manager))).toEqual([]);
    },
    BOUND_MS,
  );

  it(
    'with failures among them never pass a cap, though refunds make room while others reserve',
    async () => {
      const [gate, other] = await replicas(
        capsInReads({ globalMonth: 12, globalYear: 12, brandMonth: 8, brandYear: 8 }),
      );
      const brands = await openBrands(gate.source.manager, 2);
      const { answered } = await tally(
        Array.from({ length: 60 }, (_, index) => {
          const measure = [busy, broken, undefined][index % 3];
          const asked = question(brands[index % 2] ?? '', index);
          return (index % 2 === 0 ? gate : other).releases.release(request(asked, measure && { measure }));
        }),
      );
      const books = await readBooks(gate.source.manager);
      expect(faultsOf(books)).toEqual([]);
      expect(books.charges.filter(({ state }) => state === 'reserved')).toEqual([]);
      expect(new Set(answered.map(({ row }) => row.state))).toEqual(new Set(['refunded', 'burned', 'committed']));
    },
    BOUND_MS,
  );
});

describe('twenty callers of one question on two replicas', () => {
  it(
    'share one query, one charge and the same bytes',
    async () => {
      const [gate, other] = await replicas(capsInReads({ globalMonth: 1, globalYear: 1, brandMonth: 1, brandYear: 1 }));
      const [brand = ''] = await openBrands(gate.source.manager, 1);
      let queries = 0;
      const measure = (): Promise<RawCount> => {
        queries++;
        return Promise.resolve(new RawCount(50_000n));
      };
      const { answered } = await tally(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? gate : other).releases.release(request(question(brand, 1), { measure })),
        ),
      );
      expect(queries).toBe(1);
      expect(new Set(answered.map(({ row }) => row.answer)).size).toBe(1);
      expect(answered.filter(({ replayed }) => !replayed).map(({ chargedNanoRho }) => chargedNanoRho)).toEqual([
        50_000n,
      ]);
      expect(answered).toHaveLength(20);
      const { charges } = await readBooks(gate.source.manager);
      expect(charges.map(({ state, nanoRho }) => [state, nanoRho])).toEqual([
        ['committed', 50_000n],
        ['committed', 50_000n],
      ]);
    },
    BOUND_MS,
  );

  it('are all refused, and nothing is kept, when it does not fit', async () => {
    const gate = await oneGate(capsInReads({ globalMonth: 10, globalYear: 10, brandMonth: 10, brandYear: 10 }));
    const [brand = ''] = await openBrands(gate.source.manager, 1);
    const { refused } = await tally(
      Array.from({ length: 20 }, () => gate.releases.release(request(question(brand, 1, { precision: 'fine' })))),
    );
    expect(refused.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, () => 'privacy-budget-exhausted'));
    expect(await readBooks(gate.source.manager)).toMatchObject({ releases: [], charges: [], days: [] });
  });
});
