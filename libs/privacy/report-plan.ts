import { DomainError } from '#core';
import type { ContributionBounds } from '#core';
import { MAX_SIGMA2, checkSigma2 } from './checks.ts';
import type { CountRelease } from './count-release.ts';
import type { CurvePlan } from './curve-release.ts';
import { sensitivitySquared } from './marginal.ts';
import type { Marginal } from './marginal.ts';
import { ceilingOfQuotient } from './rational.ts';
import type { Rational } from './rational.ts';
import { BASIS_POINTS, SHARES } from './report-shares.ts';
import type { PartName, PlanSize, Share } from './report-shares.ts';
import type { VectorPlan } from './vector-release.ts';
import { NANO_RHO_PER_RHO } from './zcdp.ts';

/** What a campaign's report is about. Public, fixed when the campaign starts. */
export interface ReportShape {
  /** Keys of the day grain: event days, and those of late and returned rows. */
  readonly days: number;
  /** Keys of the week grain, likewise. */
  readonly weeks: number;
  readonly channels: number;
  /** Days of the running number of first buyers. */
  readonly buyingDays: number;
  /** Days of the running reach. */
  readonly reachDays: number;
  readonly bounds: ContributionBounds;
}

/** One release of a report, or one family of curves. It costs exactly its share, nano-ρ. */
export type ReportPart = { readonly name: PartName; readonly nanoRho: bigint } & (
  { readonly kind: 'vector'; readonly plan: VectorPlan } | { readonly kind: 'curves'; readonly plan: CurvePlan }
);

/** Every vector of a campaign's report with its noise. The whole is charged once, when the campaign starts. */
export interface ReportPlan {
  readonly size: PlanSize;
  /** The sum of the parts: what the report is charged. Below what it was given by less than one nano-ρ a part. */
  readonly nanoRho: bigint;
  readonly parts: readonly ReportPart[];
}

const SMALL_BELOW = 150_000n;
const MEDIUM_BELOW = 600_000n;
/** A campaign's overlap is told for this many groups of channels at most. */
const OVERLAP_GROUPS_MAX = 5;
const FREQUENCY_BINS = 10;
const LOYALTY_CELLS = 3;

/**
 * The plan for a campaign's audience, from its released size: S below 150,000 members, M below 600,000, L from there.
 * A size that could not be shown is small.
 */
export function planSizeOf(audience: CountRelease): PlanSize {
  if (audience.verdict === 'SUPPRESSED' || audience.value < SMALL_BELOW) return 'S';
  return audience.value < MEDIUM_BELOW ? 'M' : 'L';
}

const MARGINALS: Readonly<Record<PartName, (shape: ReportShape) => Marginal>> = {
  'buyers/day': ({ days }) => ({ kind: 'members', keys: ['event-day'], coordinates: days }),
  'buyers/day×channel': ({ days, channels }) => ({
    kind: 'members',
    keys: ['event-day', 'channel'],
    coordinates: days * channels,
  }),
  'buyers/week': ({ weeks }) => ({ kind: 'members', keys: ['week'], coordinates: weeks }),
  'buyers/week×channel': ({ weeks, channels }) => ({
    kind: 'members',
    keys: ['week', 'channel'],
    coordinates: weeks * channels,
  }),
  'buyers/channel': ({ channels }) => ({ kind: 'members', keys: ['channel'], coordinates: channels }),
  'sales/day': ({ days }) => ({ kind: 'money', keys: ['event-day'], coordinates: days }),
  'sales/week': ({ weeks }) => ({ kind: 'money', keys: ['week'], coordinates: weeks }),
  'sales/week×channel': ({ weeks, channels }) => ({
    kind: 'money',
    keys: ['week', 'channel'],
    coordinates: weeks * channels,
  }),
  'sales/channel': ({ channels }) => ({ kind: 'money', keys: ['channel'], coordinates: channels }),
  'sales/total': () => ({ kind: 'money', keys: [], coordinates: 1 }),
  'firstBuyers/curve': ({ buyingDays }) => ({ kind: 'curves', curves: 1n, horizon: buyingDays }),
  'firstBuyers/week': ({ weeks }) => ({ kind: 'partition', keys: ['week'], coordinates: weeks }),
  'firstBuyers/week×channel': ({ weeks, channels }) => ({
    kind: 'partition',
    keys: ['week', 'channel'],
    coordinates: weeks * channels,
  }),
  'reach/curves': ({ channels, reachDays }) => ({ kind: 'curves', curves: 1n + BigInt(channels), horizon: reachDays }),
  'newToBrand/week': ({ weeks }) => ({
    kind: 'partition',
    keys: ['week', 'loyalty'],
    coordinates: LOYALTY_CELLS * weeks,
  }),
  frequency: () => ({ kind: 'partition', keys: ['frequency'], coordinates: FREQUENCY_BINS }),
  overlap: ({ channels }) => ({
    kind: 'partition',
    keys: ['overlap'],
    coordinates: 2 ** Math.min(channels, OVERLAP_GROUPS_MAX) - 1,
  }),
};

/** The variance whose price is exactly `nanoRho`: σ² = 10⁹·Δ² / 2n, in lowest terms. */
function varianceFor(nanoRho: bigint, squared: bigint): Rational {
  const [num, den] = [NANO_RHO_PER_RHO * squared, 2n * nanoRho];
  let [divisor, rest] = [num, den];
  while (rest > 0n) [divisor, rest] = [rest, divisor % rest];
  return { num: num / divisor, den: den / divisor };
}

/**
 * One part of the plan that {@link reportPlan} gives.
 * @throws DomainError `privacy-parameter`.
 */
export function reportPart({ name, basisPoints }: Share, reportNanoRho: bigint, shape: ReportShape): ReportPart {
  const nanoRho = (reportNanoRho * basisPoints) / BASIS_POINTS;
  if (nanoRho < 1n)
    throw new DomainError('privacy-parameter', {
      public: 'the price of a report must leave at least 1 nano-rho for each of its parts',
      internal: `${name} has ${nanoRho}`,
    });
  const marginal = MARGINALS[name](shape);
  const { bounds } = shape;
  const sigma2 = varianceFor(nanoRho, sensitivitySquared(marginal, bounds));
  checkSigma2(sigma2);
  if (marginal.kind === 'curves') {
    const { curves, horizon } = marginal;
    return { name, nanoRho, kind: 'curves', plan: { curves, horizon, sigma2 } };
  }
  return { name, nanoRho, kind: 'vector', plan: { marginal, bounds, sigma2 } };
}

/**
 * The plan of a campaign's report: what is released, and how much of the loss each part is given. It follows from public
 * or released numbers alone.
 *
 * @param nanoRho most that the report may cost in all.
 * @throws DomainError `privacy-parameter`, also when that is less than `leastNanoRho`.
 */
export function reportPlan(size: PlanSize, nanoRho: bigint, shape: ReportShape): ReportPlan {
  const parts = SHARES[size].map((share) => reportPart(share, nanoRho, shape));
  return { size, nanoRho: parts.reduce((sum, part) => sum + part.nanoRho, 0n), parts };
}

/**
 * The least that a report of this size may be given, nano-ρ: below it the noise of one of its parts would be beyond what
 * the sampler draws.
 * @throws DomainError `privacy-parameter`.
 */
export function leastNanoRho(size: PlanSize, shape: ReportShape): bigint {
  const least = SHARES[size].map(({ name, basisPoints }) => {
    const squared = sensitivitySquared(MARGINALS[name](shape), shape.bounds);
    const part = ceilingOfQuotient(NANO_RHO_PER_RHO * squared, 2n * MAX_SIGMA2);
    return ceilingOfQuotient(part * BASIS_POINTS, basisPoints);
  });
  return least.reduce((most, nanoRho) => (nanoRho > most ? nanoRho : most));
}
