import { inspect, isDeepStrictEqual } from 'node:util';
import { DomainError } from '#core';
import type { ContributionBounds, RawVector } from '#core';
import { openRawVector } from '../core/raw.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { sensitivitySquared } from './marginal.ts';
import type { GridMarginal } from './marginal.ts';
import type { NoisyValue } from './noisy-value.ts';
import type { RandomSource } from './random.ts';
import { toNumber } from './rational.ts';
import type { Rational } from './rational.ts';
import { priceNanoRho } from './zcdp.ts';

/** How a vector is released. Public: it never depends on rows. Δ² is no part of it, it follows from the first two. */
export interface VectorPlan {
  readonly marginal: GridMarginal;
  readonly bounds: ContributionBounds;
  /** Variance parameter of the noise on every coordinate. */
  readonly sigma2: Rational;
}

/**
 * The price of one release of the whole vector, nano-ρ: ⌈10⁹ · Δ²/2σ²⌉.
 * @throws DomainError `privacy-parameter`.
 */
export function priceVector({ marginal, bounds, sigma2 }: VectorPlan): bigint {
  return priceNanoRho(sensitivitySquared(marginal, bounds), sigma2);
}

// Set by the classes below, which alone can make one.
let issue: (values: readonly bigint[], plan: VectorPlan) => ReleasedVector;
let slice: (values: readonly bigint[], places: readonly number[], plan: VectorPlan) => ReleasedSlice;

/**
 * Numbers that carry their noise, one for each coordinate of a public grid. `releaseVector` makes it and nothing else
 * can, so whatever takes one computes from released numbers alone and costs no privacy.
 *
 * The numbers of cells below the minimum cohort are in it too, because sums over the grid need them. Therefore it has no
 * serial form: people get its cells, through a gate.
 */
export class ReleasedVector {
  readonly #values: readonly bigint[];
  readonly #plan: VectorPlan;

  private constructor(values: readonly bigint[], plan: VectorPlan) {
    this.#values = Object.freeze(values);
    this.#plan = plan;
  }

  /** The noisy numbers in the order of the grid: members, units or cents. May be negative. */
  get values(): readonly bigint[] {
    return this.#values;
  }

  get plan(): VectorPlan {
    return this.#plan;
  }

  /** @throws TypeError always: cells are shown through a gate. */
  toJSON(): never {
    throw new TypeError('a ReleasedVector is shown as gated cells');
  }

  [inspect.custom](): string {
    return `ReleasedVector(${this.#values.length} coordinates)`;
  }

  static {
    issue = (values: readonly bigint[], plan: VectorPlan): ReleasedVector => new ReleasedVector(values, plan);
  }
}

/**
 * Releases a vector: every exact number + one exact draw of N_Z(0, σ²) of its own, for every coordinate of the grid,
 * empty ones too.
 *
 * Δ²/2σ²-zCDP, where Δ² is that of the plan's marginal under its bounds; `priceVector(plan)` is its price.
 *
 * @param raw the exact numbers, in the order of the grid. @param random `systemRandom()` in the product.
 * @throws DomainError `privacy-parameter`, also where the numbers are not as many as the coordinates, before the vector
 * is opened.
 */
export function releaseVector(raw: RawVector, plan: VectorPlan, random: RandomSource): ReleasedVector {
  sensitivitySquared(plan.marginal, plan.bounds);
  const places = Array.from({ length: plan.marginal.coordinates }, (_, place) => place);
  return joinSlices([releaseSlice(raw, plan, places, random)]);
}

/** Some coordinates of a vector with their noise, e.g. those of one day. As closed as the whole. */
export class ReleasedSlice {
  readonly #values: readonly bigint[];
  readonly places: readonly number[];
  readonly plan: VectorPlan;

  private constructor(values: readonly bigint[], places: readonly number[], plan: VectorPlan) {
    this.#values = values;
    this.places = places;
    this.plan = plan;
  }

  /** The noisy numbers in the order of the places. */
  get values(): readonly bigint[] {
    return this.#values;
  }

  /** @throws TypeError always: cells are shown through a gate. */
  toJSON(): never {
    throw new TypeError('a ReleasedSlice is shown as gated cells');
  }

  static {
    slice = (values: readonly bigint[], places: readonly number[], plan: VectorPlan): ReleasedSlice =>
      new ReleasedSlice(Object.freeze([...values]), Object.freeze([...places]), plan);
  }
}

/**
 * Releases some coordinates of a vector now and others later, each with one draw of its own: what a day brings is told
 * that day. The whole costs `priceVector(plan)` once, however it is sliced, as long as each coordinate is released once;
 * Δ² is that of the whole, since a member's rows may fall into several slices.
 *
 * @param raw the exact numbers of these places, in their order. @param places positions in the plan's grid.
 * @throws DomainError `privacy-parameter`, before the vector is opened.
 */
export function releaseSlice(
  raw: RawVector,
  plan: VectorPlan,
  places: readonly number[],
  random: RandomSource,
): ReleasedSlice {
  const { marginal, bounds, sigma2 } = plan;
  sensitivitySquared(marginal, bounds);
  if (raw.length !== places.length) {
    refuse('have one number for each of its coordinates', `${raw.length} numbers for ${places.length} places`);
  }
  const known = new Set(
    places.filter((place) => Number.isInteger(place) && place >= 0 && place < marginal.coordinates),
  );
  if (known.size !== places.length) refuse('name places of its grid once each', places.join());
  const draw = discreteGaussian(sigma2);
  const values = openRawVector(raw).map((exact) => exact + draw(random));
  return slice(values, places, Object.freeze({ marginal, bounds, sigma2 }));
}

/**
 * The whole vector of its slices, once all are released. Post-processing.
 * @throws DomainError `privacy-parameter` unless they are of one plan and have each coordinate once.
 */
export function joinSlices(slices: readonly ReleasedSlice[]): ReleasedVector {
  const [first] = slices;
  if (first === undefined) refuse('have slices', 'none');
  const { plan } = first;
  if (!slices.every((each) => samePlan(each.plan, plan))) refuse('be of one plan', 'several plans');
  const values = new Map(
    slices.flatMap((each) => each.places.map((place, i) => [place, each.values[i] ?? 0n] as const)),
  );
  const placed = slices.reduce((sum, each) => sum + each.places.length, 0);
  const { coordinates } = plan.marginal;
  if (placed !== coordinates || values.size !== coordinates) {
    refuse('have each coordinate once', `${placed} numbers at ${values.size} of ${coordinates} places`);
  }
  return issue(
    Array.from({ length: coordinates }, (_, place) => values.get(place) ?? 0n),
    plan,
  );
}

const samePlan = (a: VectorPlan, b: VectorPlan): boolean =>
  isDeepStrictEqual(a.marginal, b.marginal) &&
  isDeepStrictEqual(a.bounds, b.bounds) &&
  isDeepStrictEqual(a.sigma2, b.sigma2);

function refuse(must: string, internal: string): never {
  throw new DomainError('privacy-parameter', { public: `a released vector must ${must}`, internal });
}

/** The numbers of a released vector with their variance, in its order and unit: what the derivations compute from. */
export function noisyValues({ values, plan }: ReleasedVector): readonly NoisyValue[] {
  const variance = toNumber(plan.sigma2);
  return values.map((value) => ({ value: Number(value), variance }));
}
