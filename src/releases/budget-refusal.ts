import type { DomainErrorText } from '#core';
import type { ScopeSpend } from './scope-spend.ts';
import { monthReset, yearReset } from './budget-window.ts';
import { READ_NANO_RHO } from './precision.ts';
import { safeNumber } from './release-answer.ts';

const PERIODS = ['month', 'year'] as const;
const PERIOD_NAMES = { month: 'this month', year: 'the last 365 days' } as const;

/** One budget over one period that a price does not fit into. Amounts are nano-ρ. */
interface Obstacle {
  readonly kind: 'global' | 'brand';
  readonly period: (typeof PERIODS)[number];
  readonly cap: bigint;
  readonly left: bigint;
  /** When there is room for the price; null when the price is above the cap itself. */
  readonly resetsAt: string | null;
}

/**
 * Why a price does not fit into all of these scopes, or null when it does. Of several obstacles the one that stands
 * longest is named, so that a retry at `resetsAt` meets no other that stands now. The text depends on the question's
 * price and on what was spent before, never on rows, so it may be shown.
 */
export function budgetRefusal(spends: readonly ScopeSpend[], needed: bigint, now: number): DomainErrorText | null {
  const obstacles = spends.flatMap((spend) => PERIODS.flatMap((period) => obstacle(spend, period, needed, now)));
  const [longest] = obstacles.toSorted(byStandingLongest);
  return longest === undefined ? null : refusalText(longest, needed);
}

function obstacle(spend: ScopeSpend, period: Obstacle['period'], needed: bigint, now: number): Obstacle[] {
  const cap = period === 'month' ? spend.scope.monthCap : spend.scope.yearCap;
  const used = spend[period].committed + spend[period].reserved;
  if (used + needed <= cap) return [];
  const monthReturns = needed > cap ? null : monthReset(now);
  const resetsAt = period === 'month' ? monthReturns : yearReset(spend.days, cap, needed);
  return [{ kind: spend.scope.kind, period, cap, left: cap > used ? cap - used : 0n, resetsAt }];
}

/** What never resets comes first, then the latest. Instants of one form order as texts; equal ones keep their order. */
function byStandingLongest(a: Obstacle, b: Obstacle): number {
  if (a.resetsAt === b.resetsAt) return 0;
  if (a.resetsAt === null) return -1;
  if (b.resetsAt === null) return 1;
  return a.resetsAt > b.resetsAt ? -1 : 1;
}

function refusalText({ kind, period, cap, left, resetsAt }: Obstacle, needed: bigint): DomainErrorText {
  return {
    public:
      `This question needs ${reads(needed)}; ${reads(left)} are left in the ${kind} budget of ` +
      `${PERIOD_NAMES[period]}. ${resetsAt === null ? 'It can never fit' : `Room comes back at ${resetsAt}`}. ` +
      `Reading earlier answers again is free.`,
    extensions: {
      charged: false,
      budget: {
        scope: kind,
        period,
        capNanoRho: safeNumber(cap),
        leftNanoRho: safeNumber(left),
        neededNanoRho: safeNumber(needed),
        resetsAt,
      },
    },
  };
}

const reads = (nanoRho: bigint): string => {
  const count = Number(nanoRho) / Number(READ_NANO_RHO);
  return `${count} ${count === 1 ? 'read' : 'reads'}`;
};
