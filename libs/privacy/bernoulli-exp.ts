import type { RandomSource } from './random.ts';
import { uniformBelow, uniformBelowWord } from './uniform.ts';

/**
 * True with probability exactly exp(−1).
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), Algorithm 1 with γ = 1.
 */
export function bernoulliExpMinusOne(random: RandomSource): boolean {
  // The first trial, Bernoulli(1/1), always succeeds.
  let k = 2;
  while (uniformBelowWord(random, k) === 0) k += 1;
  return k % 2 === 1;
}

function everyExpMinusOne(random: RandomSource, times: bigint): boolean {
  // Each round ends the loop with probability 1 − 1/e, however large `times` is.
  for (let left = times; left > 0n; left -= 1n) if (!bernoulliExpMinusOne(random)) return false;
  return true;
}

/**
 * True with probability exactly exp(−num/den), in Numbers that hold every intermediate integer exactly.
 * @param num integer, 0 ≤ num ≤ 2⁵³. @param den integer, 1 ≤ den < 2³².
 */
export function bernoulliExpWord(random: RandomSource, num: number, den: number): boolean {
  let rest = num;
  if (num >= den) {
    rest = num % den;
    // `num − rest` is an exact multiple of `den`, so the quotient is exact.
    for (let whole = (num - rest) / den; whole > 0; whole -= 1) if (!bernoulliExpMinusOne(random)) return false;
  }
  let k = 1;
  // Bernoulli(γ/k) as Bernoulli(1/k) and Bernoulli(γ), independent: the denominator never grows beyond one word.
  while ((k === 1 || uniformBelowWord(random, k) === 0) && uniformBelowWord(random, den) < rest) k += 1;
  return k % 2 === 1;
}

/**
 * True with probability exactly exp(−num/den).
 *
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), Algorithm 1. Integers only: a Bernoulli(a/b) trial is a uniform
 * integer below b compared with a, so nothing is rounded anywhere.
 *
 * @param num ≥ 0. @param den ≥ 1.
 */
export function bernoulliExp(random: RandomSource, num: bigint, den: bigint): boolean {
  if (!everyExpMinusOne(random, num / den)) return false;
  const rest = num % den;
  let k = 1;
  while ((k === 1 || uniformBelowWord(random, k) === 0) && uniformBelow(random, den) < rest) k += 1;
  return k % 2 === 1;
}
