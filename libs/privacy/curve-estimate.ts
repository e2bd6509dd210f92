import { DomainError } from '#core';
import { checkSigma2 } from './checks.ts';
import type { NoisyValue } from './noisy-value.ts';
import { toNumber } from './rational.ts';
import type { Rational } from './rational.ts';
import { MATRIX_SCALE, checkHorizon, inverseColumn, squareRootColumn } from './sqrt-matrix.ts';

/** The members of a curve as estimated from its released days: post-processing, so it costs nothing. */
export interface CurveEstimate {
  /** Members up to and including each released day. */
  readonly cumulative: readonly NoisyValue[];
  /** Members first touched on each released day. */
  readonly increments: readonly NoisyValue[];
  /**
   * Members first touched from day `from` to day `to`, both included and counted from 1. Its variance is exact; it is
   * not the sum of the days' variances, for their errors are correlated.
   * @throws DomainError `privacy-parameter` when the days are not among the released ones in order.
   */
  between(from: number, to: number): NoisyValue;
}

/** Row sums of K⁻¹ up to each lag, starting with 0: `sums[n]` is the sum of the first n entries of its first column. */
function prefixSums(inverse: readonly number[]): readonly number[] {
  let sum = 0;
  return [0, ...inverse.map((entry) => (sum += entry))];
}

/** Variance of the sum of the increments of days from … to, for noise of variance 1 on each released value. */
function unitVariance(sums: readonly number[], from: number, to: number): number {
  let squares = 0;
  for (let day = 1; day <= to; day += 1) {
    // How much the noise of `day` weighs: the sum of the entries of K⁻¹ in its column, over the rows from … to.
    const weight = (sums[to - day + 1] ?? 0) - (sums[Math.max(from - day, 0)] ?? 0);
    squares += weight * weight;
  }
  return squares;
}

/** The increments K⁻¹ y, by forward substitution. */
function solve(noisy: readonly bigint[]): readonly number[] {
  const column = squareRootColumn(noisy.length).map(Number);
  const increments: number[] = [];
  for (const [day, value] of noisy.entries()) {
    let rest = Number(value);
    for (const [earlier, members] of increments.entries()) rest -= (column[day - earlier] ?? 0) * members;
    increments.push(rest / Number(MATRIX_SCALE));
  }
  return increments;
}

/**
 * Estimates a curve from the noisy values of its first days: A·K⁻¹·y for the released y, A the matrix of prefix sums.
 *
 * Unbiased, and exact when the noise is 0. The estimate of a day uses that day and earlier ones, so it never changes
 * when later days arrive. The variance depends on σ² and on the day alone.
 *
 * @param noisy what `releaseCurveDay` gave for the days 1 … t, in order; at least one.
 * @param sigma2 variance parameter of the noise, in the units of K.
 * @throws DomainError `privacy-parameter`.
 */
export function estimateCurve(noisy: readonly bigint[], { sigma2 }: { readonly sigma2: Rational }): CurveEstimate {
  checkSigma2(sigma2);
  const increments = solve(noisy);
  const sums = prefixSums(inverseColumn(noisy.length));
  const variance = toNumber(sigma2);
  const between = (from: number, to: number): NoisyValue => {
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 1 && from <= to && to <= increments.length)) {
      throw new DomainError('privacy-parameter', {
        public: `days must be integers from 1 to ${increments.length}, in order`,
        internal: `${from} to ${to}`,
      });
    }
    let value = 0;
    for (const members of increments.slice(from - 1, to)) value += members;
    return { value, variance: variance * unitVariance(sums, from, to) };
  };
  return {
    cumulative: increments.map((_, i) => between(1, i + 1)),
    increments: increments.map((_, i) => between(i + 1, i + 1)),
    between,
  };
}

/**
 * The standard error of the cumulative count of each day 1 … T, members, before anything is released.
 * @param plan `sigma2` in the units of K.
 * @throws DomainError `privacy-parameter`.
 */
export function curveStandardErrors(plan: { readonly horizon: number; readonly sigma2: Rational }): readonly number[] {
  checkHorizon(plan.horizon);
  checkSigma2(plan.sigma2);
  const sums = prefixSums(inverseColumn(plan.horizon));
  const variance = toNumber(plan.sigma2);
  return Array.from({ length: plan.horizon }, (_, i) => Math.sqrt(variance * unitVariance(sums, 1, i + 1)));
}
