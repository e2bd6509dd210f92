import { checkNanoRho } from './checks.ts';
import { NANO_RHO_PER_RHO } from './zcdp.ts';

/**
 * The most by which anybody, knowing everything else, tells apart a member's presence from his absence after releases of
 * this ρ: the greatest difference of true and false positive rate of any test, 0 … 1.
 *
 * ρ-zCDP bounds the Kullback–Leibler divergence by ρ (Bun and Steinke 2016, arXiv 1605.02065, Definition 1.1 as the order
 * goes to 1). The total variation is then at most √(ρ/2) (Pinsker) and √(1 − e^−ρ) (Bretagnolle and Huber); this is the
 * smaller. It holds for every zCDP mechanism, adaptive ones included, and uses no Gaussian approximation.
 *
 * @param nanoRho ≥ 0. @throws DomainError `privacy-parameter`.
 */
export function membershipAdvantage(nanoRho: bigint): number {
  checkNanoRho(nanoRho);
  const rho = Number(nanoRho) / Number(NANO_RHO_PER_RHO);
  return Math.min(Math.sqrt(rho / 2), Math.sqrt(-Math.expm1(-rho)));
}
