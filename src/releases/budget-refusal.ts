import type { DomainErrorText } from '#core';
import type { ScopeSpend } from './scope-spend.ts';
import { monthReset, yearReset } from './budget-window.ts';
import { READ_NANO_RHO } from './precision.ts';
import { safeNumber } from './release-answer.ts';

const PERIOD_NAMES = { month: 'this month', year: 'the last 365 days' } as const;

/**
 * Why a price does not fit into a scope, or null when it fits. The text depends on the question's price and on what was
 * spent before, never on rows, so it may be shown.
 */
export function budgetRefusal(spend: ScopeSpend, needed: bigint, now: number): DomainErrorText | null {
  for (const period of ['month', 'year'] as const) {
    const cap = period === 'month' ? spend.scope.monthCap : spend.scope.yearCap;
    const used = spend[period].committed + spend[period].reserved;
    if (used + needed <= cap) continue;
    const resetsAt = period === 'month' ? monthReset(now) : yearReset(spend.days, cap, needed);
    const left = cap > used ? cap - used : 0n;
    return {
      public:
        `This question needs ${reads(needed)}; ${reads(left)} are left in the ${spend.scope.kind} budget of ` +
        `${PERIOD_NAMES[period]}. ${resetsAt === null ? 'It can never fit' : `Room comes back at ${resetsAt}`}. ` +
        `Reading earlier answers again is free.`,
      extensions: {
        charged: false,
        budget: {
          scope: spend.scope.kind,
          period,
          capNanoRho: safeNumber(cap),
          leftNanoRho: safeNumber(left),
          neededNanoRho: safeNumber(needed),
          resetsAt,
        },
      },
    };
  }
  return null;
}

const reads = (nanoRho: bigint): string => `${Number(nanoRho) / Number(READ_NANO_RHO)} reads`;
