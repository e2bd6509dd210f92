import fc from 'fast-check';
import { READ, accuracyAfter, advantage, ceilingOf, hitAfter, sumWithin } from './bounds.ts';

/** Φ(x) by its power series (Abramowitz and Stegun 26.2.10), to twelve digits for |x| < 5. */
function normal(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n += 1) {
    term *= (-x * x) / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

const gaussian = (rho: number): number => 2 * normal(Math.sqrt(2 * rho) / 2) - 1;

describe('the advantage', () => {
  it.each([0.0001, 0.001, 0.005, 0.01, 0.02, 0.05, 0.25, 1, 5])('is 2Φ(√(2ρ)/2) − 1 at ρ = %d', (rho) => {
    expect(advantage(rho * 1e9) / gaussian(rho)).toBeCloseTo(1, 4);
  });

  it('is that of the Gaussian law to four digits, and below √(ρ/2), the bound of Pinsker', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (reads) => {
        const rho = (reads * READ) / 1e9;
        expect(Math.abs(advantage(reads * READ) / gaussian(rho) - 1)).toBeLessThan(1e-4);
        expect(advantage(reads * READ)).toBeLessThan(Math.sqrt(rho / 2));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('is nothing for nothing, and a half more makes the accuracy', () => {
    expect([advantage(0), accuracyAfter(0), hitAfter(0, 10)]).toEqual([0, 0.5, 0]);
    expect(accuracyAfter(2e7)).toBeCloseTo(0.5 + gaussian(0.02) / 2, 5);
  });

  it('counts a part of an answer as a whole one', () => {
    expect(advantage(READ / 10)).toBe(advantage(READ));
  });
});

describe('the chance to name a size', () => {
  // The mean of n integers rounds to a miss of at most `width` when their sum misses by at most n (width + ½).
  it.each([
    [1, 10, 10.5 / 100],
    [8, 5, 44.5 / Math.sqrt(80_000)],
    [400, 0, 200.5 / 2_000],
  ])('from %d answers within ± %d is that of the Gaussian law', (reads, width, deviations) => {
    expect(hitAfter(reads * READ, width)).toBeCloseTo(2 * normal(deviations) - 1, 6);
  });

  it('from a sum of draws is that of their summed variance', () => {
    expect(sumWithin(4, 10)).toBeCloseTo(2 * normal(10.5 / 200) - 1, 6);
  });
});

describe('the ceiling', () => {
  it('is the last number of successes that is likely enough', () => {
    // Pr[Bin(10, ½) > 8] = 11/1024, Pr[> 7] = 56/1024.
    expect(ceilingOf(10, 0.5, 11.5 / 1024)).toBe(8);
    expect(ceilingOf(10, 0.5, 10.5 / 1024)).toBe(9);
    expect(ceilingOf(10, 0.5, 1e-6)).toBe(10);
    expect([ceilingOf(10, 0, 1e-6), ceilingOf(10, 1, 1e-6)]).toEqual([0, 10]);
  });

  it('lies where the normal law has it for many trials', () => {
    // 4.75 deviations leave 10⁻⁶.
    expect(ceilingOf(100_000, 0.5, 1e-6) / 100_000).toBeCloseTo(0.5 + (4.7534 * 0.5) / Math.sqrt(100_000), 3);
  });
});
