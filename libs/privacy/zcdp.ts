import { checkDelta, checkEpsilon, checkNanoRho, checkRho, checkSensitivity, checkSigma2 } from './checks.ts';
import { ceilingOfQuotient } from './rational.ts';
import type { Rational } from './rational.ts';

// Taken out once: a test's own realm finds them slowly.
const { ceil, exp, log, log1p, min, sqrt } = Math;

/** The δ at which every published ε is stated. */
export const DELTA = 1e-9;
/** Ledger amounts are integers of 10⁻⁹ ρ. */
export const NANO_RHO_PER_RHO = 1_000_000_000n;

/** A bisection on doubles has converged long before; the bound is for the reader. */
const MAX_BISECTIONS = 1100;
/** The order is kept away from 1, where the formula loses its digits. Any order gives a valid bound. */
const MIN_ORDER = 1.01;
/** Added before a published ε is rounded up; it outweighs the rounding of the doubles. */
const PUBLISHING_MARGIN = 1e-6;

/**
 * What one release costs: ⌈10⁹ · Δ² / 2σ²⌉ nano-ρ, integers only, never rounded down.
 *
 * The discrete Gaussian N_Z(0, σ²) added to integers of L2 sensitivity Δ is Δ²/2σ²-zCDP (Canonne, Kamath, Steinke 2020,
 * arXiv 2004.00010). Because each price is rounded up, prices charged one by one are never less than the price of all.
 *
 * @param sensitivitySquared Δ², ≥ 1. @param sigma2 σ², > 0.
 * @throws DomainError `privacy-parameter`.
 */
export function priceNanoRho(sensitivitySquared: bigint, sigma2: Rational): bigint {
  checkSensitivity(sensitivitySquared);
  checkSigma2(sigma2);
  return ceilingOfQuotient(NANO_RHO_PER_RHO * sensitivitySquared * sigma2.den, 2n * sigma2.num);
}

/**
 * The last point on the `yes` side of a threshold between `yes` and `no`, to the last bit.
 * @param holds true at `yes`, false at `no`, and changing once between them.
 */
function bisect(yes: number, no: number, holds: (x: number) => boolean): number {
  let [inside, outside] = [yes, no];
  for (let i = 0; i < MAX_BISECTIONS; i += 1) {
    const middle = (inside + outside) / 2;
    if (middle === inside || middle === outside) break;
    if (holds(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

/**
 * ln δ of Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), §2.3, Proposition 12:
 * δ = min over α > 1 of exp((α−1)(αρ−ε)) / (α−1) · (1 − 1/α)^α.
 */
function logDeltaOfOrders(rho: number, epsilon: number): number {
  const derivative = (order: number): number => (2 * order - 1) * rho - epsilon + log1p(-1 / order);
  // The derivative rises with the order and is positive at the upper end.
  const order = bisect(MIN_ORDER, (epsilon + 1) / (2 * rho) + 2, (a) => derivative(a) < 0);
  return (order - 1) * (order * rho - epsilon) + order * log1p(-1 / order) - log(order - 1);
}

/** ln δ of the plain bound of Bun and Steinke 2016, Proposition 1.3: δ = exp(−(ε−ρ)²/4ρ) for ε ≥ ρ. */
function logDeltaOfTextbook(rho: number, epsilon: number): number {
  return epsilon >= rho ? -((epsilon - rho) ** 2) / (4 * rho) : 0;
}

/**
 * The δ for which ρ-zCDP implies (ε, δ): the smaller of the two bounds above, at most 1.
 * @param rho ≥ 0. @param epsilon ≥ 0.
 * @throws DomainError `privacy-parameter`.
 */
export function deltaOf(rho: number, epsilon: number): number {
  checkRho(rho);
  checkEpsilon(epsilon);
  if (rho === 0) return 0;
  return exp(min(0, logDeltaOfOrders(rho, epsilon), logDeltaOfTextbook(rho, epsilon)));
}

/**
 * The ε for which ρ-zCDP implies (ε, δ), never below the exact value of the bound by more than the rounding of a double.
 * Zero for ρ = 0.
 * @param rho ≥ 0. @param delta 0 < δ < 1.
 * @throws DomainError `privacy-parameter`.
 */
export function epsilonOf(rho: number, delta: number): number {
  checkRho(rho);
  checkDelta(delta);
  if (deltaOf(rho, 0) <= delta) return 0;
  const textbook = rho + 2 * sqrt(rho * -log(delta));
  // Doubled, so that the search starts from a point where the textbook bound holds in doubles as well.
  return bisect(2 * textbook, 0, (epsilon) => deltaOf(rho, epsilon) <= delta);
}

/**
 * The largest ρ whose ρ-zCDP implies (ε, δ).
 * @param epsilon ≥ 0. @param delta 0 < δ < 1.
 * @throws DomainError `privacy-parameter`.
 */
export function rhoOf(epsilon: number, delta: number): number {
  checkEpsilon(epsilon);
  checkDelta(delta);
  // From ρ = ε + 10 on both bounds are 1.
  return bisect(0, epsilon + 10, (rho) => deltaOf(rho, epsilon) <= delta);
}

/**
 * The ε to print for a ledger amount: rounded up to two decimals, so it never under-states the loss. Zero for nothing
 * spent.
 * @param nanoRho ≥ 0.
 * @throws DomainError `privacy-parameter`.
 */
export function publishedEpsilon(nanoRho: bigint, delta: number = DELTA): number {
  checkNanoRho(nanoRho);
  checkDelta(delta);
  if (nanoRho === 0n) return 0;
  const epsilon = epsilonOf(Number(nanoRho) / Number(NANO_RHO_PER_RHO), delta);
  return ceil((epsilon + PUBLISHING_MARGIN) * 100) / 100;
}
