import { RawVector } from '#core';
import { estimateCurve } from '../../libs/privacy/curve-estimate.ts';
import type { CurveEstimate } from '../../libs/privacy/curve-estimate.ts';
import { curveSensitivitySquared, releaseCurveDay } from '../../libs/privacy/curve-release.ts';
import type { CurvePlan } from '../../libs/privacy/curve-release.ts';
import { interval95 } from '../../libs/privacy/noisy-value.ts';
import type { NoisyValue } from '../../libs/privacy/noisy-value.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';

const DAYS = 30;
const RUNS = 20_000;
/** Six reach curves for 0.00024 ρ: two hundredths of a campaign's 0.012. */
const DESIGN = { horizon: DAYS, curves: 6n };
const PLAN: CurvePlan = {
  ...DESIGN,
  sigma2: { num: curveSensitivitySquared(DESIGN) * 1_000_000_000n, den: 2n * 240_000n },
};

/** 240,000 members reached in a month, most of them early. */
const INCREMENTS = Array.from({ length: DAYS }, (_, day) => BigInt(Math.round(19_800 * 0.93 ** day)));
const reachedIn = (from: number, to: number): number =>
  INCREMENTS.slice(from - 1, to).reduce((sum, members) => sum + Number(members), 0);

const random = seededRandom('reach');
const estimates: CurveEstimate[] = Array.from({ length: RUNS }, () =>
  estimateCurve(
    INCREMENTS.map((_, i) => releaseCurveDay(new RawVector(INCREMENTS.slice(0, i + 1)), PLAN, random)),
    PLAN,
  ),
);

const WINDOWS: [string, number, number][] = [
  ['the first day', 1, 1],
  ['the middle of the flight', 1, 15],
  ['the end of the flight', 1, 30],
  ['the last day alone', 30, 30],
  ['the third week', 15, 21],
];

const covers = (noisy: NoisyValue, exact: number): boolean => {
  const [low, high] = interval95(noisy);
  return low <= exact && exact <= high;
};
const shareOfRuns = (holds: (estimate: CurveEstimate) => boolean): number => estimates.filter(holds).length / RUNS;

// 20,000 seeded flights. The mean error of a right estimate is within 4 of its standard errors, and the variance within
// 4·√(2/20,000) = 4 % of the formula; under other seeds one of the ten checks would fail with odds of 6·10⁻⁴.
describe('the estimate of a curve', () => {
  it.each(WINDOWS)('is unbiased and has the variance it says: %s', (_, from, to) => {
    const errors = estimates.map((estimate) => estimate.between(from, to).value - reachedIn(from, to));
    const mean = errors.reduce((a, b) => a + b, 0) / RUNS;
    const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (RUNS - 1);
    const said = estimates[0]!.between(from, to).variance;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(said / RUNS));
    expect(Math.abs(variance / said - 1)).toBeLessThan(0.04);
  });

  // A share of 20,000 deviates by 0.15 points, so the band is ± 3.9 deviations: under other seeds one of the six would
  // leave it with odds of 6·10⁻⁴. Over all days it deviates less, for the errors of days are not one and the same.
  it.each(WINDOWS)('has an interval that covers 95 %: %s', (_, from, to) => {
    const covered = shareOfRuns((estimate) => covers(estimate.between(from, to), reachedIn(from, to)));
    expect(covered).toBeGreaterThan(0.944);
    expect(covered).toBeLessThan(0.956);
  });

  it('has intervals that cover 95 % over all days', () => {
    let covered = 0;
    for (const { cumulative } of estimates)
      covered += cumulative.filter((noisy, i) => covers(noisy, reachedIn(1, i + 1))).length;
    expect(covered / (RUNS * DAYS)).toBeGreaterThan(0.944);
    expect(covered / (RUNS * DAYS)).toBeLessThan(0.956);
  });
});

// The errors of days are correlated, which is the point of the matrix. Who forgets it covers too much: the variances of
// 30 days add up to 18 times that of the month.
describe('the negative control', () => {
  it('summed as if the days were independent covers more than 99.9 %', () => {
    const covered = shareOfRuns(({ cumulative, increments }) => {
      const variance = increments.reduce((sum, day) => sum + day.variance, 0);
      return covers({ value: cumulative.at(-1)!.value, variance }, reachedIn(1, DAYS));
    });
    expect(covered).toBeGreaterThan(0.999);
  });

  it('with the variance of the first day at the end covers less than 88 %', () => {
    const covered = shareOfRuns(({ cumulative }) =>
      covers({ value: cumulative.at(-1)!.value, variance: cumulative[0]!.variance }, reachedIn(1, DAYS)),
    );
    expect(covered).toBeLessThan(0.88);
  });
});
