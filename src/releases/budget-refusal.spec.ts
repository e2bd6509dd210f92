import { budgetRefusal } from './budget-refusal.ts';
import type { ScopeSpend } from './scope-spend.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

interface Spent {
  readonly kind?: 'global' | 'brand';
  readonly month: bigint;
  readonly year: bigint;
  readonly oldestDay?: string;
}

/** A scope of 10 reads a month and 20 a year; what this month holds was spent today, the rest on the oldest day. */
function scope({ kind = 'brand', month, year, oldestDay = '2026-02-01' }: Spent): ScopeSpend {
  return {
    scope: { id: `${kind}:x`, kind, owner: 'x', monthCap: 500_000n, yearCap: 1_000_000n },
    month: { committed: month, reserved: 0n },
    year: { committed: 0n, reserved: year },
    days: [
      { day: oldestDay, nanoRho: year - month },
      { day: '2026-11-20', nanoRho: month },
    ].filter(({ nanoRho }) => nanoRho > 0n),
  };
}

const budgetOf = (spends: readonly ScopeSpend[], needed: bigint): unknown =>
  budgetRefusal(spends, needed, NOW)?.extensions?.['budget'];

describe('a budget', () => {
  it('takes a price that fills it to the last nano-rho', () => {
    expect(budgetRefusal([scope({ month: 450_000n, year: 950_000n })], 50_000n, NOW)).toBeNull();
  });

  it('refuses one nano-rho more and says what is left, what is needed and when the month starts anew', () => {
    expect(budgetRefusal([scope({ month: 450_001n, year: 450_001n })], 50_000n, NOW)).toEqual({
      public:
        'This question needs 1 read; 0.99998 reads are left in the brand budget of this month. ' +
        'Room comes back at 2026-12-01T00:00:00.000Z. Reading earlier answers again is free.',
      extensions: {
        charged: false,
        budget: {
          scope: 'brand',
          period: 'month',
          capNanoRho: 500_000,
          leftNanoRho: 49_999,
          neededNanoRho: 50_000,
          resetsAt: '2026-12-01T00:00:00.000Z',
        },
      },
    });
  });

  it('counts what is reserved as spent, and names the day on which enough has left the rolling year', () => {
    expect(budgetOf([scope({ month: 0n, year: 1_000_000n })], 50_000n)).toMatchObject({
      period: 'year',
      leftNanoRho: 0,
      resetsAt: '2027-02-01T00:00:00.000Z',
    });
  });

  it('says so when the price is above the cap itself, whatever was spent', () => {
    expect(budgetOf([scope({ month: 0n, year: 0n })], 500_001n)).toMatchObject({ period: 'month', resetsAt: null });
    expect(budgetRefusal([scope({ month: 0n, year: 0n })], 500_001n, NOW)?.public).toContain('It can never fit.');
  });

  it('of several that stand in the way is the one that does so longest', () => {
    const untilDecember = scope({ kind: 'global', month: 500_000n, year: 500_000n });
    const untilFebruary = scope({ month: 500_000n, year: 1_000_000n });
    const forEver = {
      ...scope({ month: 0n, year: 0n }),
      scope: { ...scope({ month: 0n, year: 0n }).scope, monthCap: 1n },
    };
    expect(budgetOf([untilDecember, untilFebruary], 50_000n)).toMatchObject({ scope: 'brand', period: 'year' });
    expect(budgetOf([untilFebruary, untilDecember], 50_000n)).toMatchObject({ scope: 'brand', period: 'year' });
    expect(budgetOf([untilDecember, untilFebruary, forEver], 50_000n)).toMatchObject({ capNanoRho: 1, resetsAt: null });
  });

  it('shows nothing left, not less, where a lowered cap is overdrawn', () => {
    expect(budgetOf([scope({ month: 600_000n, year: 600_000n })], 50_000n)).toMatchObject({ leftNanoRho: 0 });
  });
});
