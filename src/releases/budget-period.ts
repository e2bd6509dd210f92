import { DELTA, epsilonOf, publishedGuarantee } from '#privacy';
import { WINDOWS_OF } from './budget-scope.ts';
import type { BudgetWindow, ScopeKind } from './budget-scope.ts';
import { monthReset, yearRelief } from './budget-window.ts';
import type { OdometerReading } from './odometer.ts';

/** One budget over one window. Amounts are nano-ρ; ε is at δ = 1e-9. */
export interface BudgetPeriod {
  readonly kind: ScopeKind;
  /** Country, agency id, brand id or campaign id. */
  readonly owner: string;
  readonly period: BudgetWindow;
  readonly capNanoRho: bigint;
  readonly committedNanoRho: bigint;
  readonly reservedNanoRho: bigint;
  readonly leftNanoRho: bigint;
  readonly capEpsilon: number;
  /** What is committed and reserved, rounded up. */
  readonly spentEpsilon: number;
  /** δ of what is committed and reserved: 1e-9 unless a mechanism may fail with probability θ. */
  readonly spentDelta: number;
  /** What could be spent in one go, rounded down. */
  readonly leftEpsilon: number;
  /** When the month starts anew, or when the oldest charge leaves the rolling year; null when nothing brings room back. */
  readonly resetsAt: string | null;
}

/** The capped windows of each scope, as they stand, or as they would after spending `extra` more. */
export function budgetPeriods(readings: readonly OdometerReading[], now: number, extra = 0n): readonly BudgetPeriod[] {
  return readings.flatMap((reading) =>
    WINDOWS_OF[reading.scope.kind].map((window) => period(reading, window, now, extra)),
  );
}

function period(reading: OdometerReading, window: BudgetWindow, now: number, extra: bigint): BudgetPeriod {
  const cap = reading.scope.caps[window] ?? 0n;
  const { committed, reserved } = reading.windows[window];
  const used = committed.nanoRho + reserved.nanoRho + extra;
  const left = cap - used;
  const spent = publishedGuarantee({ nanoRho: used, quectoTheta: committed.quectoTheta + reserved.quectoTheta });
  return {
    kind: reading.scope.kind,
    owner: reading.scope.owner,
    period: window,
    capNanoRho: cap,
    committedNanoRho: committed.nanoRho + extra,
    reservedNanoRho: reserved.nanoRho,
    leftNanoRho: left,
    capEpsilon: publishedGuarantee({ nanoRho: cap, quectoTheta: 0n }).epsilon,
    spentEpsilon: spent.epsilon,
    spentDelta: spent.delta,
    leftEpsilon: left <= 0n ? 0 : Math.floor(epsilonOf(Number(left) / 1e9, DELTA) * 100) / 100,
    resetsAt: { month: monthReset(now), year: yearRelief(reading.days), total: null }[window],
  };
}
