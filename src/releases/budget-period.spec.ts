import { budgetPeriods } from './budget-period.ts';
import type { ScopeSpend } from './scope-spend.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

const spend: ScopeSpend = {
  scope: { id: 'brand:x', kind: 'brand', owner: 'x', monthCap: 20_000_000n, yearCap: 120_000_000n },
  month: { committed: 100_000n, reserved: 50_000n },
  year: { committed: 300_000n, reserved: 50_000n },
  days: [
    { day: '2026-11-02', nanoRho: 150_000n },
    { day: '2026-03-05', nanoRho: 200_000n },
  ],
};
const unused: ScopeSpend = {
  ...spend,
  month: { committed: 0n, reserved: 0n },
  year: { committed: 0n, reserved: 0n },
  days: [],
};

describe('the periods of a budget', () => {
  it('are its month and its rolling year, each with what is left and when room comes back', () => {
    const [month, year] = budgetPeriods([spend], NOW);
    expect(month).toMatchObject({
      period: 'month',
      committedNanoRho: 100_000n,
      reservedNanoRho: 50_000n,
      leftNanoRho: 19_850_000n,
      resetsAt: '2026-12-01T00:00:00.000Z',
    });
    expect(year).toMatchObject({
      period: 'year',
      committedNanoRho: 300_000n,
      leftNanoRho: 119_650_000n,
      resetsAt: '2027-03-05T00:00:00.000Z',
    });
  });

  it('have nothing to come back to while nothing is spent', () => {
    const [, year] = budgetPeriods([unused], NOW);
    expect(year).toMatchObject({ spentEpsilon: 0, resetsAt: null });
  });

  it('show what they would hold after a price, below zero where it does not fit', () => {
    const [month] = budgetPeriods([unused], NOW, 20_000_001n);
    expect(month).toMatchObject({ committedNanoRho: 20_000_001n, leftNanoRho: -1n, leftEpsilon: 0 });
  });

  it('round the epsilon that is spent up and the one that is left down', () => {
    const [month] = budgetPeriods([spend], NOW);
    const [untouched] = budgetPeriods([unused], NOW);
    // At delta 1e-9, 0.02 rho is an epsilon of 1.1633 and 0.00015 rho one of 0.0917.
    expect(month?.capEpsilon).toBe(1.17);
    expect(untouched?.leftEpsilon).toBe(1.16);
    expect(month?.spentEpsilon).toBe(0.1);
  });
});
