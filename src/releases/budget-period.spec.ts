import { budgetPeriods } from './budget-period.ts';
import { readOdometer } from './odometer.ts';
import type { ScopeDay } from './odometer.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

const scope = { id: 'brand:x', kind: 'brand', owner: 'x', caps: { month: 20_000_000n, year: 120_000_000n } } as const;
const onDay = (day: string, committed: bigint, reserved = 0n): ScopeDay => ({
  day,
  committed: { nanoRho: committed, quectoTheta: 0n },
  reserved: { nanoRho: reserved, quectoTheta: 0n },
});
const spend = readOdometer(scope, [onDay('2026-11-02', 100_000n, 50_000n), onDay('2026-03-05', 200_000n)], NOW);
const unused = readOdometer(scope, [], NOW);

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

  it('publish a delta above 1e-9 once a mechanism may fail, and 1e-9 before', () => {
    const failing = onDay('2026-11-02', 100_000n);
    const theta = { ...failing, committed: { nanoRho: 100_000n, quectoTheta: 10n ** 20n } };
    expect(budgetPeriods([spend], NOW)[0]?.spentDelta).toBe(1e-9);
    // 1e-9 + (1 + e^0.08) 1e-10 = 1.208e-9, rounded up.
    expect(budgetPeriods([readOdometer(scope, [theta], NOW)], NOW)[0]?.spentDelta).toBeCloseTo(1.21e-9, 13);
  });

  it('are those that its kind is capped over', () => {
    const campaign = { id: 'campaign:c', kind: 'campaign', owner: 'c', caps: { total: 12_000_000n } } as const;
    const agency = { id: 'agency:a', kind: 'agency', owner: 'a', caps: { month: 100_000_000n } } as const;
    const days = [onDay('2024-01-01', 40_000n), onDay('2026-11-02', 10_000n)];
    expect(budgetPeriods([readOdometer(campaign, days, NOW)], NOW)).toMatchObject([
      { period: 'total', committedNanoRho: 50_000n, resetsAt: null },
    ]);
    expect(budgetPeriods([readOdometer(agency, days, NOW)], NOW)).toMatchObject([
      { period: 'month', committedNanoRho: 10_000n },
    ]);
  });
});
