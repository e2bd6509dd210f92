import fc from 'fast-check';
import { scriptedRandom, seededRandom } from './testing.ts';
import { uniformBelow, uniformBelowWord } from './uniform.ts';

const RANGE = 2n ** 32n;

/** The words of `value`, most significant first. */
const wordsOf = (value: bigint, count: number) =>
  Array.from({ length: count }, (_, i) => Number((value >> (32n * BigInt(count - 1 - i))) % RANGE));

/** The value that these words give, or that they are not enough. */
function drawn(words: readonly number[], n: bigint): bigint | 'too few words' {
  try {
    return uniformBelow(scriptedRandom(words), n);
  } catch (error) {
    if ((error as Error).message !== 'the script has no more words') throw error;
    return 'too few words';
  }
}

/**
 * What is accepted must be every value from 2^(32·words) mod n to 2^(32·words)−1: that many values are divisible by n.
 * Tries the values on either side of both edges.
 */
function acceptsRangeDivisibleBy(n: bigint): boolean {
  let words = 1;
  while (RANGE ** BigInt(words) < n) words += 1;
  const refused = RANGE ** BigInt(words) % n;
  // One whole round of residues starts at the first accepted value and one ends at the last.
  const first = drawn(wordsOf(refused, words), n) === refused % n;
  const last = drawn(wordsOf(RANGE ** BigInt(words) - 1n, words), n) === (refused + n - 1n) % n;
  if (refused === 0n) return first && last;
  const lastRefused = wordsOf(refused - 1n, words);
  return (
    first &&
    last &&
    drawn(lastRefused, n) === 'too few words' &&
    drawn([...lastRefused, ...wordsOf(refused, words)], n) === refused % n
  );
}

describe('uniformBelow', () => {
  it('accepts a range divisible by n, for every n to 10,000', () => {
    const wrong = Array.from({ length: 10_000 }, (_, i) => BigInt(i + 1)).filter((n) => !acceptsRangeDivisibleBy(n));
    expect(wrong).toEqual([]);
  });

  it.each([RANGE - 1n, RANGE, RANGE + 1n, RANGE ** 2n - 1n, RANGE ** 2n, RANGE ** 2n + 1n, 3n * 2n ** 62n, 10n ** 60n])(
    'accepts a range divisible by n = %s',
    (n) => {
      expect(acceptsRangeDivisibleBy(n)).toBe(true);
    },
  );

  it('accepts a range divisible by n, for random n of up to 200 bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }).chain((bits) => fc.bigInt({ min: 1n, max: 2n ** BigInt(bits) })),
        acceptsRangeDivisibleBy,
      ),
      { seed: 21, numRuns: 500 },
    );
  });

  it('refuses an empty range', () => {
    expect(() => uniformBelow(seededRandom('empty'), 0n)).toThrow(RangeError);
  });

  it('gives every residue from the right words', () => {
    expect(uniformBelow(scriptedRandom([7, 11]), RANGE ** 2n)).toBe(7n * RANGE + 11n);
    expect(uniformBelow(scriptedRandom([7, 11]), 10n ** 10n)).toBe((7n * RANGE + 11n) % 10n ** 10n);
  });
});

describe('uniformBelowWord', () => {
  it('is uniformBelow, word for word', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.string(), (n, seed) => {
        const [a, b] = [seededRandom(seed), seededRandom(seed)];
        for (let i = 0; i < 20; i += 1) expect(uniformBelowWord(a, n)).toBe(Number(uniformBelow(b, BigInt(n))));
        expect(a.word()).toBe(b.word());
      }),
      { seed: 22, numRuns: 50 },
    );
  });
});
