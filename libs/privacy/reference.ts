import { checkLaplaceScale, checkSigma2 } from './checks.ts';
import type { IntegerSampler } from './discrete-laplace.ts';
import type { RandomSource } from './random.ts';
import { integerSquareRoot } from './rational.ts';
import type { Rational } from './rational.ts';
import { uniformBelow } from './uniform.ts';

// Algorithms 1, 2 and 3 of Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), line by line, in BigInts. Slow, and plain
// enough to be checked by eye; the samplers of the product are held against these.

/** True with probability num/den. */
const bernoulli = (random: RandomSource, num: bigint, den: bigint): boolean => uniformBelow(random, den) < num;

/** True with probability exp(−num/den). Algorithm 1. @param num ≥ 0. @param den ≥ 1. */
export function referenceBernoulliExp(random: RandomSource, num: bigint, den: bigint): boolean {
  const upToOne = (n: bigint, d: bigint): boolean => {
    let k = 1n;
    while (bernoulli(random, n, d * k)) k += 1n;
    return k % 2n === 1n;
  };
  for (let wholes = num / den; wholes > 0n; wholes -= 1n) if (!upToOne(1n, 1n)) return false;
  return upToOne(num % den, den);
}

/** The law of `discreteLaplace`. Algorithm 2 with s = 1. @throws DomainError `privacy-parameter`. */
export function referenceLaplace(scale: bigint): IntegerSampler {
  checkLaplaceScale(scale);
  return (random) => {
    for (;;) {
      const offset = uniformBelow(random, scale);
      if (!referenceBernoulliExp(random, offset, scale)) continue;
      let wholes = 0n;
      while (referenceBernoulliExp(random, 1n, 1n)) wholes += 1n;
      const magnitude = offset + scale * wholes;
      const negative = bernoulli(random, 1n, 2n);
      if (negative && magnitude === 0n) continue;
      return negative ? -magnitude : magnitude;
    }
  };
}

/** The law of `discreteGaussian`. Algorithm 3. @throws DomainError `privacy-parameter`. */
export function referenceGaussian(sigma2: Rational): IntegerSampler {
  checkSigma2(sigma2);
  const { num: p, den: q } = sigma2;
  const t = integerSquareRoot(p / q) + 1n;
  const laplace = referenceLaplace(t);
  return (random) => {
    for (;;) {
      const y = laplace(random);
      const magnitude = y < 0n ? -y : y;
      // (|y| − σ²/t)² / 2σ² with σ² = p/q.
      if (referenceBernoulliExp(random, (magnitude * q * t - p) ** 2n, 2n * p * q * t * t)) return y;
    }
  };
}
