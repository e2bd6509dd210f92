import fc from 'fast-check';
import { bernoulliExp, GUARD } from './bernoulli-exp.ts';
import type { Exponent } from './bernoulli-exp.ts';
import { distanceFromPeak } from './discrete-gaussian.ts';
import { shareOf } from './discrete-laplace.ts';
import { expNegBounds } from './exp-bounds.ts';
import { scriptedRandom, seededRandom } from './testing.ts';

const WORD = 2n ** 32n;
/** Bits of the uniform real that the expected decision is taken from. */
const BITS = 96n;

interface Case {
  readonly exponent: Exponent;
  readonly x: number;
}

const LAWS = [
  [1n, 4n],
  [1n, 1n],
  [7n, 3n],
  [100n, 1n],
  [10_000n, 1n],
  [75_000n ** 2n, 1n],
  [10n ** 18n + 9n, 10n ** 9n + 7n],
  [10n ** 24n, 10n ** 12n - 1n],
  [10n ** 12n, 1n],
] as const;

/** Trials as the samplers meet them: offsets below a Laplace scale, and proposals of a Gaussian out to some 6σ. */
function cases(count: number): Case[] {
  const random = seededRandom('cases');
  const unit = (): number => random.word() / 2 ** 32;
  return Array.from({ length: count }, (_, i) => {
    const [num, den] = LAWS[i % LAWS.length]!;
    const sigma = Math.sqrt(Number(num) / Number(den));
    const scale = Math.floor(sigma) + 1;
    return i % 2 === 0
      ? { exponent: shareOf(scale), x: Math.floor(unit() * scale) }
      : { exponent: distanceFromPeak({ num, den }), x: Math.round((12 * unit() - 6) * sigma) };
  });
}

const boundsOf = ({ exponent, x }: Case): readonly [bigint, bigint] => {
  const { num, den } = exponent.exactly(x);
  return expNegBounds(num, den, BITS);
};

/** What U = 0.w₁w₂w₃… says of U < exp(−r), which 96 bits settle here. */
function decisionOf(words: readonly number[], [low, high]: readonly [bigint, bigint]): boolean {
  const start = words.reduce((sum, word) => sum * WORD + BigInt(word), 0n);
  if (start >= low && start < high) throw new RangeError('96 bits do not settle this real');
  return start < low;
}

/** Decisions of a trial that differ from the expected ones, over the given first words for every case. */
function disagreements(guard: number, all: readonly Case[], firstWords: (near: number) => number[]): [number, number] {
  const rest = seededRandom('further words');
  let [wrong, decided] = [0, 0];
  for (const one of all) {
    const bounds = boundsOf(one);
    const trial = bernoulliExp(one.exponent, guard);
    const near = Number(bounds[0] >> (BITS - 32n));
    for (const first of firstWords(near)) {
      const words = [first, rest.word(), rest.word(), rest.word()];
      if (trial(scriptedRandom(words), one.x) !== decisionOf(words.slice(0, 3), bounds)) wrong += 1;
      decided += 1;
    }
  }
  return [wrong, decided];
}

const anywhere = (count: number): ((near: number) => number[]) => {
  const random = seededRandom('first words');
  return () => Array.from({ length: count }, () => random.word());
};

/** 2⁵⁶·value, rounded. */
const scaled = (value: number): bigint => BigInt(Math.round(value * 2 ** 56));

/** The word at the edge of the decision and six to either side. */
const atTheEdge = (near: number): number[] =>
  Array.from({ length: 13 }, (_, i) => near + i - 6).filter((word) => word >= 0 && word < 2 ** 32);

describe('bernoulliExp', () => {
  it('decides like exact arithmetic on the same real: 300,000 random ones', () => {
    expect(disagreements(GUARD, cases(15_000), anywhere(20))).toEqual([0, 300_000]);
  });

  it('decides like exact arithmetic where the first word is at the edge, 130,000 times', () => {
    const [wrong, decided] = disagreements(GUARD, cases(11_000), atTheEdge);
    expect(wrong).toBe(0);
    expect(decided).toBeGreaterThan(130_000);
  });

  it('decides the same without its doubles', () => {
    expect(disagreements(Infinity, cases(2_000), anywhere(10))).toEqual([0, 20_000]);
    expect(disagreements(Infinity, cases(3_000), atTheEdge)[0]).toBe(0);
  });

  it('would decide wrongly with no guard: the comparison can tell', () => {
    expect(disagreements(0, cases(1_000), atTheEdge)[0]).toBeGreaterThan(100);
  });

  it('reads one word where that settles it, and then none more', () => {
    const trial = bernoulliExp(shareOf(2), GUARD);
    const near = Math.floor(Math.exp(-0.5) * 2 ** 32);
    for (const guard of [GUARD, Infinity]) {
      expect(bernoulliExp(shareOf(2), guard)(scriptedRandom([near - 5]), 1)).toBe(true);
      expect(bernoulliExp(shareOf(2), guard)(scriptedRandom([near + 5]), 1)).toBe(false);
    }
    expect(() => trial(scriptedRandom([near]), 1)).toThrow(RangeError);
  });

  // The first 9 words of exp(−1/2), from mpmath. Through 8 words a real that begins with them is undecided.
  it('reads as many words of one real as it takes', () => {
    const root = [
      0x9b4597e3, 0x7cb04ff3, 0xd675a355, 0x30cdd767, 0xe347bf8a, 0xd0e80abb, 0xce4ae958, 0x61014318, 0x7944cf10,
    ];
    const further = (last: number): number[] => [...root.slice(0, 8), root[8]! + last, ...Array<number>(7).fill(0)];
    const trial = bernoulliExp(shareOf(2), GUARD);
    expect(trial(scriptedRandom(further(-1)), 1)).toBe(true);
    expect(trial(scriptedRandom(further(1)), 1)).toBe(false);
    expect(() => trial(scriptedRandom(root.slice(0, 8)), 1)).toThrow(RangeError);
  });

  it('is always true for an exponent of 0, and false at once for an enormous one', () => {
    const random = seededRandom('zero');
    for (const guard of [GUARD, Infinity]) {
      const trial = bernoulliExp(shareOf(7), guard);
      for (let i = 0; i < 100; i += 1) expect(trial(random, 0)).toBe(true);
      const never = bernoulliExp(distanceFromPeak({ num: 1n, den: 10n ** 12n }), guard);
      expect(never(scriptedRandom([0, 1, 0, 0]), 1)).toBe(false);
    }
  });

  it('falls back where there is no double', () => {
    const nowhere: Exponent = { ...shareOf(2), nearly: () => NaN };
    expect(bernoulliExp(nowhere, GUARD)(scriptedRandom([0]), 1)).toBe(true);
    expect(bernoulliExp(nowhere, GUARD)(scriptedRandom([2 ** 32 - 1]), 1)).toBe(false);
  });
});

// What the guard rests on. Each bound below is the docstring's; what is seen is far smaller.
describe('the doubles of the filter', () => {
  it('have exponents within 2⁻⁴⁹·(1 + r) of the exact ones', () => {
    const sigma2s = fc
      .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 24n }))
      .map(([den, num]) => ({ num: num > den * 10n ** 12n ? den * 10n ** 12n : num, den }));
    fc.assert(
      fc.property(sigma2s, fc.double({ min: -30, max: 30, noNaN: true }), (sigma2, sigmas) => {
        const x = Math.round(sigmas * Math.sqrt(Number(sigma2.num) / Number(sigma2.den)));
        for (const exponent of [distanceFromPeak(sigma2), shareOf(Number(sigma2.den % 2n ** 32n) + 1)]) {
          const { num, den } = exponent.exactly(Math.abs(x));
          const off = scaled(exponent.nearly(Math.abs(x))) - (num << 56n) / den;
          expect((off < 0n ? -off : off) <= (2n ** 7n * (num + den)) / den + 1n).toBe(true);
        }
      }),
      { seed: 73, numRuns: 5_000 },
    );
  });

  it('rest on a Math.exp that is right to 2⁻⁴⁰ of itself, where its value spans a word or more', () => {
    const random = seededRandom('Math.exp');
    let worst = 0;
    for (let i = 0; i < 20_000; i += 1) {
      // A double on 0 … 22 with 52 bits that count.
      const steps = Math.floor(22 * 2 ** 15 * (random.word() / 2 ** 32)) * 2 ** 32 + random.word();
      const [low, high] = expNegBounds(BigInt(steps), 2n ** 47n, 160n);
      const off = Number(BigInt(Math.exp(-steps / 2 ** 47) * 2 ** 160) - ((low + high) >> 1n));
      worst = Math.max(worst, Math.abs(off) / Number(low));
    }
    expect(worst).toBeLessThan(2 ** -40);
  });

  it('come within 2⁻⁷ of the exact number of words', () => {
    let worst = 0;
    for (const one of cases(20_000)) {
      const near = Math.exp(-one.exponent.nearly(one.x)) * 2 ** 32;
      const off = BigInt(Math.round(near * 2 ** 20)) - (boundsOf(one)[0] >> (BITS - 52n));
      worst = Math.max(worst, Math.abs(Number(off)) / 2 ** 20);
    }
    expect(worst).toBeLessThan(2 ** -7);
  });
});
