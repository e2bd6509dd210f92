import { NO_LOSS, composed, thetaAllowance } from '#privacy';
import type { PrivacyLoss } from '#privacy';
import { WINDOWS_OF } from './budget-scope.ts';
import type { BudgetWindow, ScopeKind } from './budget-scope.ts';
import { monthReset, yearReset } from './budget-window.ts';
import type { OdometerReading } from './odometer.ts';

/** One budget over one window that a price does not fit into. */
export interface Obstacle {
  readonly kind: ScopeKind;
  readonly window: BudgetWindow;
  /** Which column is full: nano-ρ, or the probability θ in units of 10⁻³⁰. */
  readonly of: keyof PrivacyLoss;
  readonly cap: bigint;
  /** What still fits, ≥ 0. */
  readonly left: bigint;
  /** When there is room for the price; null when it will never come by itself. */
  readonly resetsAt: string | null;
}

/**
 * The privacy filter: every cap that a price would pass, none when it may be spent.
 *
 * A fully adaptive filter on the sum of zCDP losses (Feldman and Zrnic 2020, arXiv 2008.11193; Whitehouse et al. 2022,
 * arXiv 2203.05481): because it stops before a sum passes its cap, whatever the earlier answers were, everything that
 * was ever let through is cap-zCDP. It reads prices and sums, never rows, so what it says may be shown.
 *
 * @param readings of every scope that pays, reserved amounts included: they may still be spent.
 */
export function obstaclesTo(price: PrivacyLoss, readings: readonly OdometerReading[], now: number): Obstacle[] {
  return readings.flatMap((reading) =>
    WINDOWS_OF[reading.scope.kind].flatMap((window) => {
      const cap = reading.scope.caps[window];
      // A window without its cap lets nothing through.
      const caps = cap === undefined ? NO_LOSS : capsOf(cap);
      return (['nanoRho', 'quectoTheta'] as const).flatMap((of) => obstacle({ reading, window, of }, caps, price, now));
    }),
  );
}

/** The caps of both columns. */
const capsOf = (nanoRho: bigint): PrivacyLoss => ({ nanoRho, quectoTheta: thetaAllowance(nanoRho) });

interface Column {
  readonly reading: OdometerReading;
  readonly window: BudgetWindow;
  readonly of: keyof PrivacyLoss;
}

function obstacle({ reading, window, of }: Column, caps: PrivacyLoss, price: PrivacyLoss, now: number): Obstacle[] {
  const { committed, reserved } = reading.windows[window];
  const used = composed([committed, reserved])[of];
  const [cap, needed] = [caps[of], price[of]];
  // A price of nothing in a column passes even where a lowered cap is overdrawn.
  if (needed === 0n || used + needed <= cap) return [];
  const resetsAt = needed > cap ? null : roomAt({ reading, window, of }, cap, needed, now);
  return [{ kind: reading.scope.kind, window, of, cap, left: cap > used ? cap - used : 0n, resetsAt }];
}

function roomAt({ reading, window, of }: Column, cap: bigint, needed: bigint, now: number): string | null {
  if (window === 'total') return null;
  return window === 'month' ? monthReset(now) : yearReset(reading.days, cap, needed, of);
}
