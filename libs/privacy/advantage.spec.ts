import { membershipAdvantage } from './advantage.ts';
import { tailProbability } from './tails.ts';
import { priceNanoRho } from './zcdp.ts';

/** What the best test between N_Z(0, σ²) and N_Z(1, σ²) achieves: the likelihood ratio rises, so it is a threshold. */
const bestTest = (sigma2: bigint): number => {
  const law = { num: sigma2, den: 1n };
  return tailProbability(law, 0n) - tailProbability(law, 1n);
};

describe('the membership advantage', () => {
  it.each([1n, 4n, 100n, 625n, 10_000n])(
    'bounds what the best test on one count with variance %s achieves',
    (sigma2) => {
      const bound = membershipAdvantage(priceNanoRho(1n, { num: sigma2, den: 1n }));
      expect(bestTest(sigma2)).toBeLessThan(bound);
      // √(ρ/2) = 1/2σ against 1/√(2π)σ: a quarter above.
      expect(bound).toBeLessThan(bestTest(sigma2) * 1.35);
    },
  );

  it('is 10 % for a month of one brand and 71 % for a month of all, and never 100 %', () => {
    expect(membershipAdvantage(20_000_000n)).toBeCloseTo(0.1, 10);
    expect(membershipAdvantage(1_000_000_000n)).toBeCloseTo(Math.SQRT1_2, 10);
    expect(membershipAdvantage(6_000_000_000n)).toBeCloseTo(0.99876, 5);
    expect(membershipAdvantage(0n)).toBe(0);
  });
});
