import fc from 'fast-check';
import { interval95, inverseVarianceMean, noisySum } from './noisy-value.ts';
import type { NoisyValue } from './noisy-value.ts';

const anyNoisy: fc.Arbitrary<NoisyValue> = fc.record({
  value: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  variance: fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
});

it('interval95 is 1.96 standard errors either side', () => {
  expect(interval95({ value: 500, variance: 10_000 })).toEqual([304, 696]);
  expect(interval95({ value: -3, variance: 0 })).toEqual([-3, -3]);
});

it('noisySum adds values and variances; the sum of none is an exact 0', () => {
  expect(noisySum([])).toEqual({ value: 0, variance: 0 });
  expect(
    noisySum([
      { value: 7, variance: 4 },
      { value: -2, variance: 9 },
    ]),
  ).toEqual({ value: 5, variance: 13 });
});

describe('inverseVarianceMean', () => {
  it('weighs 1 : 3 where the variances are 3 : 1', () => {
    const mean = inverseVarianceMean({ value: 100, variance: 300 }, { value: 200, variance: 100 });
    expect(mean).toEqual({ value: 175, variance: 75 });
  });

  it('takes a number without noise as it is, on either side', () => {
    const [exact, noisy] = [
      { value: 5, variance: 0 },
      { value: 9, variance: 2 },
    ];
    expect(inverseVarianceMean(exact, noisy)).toEqual(exact);
    expect(inverseVarianceMean(noisy, exact)).toEqual(exact);
    expect(inverseVarianceMean(exact, exact)).toEqual(exact);
  });

  it('has a smaller variance than any other weights, and does not depend on the order', () => {
    fc.assert(
      fc.property(anyNoisy, anyNoisy, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, weight) => {
        const mean = inverseVarianceMean(a, b);
        const other = weight ** 2 * a.variance + (1 - weight) ** 2 * b.variance;
        expect(mean.variance).toBeLessThanOrEqual(other * (1 + 1e-12));
        const swapped = inverseVarianceMean(b, a);
        const scale = Math.max(Math.abs(a.value), Math.abs(b.value), 1);
        expect(Math.abs(swapped.value - mean.value)).toBeLessThan(1e-12 * scale);
        expect(Math.abs(swapped.variance / mean.variance - 1)).toBeLessThan(1e-12);
      }),
      { seed: 11 },
    );
  });
});

it.each([
  ['an infinite value', { value: Infinity, variance: 1 }],
  ['a value that is no number', { value: NaN, variance: 1 }],
  ['a negative variance', { value: 1, variance: -1 }],
  ['an infinite variance', { value: 1, variance: Infinity }],
  ['a variance that is no number', { value: 1, variance: NaN }],
])('%s is refused', (_, noisy) => {
  const refusal = expect.objectContaining({ code: 'privacy-parameter' });
  expect(() => interval95(noisy)).toThrow(refusal);
  expect(() => noisySum([noisy])).toThrow(refusal);
  expect(() => inverseVarianceMean(noisy, { value: 1, variance: 1 })).toThrow(refusal);
  expect(() => inverseVarianceMean({ value: 1, variance: 1 }, noisy)).toThrow(refusal);
});
