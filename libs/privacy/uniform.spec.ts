import fc from 'fast-check';
import { scriptedRandom, seededRandom } from './testing.ts';
import { uniformBelow, uniformBelowWord } from './uniform.ts';

const RANGE = 2n ** 32n;

/** The words of `value`, most significant first. */
const wordsOf = (value: bigint, count: number) =>
  Array.from({ length: count }, (_, i) => Number((value >> (32n * BigInt(count - 1 - i))) % RANGE));

/**
 * What is accepted must be every value from 2^(32·words) mod n to 2^(32·words)−1: that many values are divisible by n.
 * Tries the values on either side of both edges.
 */
function expectAcceptedRangeDivisibleBy(n: bigint): void {
  let words = 1;
  while (RANGE ** BigInt(words) < n) words += 1;
  const refused = RANGE ** BigInt(words) % n;
  const first = uniformBelow(scriptedRandom(wordsOf(refused, words)), n);
  const last = uniformBelow(scriptedRandom(wordsOf(RANGE ** BigInt(words) - 1n, words)), n);
  // One whole round of residues starts at the first accepted value and one ends at the last.
  expect([first, last]).toEqual([refused % n, (refused + n - 1n) % n]);
  if (refused === 0n) return;
  const script = [...wordsOf(refused - 1n, words), ...wordsOf(refused, words)];
  expect(uniformBelow(scriptedRandom(script), n)).toBe(refused % n);
  expect(() => uniformBelow(scriptedRandom(wordsOf(refused - 1n, words)), n)).toThrow(RangeError);
}

describe('uniformBelow', () => {
  it('accepts a range divisible by n, for every n to 10,000', () => {
    for (let n = 1n; n <= 10_000n; n += 1n) expectAcceptedRangeDivisibleBy(n);
    // The 14 powers of two refuse nothing, so they have no edge to try.
    expect.assertions(10_000 + 2 * (10_000 - 14));
  });

  it.each([RANGE - 1n, RANGE, RANGE + 1n, RANGE ** 2n - 1n, RANGE ** 2n, RANGE ** 2n + 1n, 3n * 2n ** 62n, 10n ** 60n])(
    'accepts a range divisible by n = %s',
    expectAcceptedRangeDivisibleBy,
  );

  it('accepts a range divisible by n, for random n of up to 200 bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }).chain((bits) => fc.bigInt({ min: 1n, max: 2n ** BigInt(bits) })),
        (n) => {
          expectAcceptedRangeDivisibleBy(n);
        },
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
