import { bernoulliExp, GUARD } from './bernoulli-exp.ts';
import type { Exponent } from './bernoulli-exp.ts';
import { checkLaplaceScale } from './checks.ts';
import { WORD_RANGE } from './random.ts';
import type { RandomSource } from './random.ts';
import { uniformBelowWord } from './uniform.ts';

/** A law on the integers that can be drawn from. Draws are independent. */
export type IntegerSampler = (random: RandomSource) => bigint;

const ONE: Exponent = { exactly: () => ({ num: 1n, den: 1n }), nearly: () => 1 };

/** x/scale. The double is the nearest one. */
export const shareOf = (scale: number): Exponent => ({
  exactly: (x) => ({ num: BigInt(x), den: BigInt(scale) }),
  nearly: (x) => x / scale,
});

/**
 * {@link discreteLaplace} in Numbers. They hold every draw exactly up to 2⁵³; one beyond has odds below exp(−2²¹).
 * @param scale integer, 1 ≤ scale < 2³².
 */
export function laplaceNumber(scale: number, guard: number): (random: RandomSource) => number {
  const keepsOffset = bernoulliExp(shareOf(scale), guard);
  const goesOn = bernoulliExp(ONE, guard);
  return (random) => {
    for (;;) {
      let magnitude: number;
      do magnitude = uniformBelowWord(random, scale);
      while (!keepsOffset(random, magnitude));
      while (goesOn(random, 1)) magnitude += scale;
      const negative = random.word() >= WORD_RANGE / 2;
      // Zero would otherwise be met with both signs, twice as often as the law says.
      if (negative && magnitude === 0) continue;
      return negative ? -magnitude : magnitude;
    }
  };
}

/** {@link discreteLaplace} with the guard of its trials left open. @param guard as of `bernoulliExp`. */
export function guardedLaplace(scale: bigint, guard: number): IntegerSampler {
  checkLaplaceScale(scale);
  const draw = laplaceNumber(Number(scale), guard);
  return (random) => BigInt(draw(random));
}

/**
 * The discrete Laplace law of an integer scale: Pr[Z = x] ∝ exp(−|x|/scale), drawn exactly.
 *
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), Algorithm 2 with s = 1; each trial is a `bernoulliExp`.
 *
 * @param scale 1 ≤ scale < 2³².
 * @throws DomainError `privacy-parameter` when the scale is out of range.
 */
export function discreteLaplace(scale: bigint): IntegerSampler {
  return guardedLaplace(scale, GUARD);
}
