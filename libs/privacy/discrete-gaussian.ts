import { bernoulliExp, GUARD } from './bernoulli-exp.ts';
import type { Exponent } from './bernoulli-exp.ts';
import { checkSigma2 } from './checks.ts';
import { laplaceNumber } from './discrete-laplace.ts';
import type { IntegerSampler } from './discrete-laplace.ts';
import { integerSquareRoot } from './rational.ts';
import type { Rational } from './rational.ts';

const { abs } = Math;

/** The scale of the proposals, ⌊σ⌋ + 1. Any integer ≥ 1 gives the same law; this one is kept most often. */
const proposalScale = ({ num, den }: Rational): bigint => integerSquareRoot(num / den) + 1n;

/**
 * The exponent (|y| − σ²/t)²/2σ² of keeping the proposal y, with t = ⌊σ⌋ + 1.
 *
 * With σ² = p/q it is (|y|·q·t − p)² / 2pqt², a quotient of integers. In doubles, with u = 2⁻⁵³: σ²/t is off by 4u of
 * itself and is at most σ, so the distance d from |y| is off by 4uσ + u·d, and with 5u more for the other factors the
 * exponent r by at most 8u·√(r/2) + 7u·r < 2⁻⁴⁹·(1 + r).
 */
export function distanceFromPeak(sigma2: Rational): Exponent {
  const { num: p, den: q } = sigma2;
  const t = proposalScale(sigma2);
  const step = q * t;
  const den = 2n * p * q * t * t;
  const peak = Number(p) / (Number(q) * Number(t));
  const rate = Number(q) / (2 * Number(p));
  return {
    exactly: (y) => ({ num: (BigInt(abs(y)) * step - p) ** 2n, den }),
    nearly: (y) => {
      const distance = abs(y) - peak;
      return distance * distance * rate;
    },
  };
}

/** {@link discreteGaussian} with the guard of its trials left open. @param guard as of `bernoulliExp`. */
export function guardedGaussian(sigma2: Rational, guard: number): IntegerSampler {
  checkSigma2(sigma2);
  const propose = laplaceNumber(Number(proposalScale(sigma2)), guard);
  const keeps = bernoulliExp(distanceFromPeak(sigma2), guard);
  return (random) => {
    for (;;) {
      const y = propose(random);
      if (keeps(random, y)) return BigInt(y);
    }
  };
}

/**
 * The discrete Gaussian law N_Z(0, σ²): Pr[Z = x] ∝ exp(−x²/2σ²) on the integers, drawn exactly.
 *
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), Algorithm 3: a discrete Laplace proposal y of scale t = ⌊σ⌋ + 1,
 * kept with probability exp(−(|y| − σ²/t)²/2σ²). Each trial is a `bernoulliExp`, exact though it looks at doubles first.
 *
 * The time of a draw depends on the value drawn; callers that answer at once must hide it.
 *
 * @param sigma2 σ², > 0.
 * @throws DomainError `privacy-parameter` when σ² is out of range.
 */
export function discreteGaussian(sigma2: Rational): IntegerSampler {
  return guardedGaussian(sigma2, GUARD);
}
