import { epsilonOf, publishedEpsilon, DELTA } from '#privacy';
import type { ScopeSpend } from './scope-spend.ts';
import { monthReset, yearRelief } from './budget-window.ts';

/** One budget over one period. Amounts are nano-ρ; ε is at δ = 1e-9. */
export interface BudgetPeriod {
  readonly kind: 'global' | 'brand';
  /** Country of a global budget, brand id of a brand's. */
  readonly owner: string;
  readonly period: 'month' | 'year';
  readonly capNanoRho: bigint;
  readonly committedNanoRho: bigint;
  readonly reservedNanoRho: bigint;
  readonly leftNanoRho: bigint;
  readonly capEpsilon: number;
  /** What is committed and reserved, rounded up. */
  readonly spentEpsilon: number;
  /** What could be spent in one go, rounded down. */
  readonly leftEpsilon: number;
  /** When the period starts anew, or when its oldest charge leaves the rolling year; null when nothing is spent. */
  readonly resetsAt: string | null;
}

/** The month and the rolling year of each scope, as they stand, or as they would after spending `extra` more. */
export function budgetPeriods(spends: readonly ScopeSpend[], now: number, extra = 0n): readonly BudgetPeriod[] {
  return spends.flatMap((spend) => [period(spend, 'month', now, extra), period(spend, 'year', now, extra)]);
}

function period(spend: ScopeSpend, name: 'month' | 'year', now: number, extra: bigint): BudgetPeriod {
  const cap = name === 'month' ? spend.scope.monthCap : spend.scope.yearCap;
  const { committed, reserved } = spend[name];
  const used = committed + reserved + extra;
  const left = cap - used;
  return {
    kind: spend.scope.kind,
    owner: spend.scope.owner,
    period: name,
    capNanoRho: cap,
    committedNanoRho: committed + extra,
    reservedNanoRho: reserved,
    leftNanoRho: left,
    capEpsilon: publishedEpsilon(cap),
    spentEpsilon: publishedEpsilon(used),
    leftEpsilon: left <= 0n ? 0 : Math.floor(epsilonOf(Number(left) / 1e9, DELTA) * 100) / 100,
    resetsAt: name === 'month' ? monthReset(now) : yearRelief(spend.days),
  };
}
