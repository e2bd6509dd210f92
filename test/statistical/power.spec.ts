import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { discreteLaplace } from '../../libs/privacy/discrete-laplace.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { discreteGaussianLaw, discreteLaplaceLaw } from './exact-law.ts';
import { faultyGaussian, faultyLaplace, fourBitRemainder, repeatingGaussian } from './faulty-samplers.ts';
import { SEEDED, fit, misfits } from './goodness-of-fit.ts';

const MILLION = 1_000_000;
const LAW = discreteGaussianLaw(100);

// The tests of samplers.spec.ts must be able to fail. Here wrong samplers are held against N_Z(0, 100).
// χ² must fall below 10⁻⁶, a hundred times stricter than what a right sampler has to keep.
describe('the tests of the sampler reject', () => {
  // The variance is off by 2 %, 14 deviations of its estimate from 10⁶ draws, so the score misses it with odds below
  // 10⁻²⁰; χ² has a non-centrality of about 200 on some 50 degrees of freedom and misses it with odds below 10⁻⁶.
  it.each([
    ['1 % too large', { num: 10_201n, den: 100n }, 1],
    ['1 % too small', { num: 9801n, den: 100n }, -1],
  ])('a σ %s (10⁶ draws)', (name, sigma2, side) => {
    const result = fit(LAW, discreteGaussian(sigma2), seededRandom(name), MILLION);
    expect(result.chiSquared).toBeLessThan(1e-6);
    expect(side * result.scores.variance).toBeGreaterThan(4.5);
  });

  // Each of these is so far off that 10⁵ draws miss it with odds below 10⁻²⁰.
  it.each([
    ['a Laplace law of nearly the same variance', discreteLaplace(7n)],
    ['σ where σ² belongs', discreteGaussian({ num: 10n, den: 1n })],
    ['σ² where σ belongs', discreteGaussian({ num: 10_000n, den: 1n })],
    ['both signs of zero kept', faultyGaussian({ keepsNegativeZero: true })],
    ['remainders of four-bit numbers', faultyGaussian({ offset: fourBitRemainder })],
  ])('%s (10⁵ draws)', (name, sampler) => {
    expect(fit(LAW, sampler, seededRandom(name), MILLION / 10).chiSquared).toBeLessThan(1e-6);
  });

  it('every draw handed out twice, by the correlation of neighbours (10⁵ draws: 158 deviations)', () => {
    expect(fit(LAW, repeatingGaussian(), seededRandom('twice'), MILLION / 10).scores.lag1).toBeGreaterThan(100);
  });

  // χ² does not see this one. The Gaussian hardly keeps the far proposals, so its moments are off by 3 deviations only
  // in 10⁶ draws. Of the Laplace law the mean of |X| is off by 10.6 in 4·10⁶: missed with odds of 2·10⁻⁶.
  it('exp(−1) rounded to 0.37, by the mean of |X| of the Laplace law (4·10⁶ draws)', () => {
    const result = fit(discreteLaplaceLaw(11), faultyLaplace({ expMinusOne: 0.37 }), seededRandom('0.37'), 4 * MILLION);
    expect(result.scores.absolute).toBeGreaterThan(6);
  });

  it('none of them without its fault: the same code, right, is accepted (10⁶ and 4·10⁶ draws)', () => {
    const gaussian = fit(LAW, faultyGaussian({}), seededRandom('no fault'), MILLION);
    const laplace = fit(discreteLaplaceLaw(11), faultyLaplace({}), seededRandom('none either'), 4 * MILLION);
    expect([...misfits(gaussian, SEEDED), ...misfits(laplace, SEEDED)]).toEqual([]);
  });
});
