import { DomainError, MovableClock } from '#core';
import type { Warehouse } from '#warehouse';
import { seededRandom } from '../../libs/privacy/testing.ts';
import type { AudienceSizeDto } from '../../src/audiences/audiences.dto.ts';
import type { ReleaseViewDto } from '../../src/releases/release-view.dto.ts';
import type { TestApplication } from '../harness/application.ts';
import { brandAtWork } from './brand-at-work.ts';
import type { BrandOrders } from './brand-at-work.ts';
import { everythingRead } from './brand-view.ts';
import { Caller } from './client.ts';
import { countedService, spendsAtLeast } from './counted-retailer.ts';
import { rankCorrelation } from './rank-correlation.ts';
import { settled } from './settled.ts';
import { SteeredWarehouse } from './steered-warehouse.ts';

const MEMBERS = 2_000;

describe('an outcome', () => {
  const SLOT_MS = 1_000;
  const clock = new MovableClock('2026-11-15T10:00:00.300Z');
  let service: TestApplication;
  let brand: Caller;

  beforeAll(async () => {
    service = await countedService({
      name: 'slotted',
      retailer: { members: MEMBERS },
      wrap: (inner: Warehouse) => new SteeredWarehouse(inner),
      clock,
      random: seededRandom('slotted'),
      env: { RELEASE_SLOT_MS: String(SLOT_MS) },
    });
    brand = new Caller(service.url, service.keys.analyst);
  }, 60_000);

  afterAll(() => service.close());

  it.each([
    ['an answer', 1, null, 'SUCCEEDED'],
    ['a failure that keeps its charge', 2, 'warehouse-limit', 'FAILED'],
    ['a failure that gives it back', 3, 'warehouse-busy', 'FAILED'],
  ] as const)('shows nowhere before its slot: %s', async (_, number, failure, state) => {
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    (service.warehouse as SteeredWarehouse).next((count) => async (statement, options) => {
      begun.resolve();
      await go.promise;
      if (failure !== null) throw new DomainError(failure, { public: 'steered' });
      return await count(statement, options);
    });
    const audience = await brand.saved(spendsAtLeast(number));
    const ask = `/v1/audiences/${audience.id}/sizes?wait=0`;
    const { body } = await brand.spend<AudienceSizeDto>(ask, {});
    const { releaseId } = body;
    const at = { brandId: service.keys.brandId, audienceId: audience.id, releaseId };
    await begun.promise;
    const running = await everythingRead(brand, at);

    go.resolve();
    const visibleAt = await settled(service, releaseId);
    expect(visibleAt % SLOT_MS).toBe(0);
    expect(await everythingRead(brand, at)).toEqual(running);
    clock.move(visibleAt - clock.now() - 1);
    expect(await everythingRead(brand, at)).toEqual(running);
    const again = await brand.spend<AudienceSizeDto>(ask, {});
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ releaseId, state: 'RUNNING', replayed: true, charged: { nanoRho: 0 } });

    clock.move(1);
    expect(await everythingRead(brand, at)).not.toEqual(running);
    expect((await brand.get<ReleaseViewDto>(`/v1/releases/${releaseId}`)).body.state).toBe(state);
    clock.move(300);
  });
});

/** How far the time from a question to its answer goes with the size of the noise in it. */
async function correlation(seed: string, more: Partial<BrandOrders> = {}): Promise<number> {
  const orders = { members: MEMBERS, precision: 'standard', questions: 5_000, width: 20, slotMs: 200, seed } as const;
  const { answers } = await brandAtWork({ ...orders, ...more });
  const sizes = answers.map(({ value }) => Math.abs(value - MEMBERS));
  const times = answers.map(({ milliseconds }) => milliseconds);
  return Math.abs(rankCorrelation(times, sizes));
}

describe('the time from a question to its answer', () => {
  // Where the two are independent the correlation of 5,000 pairs has a standard deviation of 0.0141, so that it passes
  // 0.05 with odds of 4·10⁻⁴. Times are not seeded, so a first excess is not taken for one: a second sample of its own
  // decides, and a right service fails with odds of 1.6·10⁻⁷.
  it('says nothing of the noise in it (5,000 calls over HTTP)', async () => {
    const first = await correlation('first sample');
    const decisive = first < 0.05 ? first : await correlation('second sample');
    expect(decisive).toBeLessThan(0.05);
  }, 600_000);

  // Four standard deviations of independent pairs: such a sample comes from a right service with odds of 6·10⁻⁵.
  it('would say it of a sampler that takes its time, without slots (400 calls)', async () => {
    const found = await correlation('telling', { questions: 400, width: 1, slotMs: 0, fault: 'telling' });
    expect(found).toBeGreaterThan(0.2);
  }, 120_000);
});

describe('rank correlation', () => {
  it('is that of Spearman, with mid-ranks', () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 100, 1_000, 10_000])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
    // Ranks 1.5 1.5 3 4 against 1 2 3 4: 4.5 / √(4.5 · 5).
    expect(rankCorrelation([7, 7, 8, 9], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
    expect(rankCorrelation([1, 2, 3, 4, 5], [1, 5, 3, 5, 1])).toBeCloseTo(0, 12);
  });
});
