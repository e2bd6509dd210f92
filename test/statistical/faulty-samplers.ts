import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import type { IntegerSampler } from '../../libs/privacy/discrete-laplace.ts';
import type { RandomSource } from '../../libs/privacy/random.ts';

const { abs, exp, floor } = Math;

const unit = (random: RandomSource): number => random.word() / 2 ** 32;

/** One mistake in the algorithm; what is not named is right to within 2⁻³². */
export interface Fault {
  /** Both signs of zero are kept. */
  readonly keepsNegativeZero?: boolean;
  /** Probability of each further whole of a proposal; exp(−1) is right. */
  readonly expMinusOne?: number;
  /** An offset of a proposal, 0 … scale − 1. */
  readonly offset?: (random: RandomSource, scale: number) => number;
}

/** The remainder of a four-bit number: of 16 values, those below 16 mod scale are met once more than the others. */
export const fourBitRemainder = (random: RandomSource, scale: number): number => (random.word() >>> 28) % scale;

const SCALE = 11;

function proposal(fault: Fault): (random: RandomSource) => number {
  const expMinusOne = fault.expMinusOne ?? exp(-1);
  const drawOffset = fault.offset ?? ((random: RandomSource) => floor(unit(random) * SCALE));
  return (random) => {
    for (;;) {
      const offset = drawOffset(random, SCALE);
      if (unit(random) >= exp(-offset / SCALE)) continue;
      let wholes = 0;
      while (unit(random) < expMinusOne) wholes += 1;
      const negative = unit(random) < 0.5;
      const magnitude = offset + SCALE * wholes;
      if (negative && magnitude === 0 && fault.keepsNegativeZero !== true) continue;
      return negative ? -magnitude : magnitude;
    }
  };
}

/** Algorithm 2 of Canonne, Kamath, Steinke 2020 for the scale 11, in doubles, with a fault built in. */
export function faultyLaplace(fault: Fault): IntegerSampler {
  const propose = proposal(fault);
  return (random) => BigInt(propose(random));
}

/**
 * Algorithm 3 of Canonne, Kamath, Steinke 2020 for σ² = 100, in doubles, with a fault built in. Without one it passes
 * the same tests as the product's sampler, which shows that it is the fault they see.
 */
export function faultyGaussian(fault: Fault): IntegerSampler {
  const variance = 100;
  const propose = proposal(fault);
  return (random) => {
    for (;;) {
      const y = propose(random);
      if (unit(random) < exp(-((abs(y) - variance / SCALE) ** 2) / (2 * variance))) return BigInt(y);
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
