import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import type { IntegerSampler } from '../../libs/privacy/discrete-laplace.ts';
import type { RandomSource } from '../../libs/privacy/random.ts';

const unit = (random: RandomSource): number => random.word() / 2 ** 32;

/** One mistake in the algorithm; what is not named is right to within 2⁻³². */
export interface Fault {
  /** Both signs of zero are kept. */
  readonly keepsNegativeZero?: boolean;
  /** Stands for exp(−1) wherever the algorithm draws that. */
  readonly expMinusOne?: number;
}

/**
 * Algorithm 3 of Canonne, Kamath, Steinke 2020 for σ² = 100, in doubles, with a fault built in. Without one it passes
 * the same tests as the product's sampler, which shows that it is the fault they see.
 */
export function faultyGaussian({ keepsNegativeZero = false, expMinusOne = Math.exp(-1) }: Fault): IntegerSampler {
  const [variance, scale] = [100, 11];
  const proposal = (random: RandomSource): number => {
    for (;;) {
      const offset = Math.floor(unit(random) * scale);
      if (unit(random) >= Math.exp(-offset / scale)) continue;
      let wholes = 0;
      while (unit(random) < expMinusOne) wholes += 1;
      const negative = unit(random) < 0.5;
      const magnitude = offset + scale * wholes;
      if (negative && magnitude === 0 && !keepsNegativeZero) continue;
      return negative ? -magnitude : magnitude;
    }
  };
  return (random) => {
    for (;;) {
      const y = proposal(random);
      const exponent = (Math.abs(y) - variance / scale) ** 2 / (2 * variance);
      const wholes = Math.floor(exponent);
      if (unit(random) < expMinusOne ** wholes * Math.exp(wholes - exponent)) return BigInt(y);
    }
  };
}

/** A right sampler whose draws are each handed out twice, as from a pool that is not wiped. */
export function repeatingGaussian(): IntegerSampler {
  const sampler = discreteGaussian({ num: 100n, den: 1n });
  let kept: bigint | undefined;
  return (random) => {
    const value = kept ?? sampler(random);
    kept = kept === undefined ? value : undefined;
    return value;
  };
}
