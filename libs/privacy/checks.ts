import { DomainError } from '#core';
import type { Rational } from './rational.ts';

/** Largest σ² in use: 10¹², a deviation of a million. It bounds the work of the exact tails. */
export const MAX_SIGMA2 = 10n ** 12n;
/** Largest denominator of σ². */
export const MAX_SIGMA2_DENOMINATOR = 10n ** 12n;

/** Laplace scales are below it: the samplers hold them in one word. */
const MAX_LAPLACE_SCALE = 2n ** 32n;

function refuse(name: string, must: string, got: bigint | number): never {
  throw new DomainError('privacy-parameter', { public: `${name} must be ${must}`, internal: `${name} = ${got}` });
}

/** σ² is a positive rational of bounded size. @throws DomainError `privacy-parameter`. */
export function checkSigma2({ num, den }: Rational): void {
  if (den <= 0n || den > MAX_SIGMA2_DENOMINATOR) refuse('the denominator of sigma²', 'from 1 to 10^12', den);
  if (num <= 0n || num > MAX_SIGMA2 * den) refuse('sigma²', 'positive and at most 10^12', num);
}

/** A Laplace scale is a positive integer of one word. @throws DomainError `privacy-parameter`. */
export function checkLaplaceScale(scale: bigint): void {
  if (scale < 1n || scale >= MAX_LAPLACE_SCALE) refuse('the Laplace scale', 'from 1 to below 2^32', scale);
}

/** A sensitivity, or its square, is a positive integer. @throws DomainError `privacy-parameter`. */
export function checkSensitivity(sensitivity: bigint): void {
  if (sensitivity < 1n) refuse('the sensitivity', 'at least 1', sensitivity);
}

/** The smallest cohort that may be shown, members. @throws DomainError `privacy-parameter`. */
export function checkMinimumCohort(k: bigint): void {
  if (k < 1n) refuse('the minimum cohort k', 'at least 1', k);
}

/** A probability of error of a one-sided rule, 0 < β < ½. @throws DomainError `privacy-parameter`. */
export function checkBeta(beta: number): void {
  // Written so that NaN is refused.
  if (!(beta > 0 && beta < 0.5)) refuse('beta', 'between 0 and 0.5, both excluded', beta);
}

/** 0 < δ < 1. @throws DomainError `privacy-parameter`. */
export function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) refuse('delta', 'between 0 and 1, both excluded', delta);
}

/** A zCDP parameter: finite, ρ ≥ 0. @throws DomainError `privacy-parameter`. */
export function checkRho(rho: number): void {
  if (!(rho >= 0 && rho < Infinity)) refuse('rho', 'finite and not negative', rho);
}

/** Finite, ε ≥ 0. @throws DomainError `privacy-parameter`. */
export function checkEpsilon(epsilon: number): void {
  if (!(epsilon >= 0 && epsilon < Infinity)) refuse('epsilon', 'finite and not negative', epsilon);
}

/** A ledger amount: nano-ρ, ≥ 0. @throws DomainError `privacy-parameter`. */
export function checkNanoRho(nanoRho: bigint): void {
  if (nanoRho < 0n) refuse('a ledger amount', 'not negative', nanoRho);
}
