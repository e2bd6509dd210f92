import { composed } from '#privacy';
import type { PrivacyLoss } from '#privacy';
import { monthStart, yearStart } from './budget-window.ts';
import type { DayLoss } from './budget-window.ts';
import type { BudgetScope, BudgetWindow } from './budget-scope.ts';

/** What one scope gave out on one day of authorisation, UTC. */
export interface ScopeDay {
  readonly day: string;
  readonly committed: PrivacyLoss;
  /** Held by releases that are not settled. */
  readonly reserved: PrivacyLoss;
}

export interface WindowLoss {
  readonly committed: PrivacyLoss;
  readonly reserved: PrivacyLoss;
}

/**
 * What one scope has given out. An odometer only tells (Rogers, Roth, Ullman, Vadhan 2016, arXiv 1605.08294); what stops
 * a spend is the privacy filter.
 */
export interface OdometerReading {
  readonly scope: BudgetScope;
  /** For every window, capped or not. */
  readonly windows: Readonly<Record<BudgetWindow, WindowLoss>>;
  /** Days of the rolling year with a charge, committed and reserved together, for telling when room comes back. */
  readonly days: readonly DayLoss[];
}

/** The reading of a scope at an instant. @param days of this scope, in any order; for a total all it ever had. */
export function readOdometer(scope: BudgetScope, days: readonly ScopeDay[], now: number): OdometerReading {
  const [month, year] = [monthStart(now), yearStart(now)];
  const inYear = days.filter(({ day }) => day >= year);
  return {
    scope,
    windows: {
      month: windowLoss(inYear.filter(({ day }) => day >= month)),
      year: windowLoss(inYear),
      total: windowLoss(days),
    },
    days: inYear
      .map(({ day, committed, reserved }) => ({ day, ...composed([committed, reserved]) }))
      .filter(({ nanoRho, quectoTheta }) => nanoRho > 0n || quectoTheta > 0n),
  };
}

function windowLoss(days: readonly ScopeDay[]): WindowLoss {
  return {
    committed: composed(days.map(({ committed }) => committed)),
    reserved: composed(days.map(({ reserved }) => reserved)),
  };
}

/**
 * What a brand may read of the budgets it draws on: not those of its agencies, which also tell what the agencies' other
 * brands spend.
 */
export const shownToBrand = (readings: readonly OdometerReading[]): readonly OdometerReading[] =>
  readings.filter(({ scope }) => scope.kind !== 'agency');
