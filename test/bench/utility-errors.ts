import { RawVector } from '#core';
import type { RandomSource } from '#privacy';
import { estimateCurve } from '../../libs/privacy/curve-estimate.ts';
import { releaseCurveDay } from '../../libs/privacy/curve-release.ts';
import type { CurvePlan } from '../../libs/privacy/curve-release.ts';
import type { NoisyValue } from '../../libs/privacy/noisy-value.ts';
import { toNumber } from '../../libs/privacy/rational.ts';
import { reconciliation } from '../../libs/privacy/reconcile.ts';
import type { ReportPart, ReportPlan } from '../../libs/privacy/report-plan.ts';
import type { PartName } from '../../libs/privacy/report-shares.ts';
import { noisyValues, releaseVector } from '../../libs/privacy/vector-release.ts';
import { CHANNELS, DAYS, GRAINS } from './utility-campaign.ts';
import type { Campaign, Grain } from './utility-campaign.ts';

/** The noisy numbers of every vector of a report, released once. */
export type Released = ReadonlyMap<PartName, readonly NoisyValue[]>;

/** Estimates of one kind from a released report, less what they estimate. */
export type Errors = (released: Released) => readonly number[];

type VectorPart = Extract<ReportPart, { kind: 'vector' }>;

const isVector = (part: ReportPart): part is VectorPart => part.kind === 'vector';
const valuesOf = (released: Released, name: PartName): readonly NoisyValue[] => {
  const values = released.get(name);
  if (values === undefined) throw new RangeError(`the report has no ${name}`);
  return values;
};
const exactOf = ({ exact }: Campaign, name: PartName): readonly number[] =>
  name in exact ? exact[name as keyof Campaign['exact']].map(Number) : [];
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Releases every vector of the plan, again at each call. */
export function releaser(plan: ReportPlan, campaign: Campaign, random: RandomSource): () => Released {
  const vectors = plan.parts
    .filter(isVector)
    .map((part) => [part, new RawVector(exactOf(campaign, part.name).map(BigInt))] as const);
  return () => new Map(vectors.map(([part, raw]) => [part.name, noisyValues(releaseVector(raw, part.plan, random))]));
}

/** The numbers of a part as they are. */
export function direct(campaign: Campaign, name: PartName): Errors {
  const exact = exactOf(campaign, name);
  return (released) => valuesOf(released, name).map(({ value }, i) => value - (exact[i] ?? NaN));
}

const WEEKS_OF_DAYS = GRAINS.week.map((cells) => [...new Set(cells.map((cell) => Math.floor(cell / CHANNELS)))]);

/** Weeks summed from the numbers of days. */
export function weeksOfDays(campaign: Campaign, name: PartName): Errors {
  const days = direct(campaign, name);
  return (released) => {
    const errors = days(released);
    return WEEKS_OF_DAYS.map((week) => total(week.map((day) => errors[day] ?? NaN)));
  };
}

/**
 * Sums at a grain after all parts of an additive metric are reconciled: generalised least squares. Of a fine grain a few
 * sums stand for all.
 */
export function reconciled(
  plan: ReportPlan,
  campaign: Campaign,
  metric: 'sales' | 'buyers',
  parts: readonly Grain[],
  grain: Grain,
): Errors {
  const names = parts.map((of): PartName => `${metric}/${of}` as PartName);
  const design = names.flatMap((name, i) => {
    const variance = toNumber(plan.parts.find((part) => part.name === name)?.plan.sigma2 ?? { num: 0n, den: 1n });
    return GRAINS[parts[i] ?? 'total'].map((members) => ({ members, variance }));
  });
  const solved = reconciliation({ unknowns: DAYS * CHANNELS, observed: design });
  const errors = names.map((name) => direct(campaign, name));
  return (released) => {
    // The estimate is linear and the exact numbers add up, so the error of the estimate is the estimate of the errors.
    const answer = solved.solve(errors.flatMap((of) => of(released)));
    return sampleOf(grain).map((cells) => answer.estimate(cells).value);
  };
}

/** Some coordinates of a grain, of every week its part, so that their mean error is that of all. */
function sampleOf(grain: Grain): readonly (readonly number[])[] {
  if (grain === 'day') return GRAINS.day.filter((_, day) => day % 3 === 1);
  return grain === 'week×channel' ? GRAINS[grain].filter((_, i) => i % CHANNELS === 0) : GRAINS[grain];
}

const LOYALTY_CELLS = 3;
const every = (values: readonly NoisyValue[], place: number): number[] =>
  values.filter((_, i) => i % LOYALTY_CELLS === place).map(({ value }) => value);

/** The share of the new among those known to be new or not, of each week or of the campaign; its error in points. */
export function newShare(campaign: Campaign, of: 'week' | 'campaign'): Errors {
  const cells = exactOf(campaign, 'newToBrand/week');
  const truth = (cells[0] ?? NaN) / ((cells[0] ?? NaN) + (cells[1] ?? NaN));
  return (released) => {
    const values = valuesOf(released, 'newToBrand/week');
    const [fresh, existing] = [every(values, 0), every(values, 1)];
    if (of === 'campaign') return [total(fresh) / (total(fresh) + total(existing)) - truth];
    return fresh.map((n, week) => n / (n + (existing[week] ?? NaN)) - truth);
  };
}

/** The error of the last day of one curve, released day by day. */
export function curveEnd(plan: CurvePlan, aDay: bigint, random: RandomSource): () => number {
  const increments = Array.from({ length: plan.horizon }, (_, day) => new RawVector(Array<bigint>(day + 1).fill(aDay)));
  return () => {
    const noisy = increments.map((raw) => releaseCurveDay(raw, plan, random));
    return (estimateCurve(noisy, plan).cumulative.at(-1)?.value ?? NaN) - Number(aDay) * plan.horizon;
  };
}

/** The root of the mean square of each estimate's errors over repeated releases, averaged over the estimates. */
export class RootMeanSquare {
  readonly #squares: number[] = [];
  #repetitions = 0;

  add(errors: readonly number[]): void {
    for (const [i, error] of errors.entries()) this.#squares[i] = (this.#squares[i] ?? 0) + error * error;
    this.#repetitions += 1;
  }

  get value(): number {
    return total(this.#squares.map((sum) => Math.sqrt(sum / this.#repetitions))) / this.#squares.length;
  }
}
