import { DomainError } from '#core';
import type { NoisyValue } from './noisy-value.ts';
import { projectionOff } from './orthogonal.ts';
import { rowSpace } from './row-space.ts';
import type { SparseVector } from './row-space.ts';

/** A released sum of unknown cells, without its value. */
export interface ObservedSum {
  /** The cells that were summed: distinct indices below `unknowns`. */
  readonly members: readonly number[];
  /** Variance of the noise, > 0. Independent of that of every other sum. */
  readonly variance: number;
}

/** Marginals of one additive metric over one grid of cells. Public: it never depends on rows. */
export interface ReconciliationDesign {
  /** Cells of the grid, ≥ 1. */
  readonly unknowns: number;
  readonly observed: readonly ObservedSum[];
}

/** A sum of cells as reconciled. `standardError` is the square root of `variance`. */
export interface ReconciledSum extends NoisyValue {
  readonly standardError: number;
}

/** All released sums of a metric, made to add up. */
export interface Reconciled {
  /**
   * The best estimate of the sum of some cells. @param sumOf distinct indices, at least one.
   * @throws DomainError `privacy-parameter` when the released sums do not determine this one.
   */
  estimate(sumOf: readonly number[]): ReconciledSum;
}

/** A design whose equations are solved; the values come later, as often as needed. */
export interface Reconciliation {
  /** Whether the released sums determine the sum of these cells. */
  isEstimable(sumOf: readonly number[]): boolean;
  /**
   * The standard error that the estimate will have, from the design alone.
   * @throws DomainError `privacy-parameter` when the released sums do not determine this one.
   */
  standardError(sumOf: readonly number[]): number;
  /** @param values released, in the order of `observed`. @throws DomainError `privacy-parameter`. */
  solve(values: readonly number[]): Reconciled;
}

/** The weight of every released sum in one estimate, and the variance that follows. */
interface Weighting {
  readonly weights: readonly number[];
  readonly variance: number;
}

const refuse = (text: string): never => {
  throw new DomainError('privacy-parameter', { public: text });
};

function indicator(cells: readonly number[], unknowns: number): SparseVector {
  const vector = new Map<number, bigint>();
  for (const cell of cells) {
    if (!Number.isInteger(cell) || cell < 0 || cell >= unknowns) refuse(`a cell must be from 0 to ${unknowns - 1}`);
    if (vector.has(cell)) refuse('a sum has each cell once');
    vector.set(cell, 1n);
  }
  return vector.size === 0 ? refuse('a sum has at least one cell') : vector;
}

/**
 * Turns any unbiased weights of the released sums into the best ones. Weights are unbiased up to a dependency: a
 * combination of released sums that is 0 without noise. The best have none of them in them, measured in units of σ.
 */
function improver(dependencies: readonly SparseVector[], variances: readonly number[]) {
  const sigmas = variances.map(Math.sqrt);
  const project = projectionOff(
    dependencies.map((dependency) => sigmas.map((sigma, i) => sigma * Number(dependency.get(i) ?? 0n))),
  );
  return (weights: readonly number[]): Weighting => {
    const scaled = project(sigmas.map((sigma, i) => sigma * (weights[i] ?? 0)));
    return {
      weights: scaled.map((weight, i) => weight / (sigmas[i] ?? 1)),
      variance: scaled.reduce((sum, weight) => sum + weight * weight, 0),
    };
  };
}

/**
 * Generalised least squares over all marginals of one additive metric: minimises Σ (sum of cells − released sum)²/σ²
 * over the grid, and answers for the sums of cells that the marginals determine.
 *
 * Each estimate is linear in the released values, unbiased, and has the smallest variance of all such estimates (Aitken
 * 1935), so never more than a released value of the same sum. Estimates add up exactly as the cells do. The cells
 * themselves are mostly not determined and never computed: the marginals of T days and 5 channels leave far more
 * unknowns than equations. Which sums are determined is decided in exact integers; only the noise enters in doubles.
 *
 * It is post-processing and costs no privacy. Distinct members of different grains do not add up: never reconcile
 * them with each other.
 *
 * @throws DomainError `privacy-parameter` for a cell outside the grid, a sum of no cell, or a variance that is not
 * positive and finite.
 */
export function reconciliation({ unknowns, observed }: ReconciliationDesign): Reconciliation {
  if (!Number.isSafeInteger(unknowns) || unknowns < 1) refuse('a grid has at least one cell');
  const variances = observed.map(({ variance }) =>
    variance > 0 && variance < Infinity ? variance : refuse('the variance of a released sum must be positive'),
  );
  const space = rowSpace(observed.map(({ members }) => indicator(members, unknowns)));
  const improve = improver(space.dependencies, variances);
  const known = new Map<string, Weighting | undefined>();

  const weigh = (sumOf: readonly number[]): Weighting | undefined => {
    const combination = space.express(indicator(sumOf, unknowns));
    if (combination === undefined) return undefined;
    return improve(variances.map((_, i) => Number(combination.weights.get(i) ?? 0n) / Number(combination.divisor)));
  };
  const weighting = (sumOf: readonly number[]): Weighting | undefined => {
    const key = sumOf.join();
    if (!known.has(key)) known.set(key, weigh(sumOf));
    return known.get(key);
  };
  const determined = (sumOf: readonly number[]): Weighting =>
    weighting(sumOf) ?? refuse('the released sums do not determine this one');

  return {
    isEstimable: (sumOf) => weighting(sumOf) !== undefined,
    standardError: (sumOf) => Math.sqrt(determined(sumOf).variance),
    solve(values) {
      if (values.length !== variances.length || !values.every(Number.isFinite))
        refuse(`${variances.length} finite values belong to this design`);
      return {
        estimate(sumOf) {
          const { weights, variance } = determined(sumOf);
          const value = weights.reduce((sum, weight, i) => sum + weight * (values[i] ?? 0), 0);
          return { value, variance, standardError: Math.sqrt(variance) };
        },
      };
    },
  };
}

/**
 * Reconciles released sums once; for many draws of one design use `reconciliation`.
 * @throws DomainError `privacy-parameter` as `reconciliation`.
 */
export function reconcile(measured: {
  readonly unknowns: number;
  readonly observed: readonly (ObservedSum & { readonly value: number })[];
}): Reconciled {
  return reconciliation(measured).solve(measured.observed.map(({ value }) => value));
}
