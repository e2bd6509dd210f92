import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { discreteGaussianLaw } from './exact-law.ts';
import { fit, worstScore } from './goodness-of-fit.ts';

const SIZE = 1_000_000;

// A million draws for each σ², from a fixed ChaCha20 key: the same code always gives the same verdict. For a correct
// sampler that reads its words in another order the odds of a false alarm are 10⁻⁴ (χ²) + 7 · 6.8·10⁻⁶ (scores) a case,
// 10⁻³ for the seven cases together.
describe('a million draws of the discrete Gaussian', () => {
  it.each([
    [1n, 4n],
    [1n, 1n],
    [7n, 3n],
    [100n, 1n],
    [500n, 1n],
    [10_000n, 1n],
    // σ² = 100 again, written so that every trial needs BigInts.
    [100n << 30n, 1n << 30n],
  ])('of σ² = %s/%s follow the law: χ² above 10⁻⁴, seven moments within 4.5 deviations', (num, den) => {
    const law = discreteGaussianLaw(Number(num) / Number(den));
    const result = fit(law, discreteGaussian({ num, den }), seededRandom(`fit ${num}/${den}`), SIZE);
    expect(result.chiSquared).toBeGreaterThan(1e-4);
    expect(worstScore(result)).toBeLessThan(4.5);
  });
});
