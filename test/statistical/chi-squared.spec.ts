import { chiSquaredPValue } from './chi-squared.ts';

describe('chiSquaredPValue', () => {
  // The usual critical values, as printed in tables of the law.
  it.each([
    [3.841458820694124, 1, 0.05],
    [6.634896601021214, 1, 0.01],
    [5.991464547107979, 2, 0.05],
    [18.307038053275146, 10, 0.05],
    [124.34211340400407, 100, 0.05],
    [29.58829844507442, 10, 0.001],
  ])('of %d with %d degrees of freedom is %d', (statistic, degrees, p) => {
    expect(Math.abs(chiSquaredPValue(statistic, degrees) / p - 1)).toBeLessThan(1e-10);
  });

  it('with two degrees of freedom is exp(−x/2), from the centre to the far tail', () => {
    for (const x of [1e-3, 0.5, 1, 3.9, 4.1, 50, 500, 1200])
      expect(Math.abs(chiSquaredPValue(x, 2) / Math.exp(-x / 2) - 1)).toBeLessThan(1e-11);
  });

  it('with four is (1 + x/2)·exp(−x/2)', () => {
    for (const x of [0.01, 1, 5.9, 6.1, 80])
      expect(Math.abs(chiSquaredPValue(x, 4) / ((1 + x / 2) * Math.exp(-x / 2)) - 1)).toBeLessThan(1e-11);
  });

  it('is 1 for a perfect fit', () => {
    expect(chiSquaredPValue(0, 7)).toBe(1);
  });
});
