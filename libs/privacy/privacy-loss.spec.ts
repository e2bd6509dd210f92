import fc from 'fast-check';
import { NO_LOSS, composed, publishedGuarantee, thetaAllowance } from './privacy-loss.ts';
import { DELTA, epsilonOf } from './zcdp.ts';

const loss = fc.record({
  nanoRho: fc.bigInt({ min: 0n, max: 10n ** 10n }),
  quectoTheta: fc.bigInt({ min: 0n, max: 10n ** 12n }),
});

describe('a privacy loss', () => {
  it('adds up in any order and grouping, and nothing is nothing', () => {
    fc.assert(
      fc.property(fc.array(loss), fc.nat(), (losses, cut) => {
        const split = cut % (losses.length + 1);
        const parts = [composed(losses.slice(split)), composed(losses.slice(0, split)), NO_LOSS];
        expect(composed(parts)).toEqual(composed(losses));
      }),
    );
  });

  it('publishes the month of all brands at 9.53 and 1e-9 while no mechanism can fail', () => {
    expect(publishedGuarantee({ nanoRho: 1_000_000_000n, quectoTheta: 0n })).toEqual({ epsilon: 9.53, delta: 1e-9 });
  });

  it('adds (1 + e^9.53) theta to delta: 13,768 times 1e-18 is 1.38e-14', () => {
    const { delta } = publishedGuarantee({ nanoRho: 1_000_000_000n, quectoTheta: 10n ** 15n });
    // θ = 1e-15: 1e-9 + 1.3768e-11, up to three digits.
    expect(delta).toBeCloseTo(1.02e-9, 12);
  });

  it('never publishes less than the sum of both, nor more than its third digit', () => {
    fc.assert(
      fc.property(loss, ({ nanoRho, quectoTheta }) => {
        const { epsilon, delta } = publishedGuarantee({ nanoRho, quectoTheta });
        const exact = DELTA + ((1 + Math.exp(epsilon)) * Number(quectoTheta)) / 1e30;
        expect(epsilon).toBeGreaterThanOrEqual(epsilonOf(Number(nanoRho) / 1e9, DELTA));
        expect(delta).toBeGreaterThanOrEqual(Math.min(1, exact) * (1 - 1e-9));
        expect(delta).toBeLessThanOrEqual(exact * 1.01);
      }),
    );
  });

  it('leaves a cap as much theta as doubles delta and no more', () => {
    for (const cap of [500_000_000n, 1_000_000_000n, 6_000_000_000n]) {
      const allowed = thetaAllowance(cap);
      const epsilon = epsilonOf(Number(cap) / 1e9, DELTA);
      const added = (theta: bigint): number => ((1 + Math.exp(epsilon)) * Number(theta)) / 1e30;
      expect(added(allowed)).toBeLessThanOrEqual(DELTA * (1 + 1e-9));
      expect(added(allowed)).toBeGreaterThan(DELTA * 0.999);
    }
  });

  it('leaves a small cap no more theta than 64 bits hold', () => {
    expect(thetaAllowance(1n)).toBe(2n ** 63n - 1n);
  });

  it('is never negative', () => {
    expect(() => publishedGuarantee({ nanoRho: -1n, quectoTheta: 0n })).toThrow('a ledger amount = -1');
    expect(() => publishedGuarantee({ nanoRho: 0n, quectoTheta: -1n })).toThrow('a ledger amount = -1');
  });
});
