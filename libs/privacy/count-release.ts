import type { RawCount } from '#core';
import { openRaw } from '../core/raw.ts';
import { checkSensitivity } from './checks.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import type { RandomSource } from './random.ts';
import { toNumber } from './rational.ts';
import { halfWidth95 } from './tails.ts';
import { shown95, tau } from './threshold.ts';
import type { ThresholdRule } from './threshold.ts';
import { priceNanoRho } from './zcdp.ts';

/** How one count of members is released. Public: it never depends on rows. */
export interface CountPlan extends ThresholdRule {
  /** Most that one member can change the count, ≥ 1. */
  readonly sensitivity: bigint;
}

/** What a release would cost and how exact it would be. */
export interface CountPreview {
  /** Price, nano-ρ. */
  readonly nanoRho: bigint;
  /** σ, members. */
  readonly sigma: number;
  /** The released value lies within ± this of the exact count with probability ≥ 95 %, members. */
  readonly interval95HalfWidth: bigint;
  /** Smallest noisy value that is shown, members. */
  readonly tau: bigint;
  /** Smallest cohort that is shown with probability ≥ 95 %, members. */
  readonly shown95: bigint;
}

/** The noisy count with its 95 % interval, or the bare verdict that it may not be shown. */
export type CountRelease =
  | { readonly verdict: 'RELEASED'; readonly value: bigint; readonly interval95: readonly [bigint, bigint] }
  | { readonly verdict: 'SUPPRESSED' };

/** One object for every suppressed count: it cannot carry anything about the one at hand. */
const SUPPRESSED: CountRelease = Object.freeze({ verdict: 'SUPPRESSED' });

/**
 * The price and the expected error of a plan, from its parameters alone. It touches no data and costs nothing.
 * @throws DomainError `privacy-parameter`.
 */
export function previewCount(plan: CountPlan): CountPreview {
  return {
    nanoRho: priceNanoRho(plan.sensitivity ** 2n, plan.sigma2),
    sigma: Math.sqrt(toNumber(plan.sigma2)),
    interval95HalfWidth: halfWidth95(plan.sigma2),
    tau: tau(plan),
    shown95: shown95(plan),
  };
}

/**
 * Releases a count of members: exact count + one exact draw of N_Z(0, σ²), shown when that noisy value is at least τ.
 *
 * Δ²/2σ²-zCDP for the plan's sensitivity Δ, whatever the count; `previewCount(plan).nanoRho` is its price and is due in
 * both branches. The noise is drawn in both branches. A suppressed answer carries the verdict and nothing else.
 *
 * @param raw the exact count. @param random `systemRandom()` in the product.
 * @throws DomainError `privacy-parameter`, before the count is opened.
 */
export function releaseCount(raw: RawCount, plan: CountPlan, random: RandomSource): CountRelease {
  checkSensitivity(plan.sensitivity);
  const threshold = tau(plan);
  const halfWidth = halfWidth95(plan.sigma2);
  const value = openRaw(raw) + discreteGaussian(plan.sigma2)(random);
  if (value < threshold) return SUPPRESSED;
  return Object.freeze({
    verdict: 'RELEASED',
    value,
    interval95: Object.freeze([value - halfWidth, value + halfWidth] as const),
  });
}
