import { bernoulliExp, bernoulliExpMinusOne, bernoulliExpWord } from './bernoulli-exp.ts';
import { checkLaplaceScale } from './checks.ts';
import { WORD_RANGE } from './random.ts';
import type { RandomSource } from './random.ts';
import { uniformBelow, uniformBelowWord } from './uniform.ts';

/** A law on the integers that can be drawn from. Draws are independent. */
export type IntegerSampler = (random: RandomSource) => bigint;

/** Draws of `offset + scale·wholes`, `offset` on 0 … scale−1, with probability ∝ exp(−(offset + scale·wholes)/scale). */
function geometric(random: RandomSource, scale: bigint, scaleWord: number): bigint {
  let offset: bigint;
  if (scaleWord < WORD_RANGE) {
    let small: number;
    do small = uniformBelowWord(random, scaleWord);
    while (!bernoulliExpWord(random, small, scaleWord));
    offset = BigInt(small);
  } else {
    do offset = uniformBelow(random, scale);
    while (!bernoulliExp(random, offset, scale));
  }
  let wholes = 0;
  while (bernoulliExpMinusOne(random)) wholes += 1;
  return wholes === 0 ? offset : offset + scale * BigInt(wholes);
}

/**
 * The discrete Laplace law of an integer scale: Pr[Z = x] ∝ exp(−|x|/scale), drawn exactly.
 *
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), Algorithm 2 with s = 1.
 *
 * @param scale ≥ 1.
 * @throws DomainError `privacy-parameter` when the scale is not positive.
 */
export function discreteLaplace(scale: bigint): IntegerSampler {
  checkLaplaceScale(scale);
  const scaleWord = Number(scale);
  return (random) => {
    for (;;) {
      const magnitude = geometric(random, scale, scaleWord);
      const negative = random.word() >= WORD_RANGE / 2;
      // Zero would otherwise be met with both signs, twice as often as the law says.
      if (negative && magnitude === 0n) continue;
      return negative ? -magnitude : magnitude;
    }
  };
}
