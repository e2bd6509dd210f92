import type { DomainErrorText } from '#core';
import { thetaAllowance } from '#privacy';
import { budgetRefusal } from './budget-refusal.ts';
import { readOdometer } from './odometer.ts';
import type { OdometerReading } from './odometer.ts';
import { obstaclesTo } from './privacy-filter.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

interface Spent {
  readonly kind?: 'global' | 'brand';
  readonly month: bigint;
  readonly year: bigint;
  readonly oldestDay?: string;
  readonly theta?: bigint;
}

/** A scope of 10 reads a month and 20 a year; what this month holds was spent today, the rest on the oldest day. */
function scope({ kind = 'brand', month, year, oldestDay = '2026-02-01', theta = 0n }: Spent): OdometerReading {
  const nothing = { nanoRho: 0n, quectoTheta: 0n };
  const days = [
    { day: oldestDay, committed: nothing, reserved: { nanoRho: year - month, quectoTheta: 0n } },
    { day: '2026-11-20', committed: { nanoRho: month, quectoTheta: theta }, reserved: nothing },
  ];
  const caps = { month: 500_000n, year: 1_000_000n };
  return readOdometer({ id: `${kind}:x`, kind, owner: 'x', caps }, days, NOW);
}

const refusalOf = (readings: readonly OdometerReading[], nanoRho: bigint, quectoTheta = 0n): DomainErrorText | null => {
  const price = { nanoRho, quectoTheta };
  return budgetRefusal(obstaclesTo(price, readings, NOW), price);
};

const budgetOf = (readings: readonly OdometerReading[], needed: bigint): unknown =>
  refusalOf(readings, needed)?.extensions?.['budget'];

describe('a budget', () => {
  it('takes a price that fills it to the last nano-rho', () => {
    expect(refusalOf([scope({ month: 450_000n, year: 950_000n })], 50_000n)).toBeNull();
  });

  it('refuses one nano-rho more and says what is left, what is needed and when the month starts anew', () => {
    expect(refusalOf([scope({ month: 450_001n, year: 450_001n })], 50_000n)).toEqual({
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
    expect(refusalOf([scope({ month: 0n, year: 0n })], 500_001n)?.public).toContain('It can never fit.');
  });

  it('of several that stand in the way is the one that does so longest', () => {
    const untilDecember = scope({ kind: 'global', month: 500_000n, year: 500_000n });
    const untilFebruary = scope({ month: 500_000n, year: 1_000_000n });
    const forEver = {
      ...scope({ month: 0n, year: 0n }),
      scope: { ...scope({ month: 0n, year: 0n }).scope, caps: { month: 1n, year: 1_000_000n } },
    };
    expect(budgetOf([untilDecember, untilFebruary], 50_000n)).toMatchObject({ scope: 'brand', period: 'year' });
    expect(budgetOf([untilFebruary, untilDecember], 50_000n)).toMatchObject({ scope: 'brand', period: 'year' });
    expect(budgetOf([untilDecember, untilFebruary, forEver], 50_000n)).toMatchObject({ capNanoRho: 1, resetsAt: null });
  });

  it('shows nothing left, not less, where a lowered cap is overdrawn', () => {
    expect(budgetOf([scope({ month: 600_000n, year: 600_000n })], 50_000n)).toMatchObject({ leftNanoRho: 0 });
  });

  it('of a campaign never comes back, also for a price that would have fitted', () => {
    const campaign = readOdometer(
      { id: 'campaign:c', kind: 'campaign', owner: 'c', caps: { total: 100_000n } },
      [
        {
          day: '2023-01-01',
          committed: { nanoRho: 60_000n, quectoTheta: 0n },
          reserved: { nanoRho: 0n, quectoTheta: 0n },
        },
      ],
      NOW,
    );
    expect(refusalOf([campaign], 40_000n)).toBeNull();
    expect(budgetOf([campaign], 50_000n)).toMatchObject({
      scope: 'campaign',
      period: 'total',
      leftNanoRho: 40_000,
      resetsAt: null,
    });
  });

  it('lets theta in until delta would more than double, whatever rho is left', () => {
    const most = thetaAllowance(1_000_000n);
    const spent = scope({ month: 0n, year: 0n, theta: most - 10n });
    expect(refusalOf([spent], 50_000n, 10n)).toBeNull();
    expect(refusalOf([spent], 50_000n, 11n)?.public).toContain('probability of failure does not fit');
    expect(refusalOf([spent], 50_000n, most + 1n)?.extensions).toMatchObject({ budget: { resetsAt: null } });
    expect(refusalOf([scope({ month: 0n, year: 0n, theta: most + 1n })], 50_000n)).toBeNull();
  });

  it('with no cap for a window of its kind lets nothing through', () => {
    const uncapped = readOdometer({ id: 'brand:x', kind: 'brand', owner: 'x', caps: { month: 500_000n } }, [], NOW);
    expect(budgetOf([uncapped], 1n)).toMatchObject({ period: 'year', capNanoRho: 0, resetsAt: null });
  });
});
