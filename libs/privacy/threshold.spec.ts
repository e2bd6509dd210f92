import fc from 'fast-check';
import { tailProbability } from './tails.ts';
import { shown95, tau } from './threshold.ts';

const rule = (k: number, sigma: number, beta: number) => ({
  k: BigInt(k),
  sigma2: { num: BigInt(sigma ** 2), den: 1n },
  beta,
});

describe('tau', () => {
  it.each([
    [50, 10, '81 98 110', 114],
    [50, 20, '112 145 170', 178],
    [50, 50, '205 288 350', 370],
    [1000, 20, '1062 1095 1120', 1128],
    [1000, 100, '1309 1475 1600', 1640],
    [1000, 200, '1618 1951 2200', 2280],
  ])('of k = %d, σ = %d at β = 1e-3, 1e-6, 1e-9 is %s, shown from about %d on', (k, sigma, row, n95) => {
    expect([1e-3, 1e-6, 1e-9].map((beta) => tau(rule(k, sigma, beta))).join(' ')).toBe(row);
    const strict = rule(k, sigma, 1e-6);
    expect(Math.abs(Number(shown95(strict)) - n95)).toBeLessThanOrEqual(1);
    expect(Math.abs(Number(shown95(strict)) - (Number(tau(strict)) + 1.645 * sigma))).toBeLessThanOrEqual(1);
  });

  const anyRule = fc.record({
    k: fc.bigInt({ min: 1n, max: 10_000n }),
    sigma2: fc.record({ num: fc.bigInt({ min: 1n, max: 10n ** 5n }), den: fc.bigInt({ min: 1n, max: 100n }) }),
    beta: fc.double({ min: 1e-9, max: 0.4, noNaN: true }),
  });

  it('shows a cohort of k − 1 with probability at most β, and is the smallest that does', () => {
    fc.assert(
      fc.property(anyRule, (any) => {
        const threshold = tau(any);
        const shown = (at: bigint) => tailProbability(any.sigma2, at - (any.k - 1n));
        expect(threshold).toBeGreaterThanOrEqual(any.k);
        expect(shown(threshold)).toBeLessThanOrEqual(any.beta);
        expect(shown(threshold - 1n)).toBeGreaterThan(any.beta * (1 - 2e-9));
      }),
      { seed: 61, numRuns: 200 },
    );
  });

  it('and shown95 agree with the exact law: shown with 95 %, one member fewer is not', () => {
    fc.assert(
      fc.property(anyRule, (any) => {
        const n = shown95(any);
        const shown = (cohort: bigint) => tailProbability(any.sigma2, tau(any) - cohort);
        expect(shown(n)).toBeGreaterThanOrEqual(0.95 - 1e-12);
        expect(shown(n - 1n)).toBeLessThan(0.95 + 1e-9);
      }),
      { seed: 62, numRuns: 200 },
    );
  });

  it('refuses a minimum cohort below 1', () => {
    expect(() => tau(rule(0, 10, 1e-6))).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});
