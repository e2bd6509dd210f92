import { checkMinimumCohort } from './checks.ts';
import type { Rational } from './rational.ts';
import { upperQuantile } from './tails.ts';

/** The minimum-cohort rule on a noisy count. */
export interface ThresholdRule {
  /** The smallest cohort that may be shown, members, ≥ 1. */
  readonly k: bigint;
  /** Variance parameter of the noise on the count. */
  readonly sigma2: Rational;
  /** Largest probability with which a cohort below k may be shown, 0 < β < ½. */
  readonly beta: number;
}

/**
 * The threshold τ = k − 1 + min{t : Pr[N_Z(0, σ²) ≥ t] ≤ β}, members.
 *
 * A count is shown when its noisy value is at least τ. So a cohort of k − 1 members or fewer is shown with probability
 * at most β. The rule reads only the noisy value, hence it costs no privacy and the guarantee does not rest on it.
 *
 * @throws DomainError `privacy-parameter`.
 */
export function tau({ k, sigma2, beta }: ThresholdRule): bigint {
  checkMinimumCohort(k);
  return k - 1n + upperQuantile(sigma2, beta);
}

/**
 * The smallest cohort that is shown with probability at least 95 %, members, from the exact law.
 * @throws DomainError `privacy-parameter`.
 */
export function shown95(rule: ThresholdRule): bigint {
  // n + Z ≥ τ fails when −Z ≥ n − τ + 1, and the law is symmetric.
  return tau(rule) - 1n + upperQuantile(rule.sigma2, 0.05);
}
