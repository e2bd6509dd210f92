import { averageFrequency, reachByFrequency } from './frequency.ts';
import { fiellerSet } from './ratio.ts';

const bins = (values: readonly number[], variance: number) => values.map((value) => ({ value, variance }));

describe('averageFrequency', () => {
  it('is contacts over members, the open bin at its lower end', () => {
    const { numerator, denominator, covariance } = averageFrequency(bins([500, 300, 200], 4));
    expect(numerator).toEqual({ value: 500 + 600 + 600, variance: (1 + 4 + 9) * 4 });
    expect(denominator).toEqual({ value: 1000, variance: 12 });
    expect(covariance).toBe((1 + 2 + 3) * 4);
  });

  it('knows that both parts have the same noise: with one bin there is nothing to doubt', () => {
    const set = fiellerSet(averageFrequency(bins([500], 400)));
    expect(set).toEqual({ shape: 'INTERVAL', interval: [expect.closeTo(1, 9), expect.closeTo(1, 9)] });
  });

  it('weighs each bin with its own noise', () => {
    const { numerator, denominator, covariance } = averageFrequency([
      { value: 10, variance: 1 },
      { value: 20, variance: 100 },
    ]);
    expect([numerator.variance, denominator.variance, covariance]).toEqual([401, 101, 201]);
  });
});

describe('reachByFrequency', () => {
  it('sums from each frequency up', () => {
    expect(reachByFrequency(bins([500, 300, 200], 4))).toEqual([
      { frequency: 1, value: 1000, sum: { value: 1000, variance: 12 } },
      { frequency: 2, value: 500, sum: { value: 500, variance: 8 } },
      { frequency: 3, value: 200, sum: { value: 200, variance: 4 } },
    ]);
  });

  it('does not rise where a bin came out negative, and keeps the plain sums', () => {
    // Upper sums 60, −40, 10 with weights 1/3, 1/2, 1 : the last two are pooled at −40·⅓ + 10·⅔.
    const reach = reachByFrequency(bins([100, -50, 10], 1));
    expect(reach.map(({ value }) => value)).toEqual([60, expect.closeTo(-20 / 3, 12), expect.closeTo(-20 / 3, 12)]);
    expect(reach.map(({ sum }) => sum.value)).toEqual([60, -40, 10]);
  });
});

it('a histogram without bins, or with an impossible one, is refused', () => {
  const refusal = expect.objectContaining({ code: 'privacy-parameter' });
  for (const f of [averageFrequency, reachByFrequency]) {
    expect(() => f([])).toThrow(refusal);
    expect(() => f(bins([1, NaN], 1))).toThrow(refusal);
    expect(() => f(bins([1], -1))).toThrow(refusal);
  }
  expect(() => reachByFrequency(bins([1], 0))).toThrow(refusal);
});
