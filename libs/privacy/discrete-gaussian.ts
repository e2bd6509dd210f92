import { bernoulliExp, bernoulliExpWord } from './bernoulli-exp.ts';
import { checkSigma2 } from './checks.ts';
import { discreteLaplace } from './discrete-laplace.ts';
import type { IntegerSampler } from './discrete-laplace.ts';
import { WORD_RANGE } from './random.ts';
import { integerSquareRoot } from './rational.ts';
import type { Rational } from './rational.ts';

/** Integers below it have squares that a Number holds exactly. */
const EXACT_SQUARE_ROOT = 2 ** 26;

/**
 * The discrete Gaussian law N_Z(0, σ²): Pr[Z = x] ∝ exp(−x²/2σ²) on the integers, drawn exactly.
 *
 * Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), Algorithm 3: a discrete Laplace proposal of scale t = ⌊σ⌋ + 1,
 * kept with probability exp(−(|y| − σ²/t)²/2σ²). With σ² = p/q that exponent is (|y|·q·t − p)² / 2pqt², a quotient of
 * integers. No floating-point number is rounded: where the integers are small they are held in Numbers, which are exact
 * there; everywhere else they are BigInts.
 *
 * The time of a draw depends on the value drawn; callers that answer at once must hide it.
 *
 * @param sigma2 σ², > 0.
 * @throws DomainError `privacy-parameter` when σ² is out of range.
 */
export function discreteGaussian(sigma2: Rational): IntegerSampler {
  checkSigma2(sigma2);
  const { num: p, den: q } = sigma2;
  const t = integerSquareRoot(p / q) + 1n;
  const proposal = discreteLaplace(t);
  const step = q * t;
  const den = 2n * p * q * t * t;
  const denWord = Number(den);
  return (random) => {
    for (;;) {
      const y = proposal(random);
      const distance = (y < 0n ? -y : y) * step - p;
      const near = Number(distance);
      const kept =
        denWord < WORD_RANGE && Math.abs(near) < EXACT_SQUARE_ROOT
          ? bernoulliExpWord(random, near * near, denWord)
          : bernoulliExp(random, distance * distance, den);
      if (kept) return y;
    }
  };
}
