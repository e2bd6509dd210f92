import fc from 'fast-check';
import { curveStandardErrors, estimateCurve } from './curve-estimate.ts';
import { interval95 } from './noisy-value.ts';
import { columnNormSquared, squareRootColumn } from './sqrt-matrix.ts';

const UNIT = { sigma2: { num: 1n, den: 1n } };

/** K·x, without noise. */
function exactRows(increments: readonly bigint[]): bigint[] {
  const column = squareRootColumn(increments.length);
  return increments.map((_, t) => increments.slice(0, t + 1).reduce((sum, x, s) => sum + column[t - s]! * x, 0n));
}

/** The inverse of K by Gauss and Jordan's elimination on the full matrix. */
function denseInverse(horizon: number): number[][] {
  const column = squareRootColumn(horizon).map(Number);
  const rows = column.map((_, i) => [
    ...column.map((__, j) => (i >= j ? column[i - j]! : 0)),
    ...column.map((__, j) => (i === j ? 1 : 0)),
  ]);
  for (const [p, pivot] of rows.entries()) {
    const lead = pivot[p]!;
    for (const [k, x] of pivot.entries()) pivot[k] = x / lead;
    for (const [i, row] of rows.entries()) {
      const factor = row[p]!;
      if (i !== p) for (const [k, x] of pivot.entries()) row[k]! -= factor * x;
    }
  }
  return rows.map((row) => row.slice(horizon));
}

/** Var of Σ over days from … to of (K⁻¹ z)_day for unit noise z, from the full inverse. */
function denseVariance(inverse: readonly number[][], from: number, to: number): number {
  const weights = inverse.map((_, j) => inverse.slice(from - 1, to).reduce((sum, row) => sum + row[j]!, 0));
  return weights.reduce((sum, weight) => sum + weight * weight, 0);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Standard errors in units of σ₁ = 1/√(2ρ), the deviation of one count that takes the whole budget. */
const inUnits = (horizon: number): number[] =>
  curveStandardErrors({ horizon, ...UNIT }).map((error) => error * Math.sqrt(Number(columnNormSquared(horizon))));

describe('estimateCurve', () => {
  it('gives the exact members when the noise is 0', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 50_000_000n }), { minLength: 1, maxLength: 90 }), (increments) => {
        const estimate = estimateCurve(exactRows(increments), UNIT);
        let reached = 0;
        for (const [i, members] of increments.map(Number).entries()) {
          reached += members;
          expect(estimate.increments[i]!.value).toBe(members);
          expect(estimate.cumulative[i]!.value).toBe(reached);
        }
      }),
      { seed: 31, numRuns: 100 },
    );
  });

  it('does not change a day when later days arrive', () => {
    const noisy = exactRows([900n, 400n, 250n, 100n]).map((value, i) => value + BigInt(i * i * 977 - 1500));
    const [two, four] = [estimateCurve(noisy.slice(0, 2), UNIT), estimateCurve(noisy, UNIT)];
    expect(four.cumulative.slice(0, 2)).toEqual(two.cumulative);
    expect(four.increments.slice(0, 2)).toEqual(two.increments);
  });

  it('refuses to estimate from no day', () => {
    expect(() => estimateCurve([], UNIT)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });

  it('adds up: a window is the difference of two cumulative counts', () => {
    const estimate = estimateCurve([5_000_123n, 7_999_001n, 9_100_200n, 9_000_011n, 12_345_678n], UNIT);
    const [later, before] = [estimate.cumulative[3]!, estimate.cumulative[0]!];
    expect(estimate.between(2, 4).value).toBeCloseTo(later.value - before.value, 8);
    expect(estimate.between(1, 5)).toEqual(estimate.cumulative[4]);
    expect(estimate.between(3, 3)).toEqual(estimate.increments[2]);
  });

  it('knows the variance of every window exactly', () => {
    const horizon = 14;
    const inverse = denseInverse(horizon);
    const sigma2 = { num: 7_000_000n, den: 3n };
    const estimate = estimateCurve(exactRows(Array.from({ length: horizon }, () => 100n)), { sigma2 });
    for (let from = 1; from <= horizon; from += 1) {
      for (let to = from; to <= horizon; to += 1) {
        const expected = (7_000_000 / 3) * denseVariance(inverse, from, to);
        expect(Math.abs(estimate.between(from, to).variance / expected - 1)).toBeLessThan(1e-10);
      }
    }
  });

  it('has an interval of 1.96 standard errors', () => {
    const [day] = estimateCurve([1024n * 1000n], { sigma2: { num: 1024n ** 2n * 100n, den: 1n } }).cumulative;
    expect(interval95(day!)).toEqual([1000 - 19.6, 1000 + 19.6]);
  });

  it.each([
    [0, 1],
    [2, 1],
    [1, 4],
    [1.5, 2],
    [1, NaN],
  ])('refuses days %d to %d of three', (from, to) => {
    const estimate = estimateCurve([1n, 2n, 3n], UNIT);
    expect(() => estimate.between(from, to)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});

describe('curveStandardErrors', () => {
  it('are those of the estimate', () => {
    const { cumulative } = estimateCurve(exactRows([5n, 6n, 7n]), { sigma2: { num: 9n, den: 1n } });
    expect(curveStandardErrors({ horizon: 3, sigma2: { num: 9n, den: 1n } })).toEqual(
      cumulative.map(({ variance }) => Math.sqrt(variance)),
    );
  });

  it.each([
    [30, 1.99, 2.15],
    [90, 2.33, 2.5],
  ])('over %d days are %d σ₁ on average and %d at most', (horizon, average, largest) => {
    const errors = inUnits(horizon);
    expect(Math.abs(mean(errors) / average - 1)).toBeLessThan(0.01);
    expect(Math.abs(Math.max(...errors) / largest - 1)).toBeLessThan(0.01);
  });

  it.each([
    [5, 1.56],
    [13, 1.88],
  ])('of a curve of %d weeks end at %d σ₁', (weeks, expected) => {
    expect(Math.abs(inUnits(weeks).at(-1)! / expected - 1)).toBeLessThan(0.01);
  });

  // The same budget on one count for each day, which one member changes by 1 on one day: σ₁ a day, √t after t days.
  it.each([
    [30, 3.74, 5.48],
    [90, 6.37, 9.49],
  ])('beat the sum of %d noisy days, which is %d σ₁ on average and %d at the end', (horizon, average, largest) => {
    const summed = Array.from({ length: horizon }, (_, i) => Math.sqrt(i + 1));
    expect(Math.abs(mean(summed) / average - 1)).toBeLessThan(0.01);
    expect(Math.abs(Math.max(...summed) / largest - 1)).toBeLessThan(0.01);
    expect(mean(summed) / mean(inUnits(horizon))).toBeGreaterThan(horizon === 30 ? 1.85 : 2.7);
    expect(Math.max(...summed) / Math.max(...inUnits(horizon))).toBeGreaterThan(horizon === 30 ? 2.5 : 3.75);
  });

  it('of a single day are worse than one count for each day', () => {
    const horizon = 30;
    const { increments } = estimateCurve(exactRows(Array.from({ length: horizon }, () => 0n)), UNIT);
    const last = Math.sqrt(increments.at(-1)!.variance * Number(columnNormSquared(horizon)));
    expect(Math.abs(last / 1.65 - 1)).toBeLessThan(0.01);
  });
});
