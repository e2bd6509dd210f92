import fc from 'fast-check';
import { nonIncreasing } from './isotonic.ts';

const anyWeighted = fc.array(
  fc.record({ value: fc.integer({ min: -1000, max: 1000 }), weight: fc.integer({ min: 1, max: 50 }) }),
  { minLength: 1, maxLength: 12 },
);
const parts = (weighted: readonly { value: number; weight: number }[]) => ({
  values: weighted.map(({ value }) => value),
  weights: weighted.map(({ weight }) => weight),
});

const distance2 = (a: readonly number[], b: readonly number[], weights: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + weights[i]! * (x - b[i]!) ** 2, 0);

/** The max–min formula: min over j ≤ i of max over k ≥ i of the mean of j … k. Quadratic, and no pooling. */
const maxMin = (values: readonly number[], weights: readonly number[]): number[] => {
  const mean = (j: number, k: number): number => {
    let [sum, weight] = [0, 0];
    for (let i = j; i <= k; i += 1) [sum, weight] = [sum + weights[i]! * values[i]!, weight + weights[i]!];
    return sum / weight;
  };
  const indices = values.map((_, i) => i);
  return indices.map((i) =>
    Math.min(...indices.slice(0, i + 1).map((j) => Math.max(...indices.slice(i).map((k) => mean(j, k))))),
  );
};

describe('nonIncreasing', () => {
  it('pools neighbours that rise', () => {
    expect(nonIncreasing([9, 3, 5, 1], [1, 1, 1, 1])).toEqual([9, 4, 4, 1]);
    expect(nonIncreasing([3, 5], [3, 1])).toEqual([3.5, 3.5]);
    expect(nonIncreasing([1, 2, 6], [1, 1, 1])).toEqual([3, 3, 3]);
    expect(nonIncreasing([], [])).toEqual([]);
  });

  it('is the max–min formula of isotonic regression', () => {
    fc.assert(
      fc.property(anyWeighted, (weighted) => {
        const { values, weights } = parts(weighted);
        const expected = maxMin(values, weights);
        const difference = nonIncreasing(values, weights).map((x, i) => Math.abs(x - expected[i]!));
        expect(Math.max(...difference)).toBeLessThan(1e-9);
      }),
      { seed: 101, numRuns: 500 },
    );
  });

  it('never rises, leaves what never rises as it is, and does nothing twice', () => {
    fc.assert(
      fc.property(anyWeighted, (weighted) => {
        const { values, weights } = parts(weighted);
        const fitted = nonIncreasing(values, weights);
        expect(fitted.every((x, i) => i === 0 || x <= fitted[i - 1]!)).toBe(true);
        expect(nonIncreasing(fitted, weights)).toEqual(fitted);
        const sorted = values.toSorted((a, b) => b - a);
        expect(nonIncreasing(sorted, weights)).toEqual(sorted);
      }),
      { seed: 102 },
    );
  });

  it('is never further from a sequence that does not rise than the values were', () => {
    fc.assert(
      fc.property(anyWeighted, fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 12 }), (weighted, some) => {
        const { values, weights } = parts(weighted);
        const truth = some.toSorted((a, b) => b - a).slice(0, values.length);
        const fitted = nonIncreasing(values, weights);
        expect(distance2(fitted, truth, weights)).toBeLessThanOrEqual(distance2(values, truth, weights) * (1 + 1e-12));
      }),
      { seed: 103 },
    );
  });
});
