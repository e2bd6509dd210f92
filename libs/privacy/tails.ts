import { checkBeta, checkSigma2 } from './checks.ts';
import { toNumber } from './rational.ts';
import type { Rational } from './rational.ts';

// Taken out once: a test's own realm finds them slowly.
const { ceil, exp, log, log1p, sqrt } = Math;

/** exp(−45) is below 3·10⁻²⁰: terms that much smaller than the first do not reach the last bit of a sum. */
const NEGLIGIBLE_EXPONENT = 45;
/** exp(−750) is below the smallest double. */
const UNDERFLOW_EXPONENT = 750;
/** From here on Poisson's form of the normaliser converges faster than the plain sum. */
const POISSON_FROM = 1;
/** Either form of the normaliser has converged to the last bit within this many terms. */
const NORMALISER_TERMS = 10;
/** A tail this close to β counts as above it. It outweighs the rounding of the longest sum. */
const QUANTILE_MARGIN = 1e-9;

/** ln Σ exp(−x²/2σ²) over all integers x. */
function logNormaliser(variance: number): number {
  const rate = variance < POISSON_FROM ? 1 / (2 * variance) : 2 * Math.PI ** 2 * variance;
  let sum = 0;
  for (let x = NORMALISER_TERMS; x >= 1; x -= 1) sum += exp(-rate * x * x);
  // Poisson summation: Σ exp(−x²/2σ²) = √(2πσ²) · Σ exp(−2π²σ²k²).
  return log1p(2 * sum) + (variance < POISSON_FROM ? 0 : 0.5 * log(2 * Math.PI * variance));
}

/** Σ exp(−(x² − t²)/2σ²) over x ≥ t, for t ≥ 1: the tail relative to its first term, between 1 and about σ. */
function relativeTail(variance: number, t: number): number {
  const beyond = ceil(sqrt(t * t + 2 * NEGLIGIBLE_EXPONENT * variance) - t);
  // From the smallest term up, with Kahan's compensation, so that a million terms lose nothing.
  let sum = 0;
  let lost = 0;
  for (let j = beyond; j >= 0; j -= 1) {
    const term = exp((-j * (2 * t + j)) / (2 * variance)) - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
  }
  return sum;
}

/** Pr[Z ≥ t] for t ≥ 1. It is at most exp(−t²/2σ²), which is 0 in doubles far out. */
function upperTail(variance: number, t: number): number {
  if (t * t > 2 * UNDERFLOW_EXPONENT * variance) return 0;
  return exp((-t * t) / (2 * variance) + log(relativeTail(variance, t)) - logNormaliser(variance));
}

/**
 * Pr[Z ≥ t] for Z of the discrete Gaussian law N_Z(0, σ²), summed from the law itself. Relative error below 10⁻¹²
 * where the result is above 10⁻³⁰; 0 where it is too small for a double.
 * @param t any integer.
 * @throws DomainError `privacy-parameter`.
 */
export function tailProbability(sigma2: Rational, t: bigint): number {
  checkSigma2(sigma2);
  const variance = toNumber(sigma2);
  return t >= 1n ? upperTail(variance, Number(t)) : 1 - upperTail(variance, Number(1n - t));
}

/**
 * The smallest integer t with Pr[Z ≥ t] ≤ β, for Z of N_Z(0, σ²). In a tie within rounding, one more.
 * @param beta 0 < β < ½, so t ≥ 1.
 * @throws DomainError `privacy-parameter`.
 */
export function upperQuantile(sigma2: Rational, beta: number): bigint {
  checkSigma2(sigma2);
  checkBeta(beta);
  const variance = toNumber(sigma2);
  const norm = logNormaliser(variance);
  // Pr[Z ≥ t] ≤ exp(−t²/2σ²) : the law is subgaussian (Canonne, Kamath, Steinke 2020). So this t is far enough.
  let t = ceil(sqrt(-2 * variance * log(beta)));
  let tail = upperTail(variance, t);
  for (; t > 1; t -= 1) {
    tail += exp((-(t - 1) * (t - 1)) / (2 * variance) - norm);
    if (tail * (1 + QUANTILE_MARGIN) > beta) break;
  }
  return BigInt(t);
}

/**
 * Half the width of the 95 % interval: the smallest integer h with Pr[|Z| ≤ h] ≥ 0.95, for Z of N_Z(0, σ²).
 * @throws DomainError `privacy-parameter`.
 */
export function halfWidth95(sigma2: Rational): bigint {
  // |Z| > h on either side with equal probability.
  return upperQuantile(sigma2, 0.025) - 1n;
}
