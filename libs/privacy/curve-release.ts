import { DomainError } from '#core';
import type { RawVector } from '#core';
import { openRawVector } from '../core/raw.ts';
import { checkSensitivity } from './checks.ts';
import { curveStandardErrors } from './curve-estimate.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import type { RandomSource } from './random.ts';
import type { Rational } from './rational.ts';
import { columnNormSquared, squareRootColumn } from './sqrt-matrix.ts';
import { priceNanoRho } from './zcdp.ts';

/** How cumulative curves of first touches are released, a value a day. Public: it never depends on rows. */
export interface CurvePlan {
  /** T, the days of the flight, 1 … 366. */
  readonly horizon: number;
  /** Curves released together, ≥ 1: in each of them a member adds 1 on one day at most. */
  readonly curves: bigint;
  /** Variance parameter of the noise on a released value, in the units of K (1024 to a member). */
  readonly sigma2: Rational;
}

/** What the curves of a plan cost over the whole flight, and how exact each day will be. */
export interface CurvePreview {
  /** Δ₂² of all days of all curves, in the units of K. */
  readonly sensitivitySquared: bigint;
  /** Price of the whole flight, nano-ρ, due before the first day. */
  readonly nanoRho: bigint;
  /** Standard error of the cumulative count of each day, members. */
  readonly standardErrors: readonly number[];
}

/**
 * Δ₂² of all days of all curves: curves · columnNormSquared(T). In each curve a member's only contribution changes the
 * released days by one column of K.
 * @throws DomainError `privacy-parameter`.
 */
export function curveSensitivitySquared({ horizon, curves }: Pick<CurvePlan, 'horizon' | 'curves'>): bigint {
  checkSensitivity(curves);
  return curves * columnNormSquared(horizon);
}

/**
 * The price and the expected error of a plan, from its parameters alone. It touches no data and costs nothing.
 * @throws DomainError `privacy-parameter`.
 */
export function previewCurves(plan: CurvePlan): CurvePreview {
  const sensitivitySquared = curveSensitivitySquared(plan);
  return {
    sensitivitySquared,
    nanoRho: priceNanoRho(sensitivitySquared, plan.sigma2),
    standardErrors: curveStandardErrors(plan),
  };
}

/**
 * Releases day t of one curve: row t of K · x plus one exact draw of N_Z(0, σ²), in the units of K, where x are the daily
 * increments. The values of days 1 … t go to `estimateCurve`.
 *
 * All days of all curves of the plan together are `previewCurves(plan).nanoRho`, also when later data react to earlier
 * answers: K is lower triangular, so each day is one more adaptive Gaussian release of fixed increments. Two things are
 * the duty of the query and are believed: over the flight a member adds 1 on one day at most (of this curve), and an
 * increment once released through never changes (late touches count on the day they arrive). A day is released once.
 *
 * @param increments members first touched on each of the days 1 … t; its length is t.
 * @param random `systemRandom()` in the product.
 * @returns the noisy value, in the units of K.
 * @throws DomainError `privacy-parameter` when t is 0 or beyond the horizon, before the increments are opened.
 */
export function releaseCurveDay(increments: RawVector, plan: CurvePlan, random: RandomSource): bigint {
  const day = increments.length;
  if (day < 1 || day > plan.horizon) {
    throw new DomainError('privacy-parameter', {
      public: `a day of this curve must be from 1 to ${plan.horizon}`,
      internal: `day = ${day}`,
    });
  }
  const column = squareRootColumn(plan.horizon);
  const noise = discreteGaussian(plan.sigma2)(random);
  return openRawVector(increments).reduce((sum, members, i) => sum + (column[day - 1 - i] ?? 0n) * members, noise);
}
