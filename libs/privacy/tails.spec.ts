import fc from 'fast-check';
import type { Rational } from './rational.ts';
import { halfWidth95, tailProbability, upperQuantile } from './tails.ts';

const square = (sigma: number): Rational => ({ num: BigInt(sigma * sigma), den: 1n });
const outside = (sigma2: Rational, h: bigint): number => 2 * tailProbability(sigma2, h + 1n);
const anySigma2 = fc.record({ num: fc.bigInt({ min: 1n, max: 10n ** 5n }), den: fc.bigInt({ min: 1n, max: 100n }) });

describe('tailProbability', () => {
  it.each([
    [1, '5.856e-2 4.567e-3 1.353e-4 1.493e-6 6.085e-9'],
    [2, '3.849e-2 2.728e-3 7.571e-5 8.004e-7 3.176e-9'],
    [5, '2.851e-2 1.837e-3 4.682e-5 4.597e-7 1.713e-9'],
    [22, '2.400e-2 1.453e-3 3.480e-5 3.217e-7 1.131e-9'],
    [100, '2.302e-2 1.372e-3 3.234e-5 2.941e-7 1.017e-9'],
  ])('of zσ, z = 2 … 6, σ = %d is %s', (sigma, row) => {
    const tails = [2, 3, 4, 5, 6].map((z) => tailProbability(square(sigma), BigInt(z * sigma)).toExponential(3));
    expect(tails.join(' ')).toBe(row);
  });

  // From the definition, summed in 60-digit arithmetic.
  it.each([
    [1n, 100n, 1n, 1.92874984796392e-22],
    [1n, 4n, 1n, 0.106714646479026],
    [1n, 4n, 3n, 1.1979465897295e-8],
    [99n, 100n, 4n, 0.000125385020587485],
    [1n, 1n, -2n, 0.995432828582197],
    [1n, 1n, 0n, 0.699471139133431],
    [1n, 1n, 1n, 0.300528860866569],
    [7n, 3n, 5n, 0.00135531920638387],
    [100n, 1n, 1n, 0.480052885979928],
    [100n, 1n, 60n, 1.32059525452816e-9],
    [100n, 1n, 110n, 3.16057540081971e-28],
    [10_000n, 1n, 475n, 1.04242985718442e-6],
    [10_000n, 1n, 1150n, 6.98517589271517e-31],
  ])('of σ² = %s/%s at t = %s is %d, to 12 digits', (num, den, t, expected) => {
    expect(Math.abs(tailProbability({ num, den }, t) / expected - 1)).toBeLessThan(1e-12);
  });

  it('of t and of 1 − t add to one, and fall as t rises', () => {
    fc.assert(
      fc.property(anySigma2, fc.bigInt({ min: -500n, max: 500n }), (sigma2, t) => {
        expect(tailProbability(sigma2, t) + tailProbability(sigma2, 1n - t)).toBeCloseTo(1, 12);
        expect(tailProbability(sigma2, t + 1n)).toBeLessThanOrEqual(tailProbability(sigma2, t));
      }),
      { seed: 51 },
    );
  });

  it('is 0 or 1 beyond what a double can hold', () => {
    expect(tailProbability(square(1), 10n ** 200n)).toBe(0);
    expect(tailProbability(square(1), -(10n ** 200n))).toBe(1);
  });
});

describe('upperQuantile', () => {
  it('is the first t whose tail is at most β', () => {
    fc.assert(
      fc.property(anySigma2, fc.double({ min: 1e-12, max: 0.49, noNaN: true }), (sigma2, beta) => {
        const t = upperQuantile(sigma2, beta);
        expect(tailProbability(sigma2, t)).toBeLessThanOrEqual(beta);
        expect(tailProbability(sigma2, t - 1n)).toBeGreaterThan(beta * (1 - 2e-9));
      }),
      { seed: 52, numRuns: 200 },
    );
  });

  it('is found at the largest σ² in use', () => {
    // The normal quantile at 10⁻⁶ is 4.753424308823; half a step more for the integers.
    expect(Number(upperQuantile({ num: 10n ** 12n, den: 1n }, 1e-6)) / 1e6).toBeCloseTo(4.753424, 5);
  });

  it.each([0, 0.5, -0.1, 1, NaN])('refuses β = %d', (beta) => {
    expect(() => upperQuantile(square(1), beta)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});

describe('halfWidth95', () => {
  it.each([
    [25, 49n],
    [100, 196n],
    [200, 392n],
  ])('of σ = %d is %s', (sigma, expected) => {
    expect(halfWidth95(square(sigma))).toBe(expected);
  });

  it('is the smallest interval that covers 95 %', () => {
    fc.assert(
      fc.property(anySigma2, (sigma2) => {
        const h = halfWidth95(sigma2);
        expect(outside(sigma2, h)).toBeLessThanOrEqual(0.05);
        expect(outside(sigma2, h - 1n)).toBeGreaterThan(0.05 * (1 - 2e-9));
      }),
      { seed: 53 },
    );
  });
});
