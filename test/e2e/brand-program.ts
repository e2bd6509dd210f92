import { randomUUID } from 'node:crypto';
import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import type { RandomSource } from '../../libs/privacy/random.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import type { Warehouse } from '#warehouse';
import type { AudienceEstimateDto } from '../../src/audiences/audiences.dto.ts';
import { FetchClient } from '../../src/boot/tour-client.ts';
import { audienceSizePlan } from '../../src/releases/precision.ts';
import type { BudgetListDto } from '../../src/releases/budgets.dto.ts';
import type { TestApplication } from '../harness/application.ts';
import type { BrandOrders, ReadAnswer, Transcript } from './brand-at-work.ts';
import { countedService, spendsAtLeast } from './counted-retailer.ts';
import { countingTwice } from './counting-warehouse.ts';
import { silentRandom, tellingRandom } from './faulty-noise.ts';
import { inParallel } from './in-parallel.ts';

/** Of the telling noise: a draw of one standard deviation at σ = 100 takes 25 ms. */
const TELLING_MS_PER_UNIT = 0.25;

/** Caps far above what is asked, micro-ρ. Those of the two brands together stay below the global ones. */
const CAPS = {
  HAVEN_GLOBAL_MONTH_MICRO_RHO: '100000000',
  HAVEN_GLOBAL_YEAR_MICRO_RHO: '100000000',
  HAVEN_AGENCY_MONTH_MICRO_RHO: '100000000',
  HAVEN_BRAND_MONTH_MICRO_RHO: '10000000',
  HAVEN_BRAND_YEAR_MICRO_RHO: '10000000',
} as const;

const orders = JSON.parse(process.argv[2] ?? '{}') as BrandOrders;

function noise(): RandomSource {
  const sampler = discreteGaussian(audienceSizePlan(orders.precision).sigma2);
  if (orders.fault === 'silent') return silentRandom(sampler);
  const seeded = seededRandom(orders.seed);
  return orders.fault === 'telling' ? tellingRandom(sampler, seeded, TELLING_MS_PER_UNIT) : seeded;
}

const wrap = (inner: Warehouse): Warehouse =>
  orders.fault === 'twice' ? countingTwice(inner, `m.member_id > ${orders.twiceAbove}`) : inner;

async function ask(service: TestApplication, number: number): Promise<ReadAnswer> {
  const started = performance.now();
  const { status, text, body } = await new FetchClient(service.url).call<AudienceEstimateDto>({
    method: 'POST',
    path: '/v1/audiences/estimate?wait=20',
    key: service.keys.analyst,
    headers: { 'Idempotency-Key': randomUUID() },
    body: { definition: spendsAtLeast(1 + number), precision: orders.precision },
  });
  const milliseconds = performance.now() - started;
  const { releaseId, release, replayed } = body;
  if (status !== 200 || release?.value === null || release?.value === undefined) throw new Error(`no answer: ${text}`);
  return { releaseId, value: release.value, nanoRho: release.nanoRho, replayed, milliseconds };
}

async function charged({ url, keys }: TestApplication): Promise<number> {
  const call = { method: 'GET', path: '/v1/budgets', key: keys.analyst } as const;
  const { body } = await new FetchClient(url).call<BudgetListDto>(call);
  const month = body.data.find(({ id, period }) => id === `brand:${keys.brandId}` && period === 'month');
  if (month === undefined) throw new Error('the brand has no budget');
  return month.committedNanoRho;
}

// Ends with the test that started it, however that ends.
process.stdin.resume().once('end', () => process.exit(1));
const service = await countedService({
  name: 'brand',
  retailer: { members: orders.members },
  random: noise(),
  wrap,
  env: { ...CAPS, RELEASE_SLOT_MS: String(orders.slotMs) },
});
const answers = await inParallel(orders.questions, orders.width, (number) => ask(service, number));
const transcript: Transcript = { answers, charged: await charged(service) };
await service.close();
process.stdout.write(JSON.stringify(transcript), () => process.exit(0));
