import { expNegBounds } from './exp-bounds.ts';
import { referenceBernoulliExp, referenceGaussian, referenceLaplace } from './reference.ts';
import { scriptedRandom, seededRandom } from './testing.ts';

const TRIALS = 40_000;

const half = (...script: number[]): boolean => referenceBernoulliExp(scriptedRandom(script), 1n, 2n);

describe('referenceBernoulliExp', () => {
  // A standard score of 4.5 has odds of 7·10⁻⁶ once, and the seed is fixed.
  it.each([
    [0n, 1n],
    [1n, 3n],
    [1n, 1n],
    [7n, 3n],
    [2n ** 70n, 2n ** 70n],
    [3n ** 40n, 2n ** 65n],
  ])('is true with probability exp(−%s/%s) (40,000 trials)', (num, den) => {
    const random = seededRandom(`${num}/${den}`);
    const probability = Number(expNegBounds(num, den, 60n)[0]) / 2 ** 60;
    let successes = 0;
    for (let i = 0; i < TRIALS; i += 1) if (referenceBernoulliExp(random, num, den)) successes += 1;
    const deviation = Math.sqrt(TRIALS * probability * (1 - probability));
    expect(Math.abs(successes - TRIALS * probability)).toBeLessThanOrEqual(4.5 * deviation);
  });

  it('follows Algorithm 1 on a given script', () => {
    // γ/1 = 1/2 fails: k = 1 is odd, true.
    expect(half(1)).toBe(true);
    // γ/1 holds, γ/2 = 1/4 fails: k = 2 is even, false.
    expect(half(0, 1)).toBe(false);
    // γ/1 and γ/2 hold, γ/3 = 1/6 fails. 4 and 5 lie on either side of where uniform(6) begins: 2³² mod 6 = 4.
    expect(half(0, 0, 5)).toBe(true);
    expect(half(0, 0, 3, 5)).toBe(true);
  });

  it('ends at once on an enormous exponent', () => {
    expect(referenceBernoulliExp(seededRandom('far'), 10n ** 100n, 1n)).toBe(false);
  });
});

describe('the reference samplers', () => {
  it('refuse what the samplers of the product refuse', () => {
    expect(() => referenceLaplace(0n)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
    expect(() => referenceGaussian({ num: 0n, den: 1n })).toThrow(
      expect.objectContaining({ code: 'privacy-parameter' }),
    );
  });
});
