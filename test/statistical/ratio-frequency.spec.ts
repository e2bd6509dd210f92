import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { averageFrequency, reachByFrequency } from '../../libs/privacy/frequency.ts';
import type { ReachAtLeast } from '../../libs/privacy/frequency.ts';
import { Z95 } from '../../libs/privacy/noisy-value.ts';
import type { NoisyValue } from '../../libs/privacy/noisy-value.ts';
import { overlapOf } from '../../libs/privacy/overlap.ts';
import { fiellerSet } from '../../libs/privacy/ratio.ts';
import type { FiellerSet } from '../../libs/privacy/ratio.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';

const RUNS = 20_000;
const SIGMA2 = { num: 40_800n ** 2n, den: 1_000_000n };
const VARIANCE = 40.8 ** 2;
const draw = discreteGaussian(SIGMA2);

/** Members seen 1, 2, … 10 or more times: a large campaign, and one whose upper bins hold less than the noise. */
const HISTOGRAMS: [string, number[]][] = [
  ['240,000 members', [96_000, 57_600, 34_560, 20_736, 12_442, 7465, 4479, 2687, 1612, 2419]],
  ['300 members', [180, 70, 30, 12, 5, 2, 1, 0, 0, 0]],
];

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const covers = ({ value, variance }: NoisyValue, truth: number): boolean =>
  Math.abs(value - truth) <= Z95 * Math.sqrt(variance);

const runs = new Map<string, readonly NoisyValue[][]>();
/** The same 20,000 noisy histograms for every test. */
function noisy(name: string, exact: readonly number[]): readonly NoisyValue[][] {
  const random = seededRandom(name);
  const known =
    runs.get(name) ??
    Array.from({ length: RUNS }, () =>
      exact.map((members) => ({ value: members + Number(draw(random)), variance: VARIANCE })),
    );
  runs.set(name, known);
  return known;
}

/** The share of runs in which each frequency's reach is within 1.96 standard errors of a chosen centre. */
function coverage(
  [name, exact]: readonly [string, readonly number[]],
  centre: (reach: ReachAtLeast) => number,
): number[] {
  const covered = exact.map(() => 0);
  for (const bins of noisy(name, exact)) {
    for (const [i, reach] of reachByFrequency(bins).entries()) {
      const { variance } = reach.sum;
      if (covers({ value: centre(reach), variance }, sum(exact.slice(i)))) covered[i]! += 1;
    }
  }
  return covered.map((n) => n / RUNS);
}

// 20,000 seeded histograms. A share near 95 % deviates by 0.15 points, so every one of the twenty is within 0.7 points with
// odds of 10⁻⁴ of the contrary under other seeds.
describe('reach by frequency', () => {
  it.each(HISTOGRAMS)('of %s has intervals around the plain sums that cover 95 %', (name, exact) => {
    const shares = coverage([name, exact], (reach) => reach.sum.value);
    expect(Math.max(...shares.map((share) => Math.abs(share - 0.95)))).toBeLessThan(0.007);
  });

  it('would cover too little at the last frequency, were the interval moved to the fallen value', () => {
    const shares = coverage(HISTOGRAMS[1]!, (reach) => reach.value);
    expect(shares.at(-1)).toBeLessThan(0.92);
  });

  it('is nearer to the truth than the plain sums, where they have to be made to fall', () => {
    const [name, exact] = HISTOGRAMS[1]!;
    let [plain, fallen] = [0, 0];
    for (const bins of noisy(name, exact)) {
      for (const [i, reach] of reachByFrequency(bins).entries()) {
        plain += (reach.sum.value - sum(exact.slice(i))) ** 2;
        fallen += (reach.value - sum(exact.slice(i))) ** 2;
      }
    }
    expect(fallen / plain).toBeLessThan(0.9);
  });
});

const contains = (set: FiellerSet, r: number): boolean => {
  if (set.shape === 'LINE') return true;
  if (set.shape === 'TWO_RAYS') return r <= set.gap[0] || set.gap[1] <= r;
  return set.interval[0] <= r && r <= set.interval[1];
};

describe('average frequency', () => {
  // ± 3.9 deviations of a share of 20,000: odds of 10⁻⁴ under another seed.
  it.each(HISTOGRAMS)('of %s is in its set in 94.4 … 95.6 %', (name, exact) => {
    const truth = sum(exact.map((members, i) => members * (i + 1))) / sum(exact);
    const covered = noisy(name, exact).filter((bins) => contains(fiellerSet(averageFrequency(bins)), truth));
    expect(Math.abs(covered.length / RUNS - 0.95)).toBeLessThan(0.006);
  });

  // The noise of both parts is the same; who takes it for independent prints an interval that is far too wide.
  it('would cover 99 % without the covariance', () => {
    const [name, exact] = HISTOGRAMS[0]!;
    const truth = sum(exact.map((members, i) => members * (i + 1))) / sum(exact);
    const covered = noisy(name, exact).filter((bins) =>
      contains(fiellerSet({ ...averageFrequency(bins), covariance: 0 }), truth),
    );
    expect(covered.length / RUNS).toBeGreaterThan(0.99);
  });
});

describe('reach of any channel', () => {
  // ± 3.9 deviations of a share of 20,000: odds of 10⁻⁴ under another seed.
  it('averaged with its curve is covered in 94.4 … 95.6 %, with less noise than either', () => {
    const exact = Array.from({ length: 31 }, (_, i) => 40_000 - 1100 * i);
    const curve = discreteGaussian({ num: 98n ** 2n, den: 1n });
    const random = seededRandom('any channel');
    const any = Array.from({ length: RUNS }, () => {
      const end = { value: sum(exact) + Number(curve(random)), variance: 98 ** 2 };
      const regions = exact.map((members) => ({ value: members + Number(draw(random)), variance: VARIANCE }));
      return overlapOf(5, regions, end).any;
    });
    expect(Math.abs(any.filter((noisyReach) => covers(noisyReach, sum(exact))).length / RUNS - 0.95)).toBeLessThan(
      0.012,
    );
    expect(any[0]!.variance).toBeLessThan(Math.min(98 ** 2, 31 * VARIANCE));
  });
});
