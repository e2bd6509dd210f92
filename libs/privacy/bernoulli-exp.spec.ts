import fc from 'fast-check';
import { bernoulliExp, bernoulliExpMinusOne, bernoulliExpWord } from './bernoulli-exp.ts';
import { scriptedRandom, seededRandom } from './testing.ts';

const TRIALS = 40_000;

/** Standard scores of the number of successes; 4.5 has odds of 7·10⁻⁶ once, and the seed is fixed. */
function standardScore(probability: number, trial: () => boolean): number {
  let successes = 0;
  for (let i = 0; i < TRIALS; i += 1) if (trial()) successes += 1;
  return (successes - TRIALS * probability) / Math.sqrt(TRIALS * probability * (1 - probability));
}

describe('bernoulliExpMinusOne', () => {
  it('is true with probability 1/e (40,000 trials: off by 0.011 is seen)', () => {
    const random = seededRandom('exp(-1)');
    expect(Math.abs(standardScore(Math.exp(-1), () => bernoulliExpMinusOne(random)))).toBeLessThan(4.5);
  });
});

describe('bernoulliExp', () => {
  it.each([
    [1n, 3n],
    [1n, 1n],
    [7n, 3n],
    [2n ** 70n, 2n ** 70n],
    [3n ** 40n, 2n ** 65n],
  ])('is true with probability exp(−%s/%s) (40,000 trials)', (num, den) => {
    const random = seededRandom(`${num}/${den}`);
    const probability = Math.exp(-Number(num) / Number(den));
    expect(Math.abs(standardScore(probability, () => bernoulliExp(random, num, den)))).toBeLessThan(4.5);
  });

  it('follows Algorithm 1 on a given script', () => {
    // γ = 1/2: 0 < 1 continues at k = 1; 1 of uniform(2) stops at k = 2: even, false.
    expect(bernoulliExp(scriptedRandom([2 ** 31, 1]), 1n, 2n)).toBe(false);
    // γ = 1/2: uniform(2) = 1 stops at k = 1: odd, true.
    expect(bernoulliExp(scriptedRandom([1]), 1n, 2n)).toBe(true);
    // γ = 1/2: continues at k = 1, then at k = 2 by both trials, stops at k = 3: odd, true.
    expect(bernoulliExp(scriptedRandom([0, 0, 0, 1]), 1n, 2n)).toBe(true);
  });

  it('has the same decision and uses the same words in Numbers and in BigInts', () => {
    const wholes = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        wholes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.string(),
        (den, whole, part, seed) => {
          const num = whole * den + Math.floor(part * den);
          const [a, b] = [seededRandom(seed), seededRandom(seed)];
          for (let i = 0; i < 20; i += 1)
            expect(bernoulliExpWord(a, num, den)).toBe(bernoulliExp(b, BigInt(num), BigInt(den)));
          expect(a.word()).toBe(b.word());
        },
      ),
      { seed: 31, numRuns: 100 },
    );
  });

  it('is always true for an exponent of zero', () => {
    const random = seededRandom('zero');
    for (let i = 0; i < 100; i += 1) expect(bernoulliExp(random, 0n, 7n)).toBe(true);
  });

  it('ends at once on an enormous exponent', () => {
    expect(bernoulliExp(seededRandom('far'), 10n ** 100n, 1n)).toBe(false);
  });
});
