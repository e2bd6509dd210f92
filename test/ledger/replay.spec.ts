import { Logger } from '@nestjs/common';
import { MovableClock, RawCount } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import type { CountQuestion } from '../../src/releases/release-question.ts';
import { ReleaseStoreService } from '../../src/releases/release-store.service.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { openBrands, openGate, question, request } from './gate.ts';
import type { Gate, GateOptions } from './gate.ts';

const YEAR_MS = 365 * 86_400_000;
const SLOT_MS = 1_000;

let connection: DatabaseConnection;
let clock: MovableClock;
let gates: Gate[];

async function gateOf(options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = await openGate({ connection, clock, ...options });
  gates.push(gate);
  return gate;
}

const unaskable = (): Promise<RawCount> => Promise.reject(new Error('the query of an answered question was run'));

beforeAll(() => Logger.overrideLogger(false));

beforeEach(async () => {
  connection = await createTestDatabase('replay');
  clock = new MovableClock('2026-11-20T12:00:00Z');
  gates = [];
});

afterEach(async () => {
  for (const gate of gates) await gate.close();
});

describe('an answered question', () => {
  it('has the same bytes after a restart and two years later, free of charge and without a query', async () => {
    const first = await gateOf();
    const [brandId = ''] = await openBrands(first.source.manager, 1);
    const { row } = await first.releases.release(request(question(brandId, 1)));
    await first.releases.beforeApplicationShutdown();
    clock.move(2 * YEAR_MS);
    const second = await gateOf();
    const again = await second.releases.release(request(question(brandId, 1), { measure: unaskable }));
    expect(again).toMatchObject({ replayed: true, chargedNanoRho: 0n, row: { id: row.id, answer: row.answer } });
    expect((await readBooks(second.source.manager)).charges).toHaveLength(2);
  });

  it('is the same one however its population and purposes are ordered', async () => {
    const gate = await gateOf();
    const [brandId = ''] = await openBrands(gate.source.manager, 1);
    const asked = question(brandId, 1, {
      population: { all: [1, 2], not: { a: 1, b: 2 } },
      purposes: ['audience_measurement', 'ads_social'],
    });
    const turned: CountQuestion = {
      ...asked,
      population: { not: { b: 2, a: 1 }, all: [1, 2] },
      purposes: ['ads_social', 'audience_measurement'],
    };
    const { row } = await gate.releases.release(request(asked));
    const again = await gate.releases.release(request(turned, { measure: unaskable, actor: { id: 'key_other' } }));
    expect(again).toMatchObject({ replayed: true, row: { id: row.id, answer: row.answer } });
  });

  it('is another question for another brand, country, data version, population, purpose or precision', async () => {
    const gate = await gateOf();
    const [brandId = '', otherBrand = ''] = await openBrands(gate.source.manager, 2);
    const changes: Partial<CountQuestion>[] = [
      {},
      { brandId: otherBrand },
      { country: 'ES' },
      { dataVersion: 2 },
      { population: { members: 2 } },
      { purposes: ['audience_measurement', 'ads_social'] },
      { precision: 'coarse' },
    ];
    const outcomes = [];
    for (const change of changes) outcomes.push(await gate.releases.release(request(question(brandId, 1, change))));
    expect(outcomes.map(({ replayed }) => replayed)).toEqual(changes.map(() => false));
    expect(new Set(outcomes.map(({ row }) => row.id)).size).toBe(changes.length);
    expect(faultsOf(await readBooks(gate.source.manager))).toEqual([]);
  });

  it('of another brand is as unknown as one that never was', async () => {
    const gate = await gateOf();
    const [brandId = '', stranger = ''] = await openBrands(gate.source.manager, 2);
    const { row } = await gate.releases.release(request(question(brandId, 1)));
    expect(await gate.releases.find(row.id, 0, [stranger])).toBeUndefined();
    expect(await gate.releases.find(row.id, 0, [])).toBeUndefined();
    expect((await gate.releases.find(row.id, 0, [stranger, brandId]))?.row.answer).toBe(row.answer);
  });

  it('that failed is no answer: it is asked anew', async () => {
    const gate = await gateOf();
    const [brandId = ''] = await openBrands(gate.source.manager, 1);
    const failed = await gate.releases.release(request(question(brandId, 1), { measure: unaskable }));
    expect(failed.row).toMatchObject({ state: 'burned', failure: 'release-failed', answer: null });
    const { row, replayed } = await gate.releases.release(request(question(brandId, 1)));
    expect({ state: row.state, replayed }).toEqual({ state: 'committed', replayed: false });
  });
});

describe('an outcome', () => {
  /** A commit that lasts so long that it ends in the slot after the one it was meant for. */
  class SlowStore extends ReleaseStoreService {
    override async commit(...args: Parameters<ReleaseStoreService['commit']>): Promise<boolean> {
      clock.move(SLOT_MS + 10);
      return await super.commit(...args);
    }
  }

  it('is dated by a slot and not shown before it', async () => {
    clock.move(1);
    const gate = await gateOf({ slotMs: SLOT_MS });
    const [brandId = ''] = await openBrands(gate.source.manager, 1);
    const { row, visible } = await gate.releases.release(request(question(brandId, 1), { waitMs: 50 }));
    expect(visible).toBe(false);
    expect(JSON.parse(row.answer ?? '{}')).toMatchObject({ releasedAt: '2026-11-20T12:00:02.000Z' });
    clock.move(2 * SLOT_MS - 2);
    expect(await gate.releases.find(row.id, 0, [brandId])).toMatchObject({ visible: false });
    clock.move(1);
    expect(await gate.releases.find(row.id, 0, [brandId])).toMatchObject({ visible: true });
  });

  it('that is stored just after its slot is shown to those who wait for it at the next one', async () => {
    clock.move(SLOT_MS - 5);
    const gate = await gateOf({ slotMs: SLOT_MS, makeStore: (source) => new SlowStore(source) });
    const [brandId = ''] = await openBrands(gate.source.manager, 1);
    const { row, visible } = await gate.releases.release(request(question(brandId, 1), { waitMs: 50 }));
    expect({ state: row.state, visible }).toEqual({ state: 'committed', visible: false });
    clock.move(SLOT_MS - 5);
    expect(await gate.releases.find(row.id, 0, [brandId])).toMatchObject({ visible: true });
  });

  it('that was seen is not hidden again by a clock that is set back', async () => {
    const gate = await gateOf({ slotMs: SLOT_MS });
    const [brandId = ''] = await openBrands(gate.source.manager, 1);
    const { row } = await gate.releases.release(request(question(brandId, 1), { waitMs: 50 }));
    clock.move(SLOT_MS);
    expect(await gate.releases.find(row.id, 0, [brandId])).toMatchObject({ visible: true });
    clock.move(-3_600_000);
    expect(await gate.releases.find(row.id, 0, [brandId])).toMatchObject({ visible: true });
  });
});
