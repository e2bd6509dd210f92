import type { DomainErrorText } from '#core';
import type { PrivacyLoss } from '#privacy';
import type { BudgetWindow } from './budget-scope.ts';
import { READ_NANO_RHO } from './precision.ts';
import type { Obstacle } from './privacy-filter.ts';
import { safeNumber } from './release-answer.ts';

const WINDOW_NAMES: Readonly<Record<BudgetWindow, string>> = {
  month: 'this month',
  year: 'the last 365 days',
  total: 'its whole life',
};

/**
 * Why a price does not fit, or null when nothing stands in the way. Of several obstacles the one that stands longest is
 * named, so that a retry at `resetsAt` meets no other that stands now. The text depends on the question's price and on
 * what was spent before, never on rows, so it may be shown.
 */
export function budgetRefusal(obstacles: readonly Obstacle[], price: PrivacyLoss): DomainErrorText | null {
  const [longest] = obstacles.toSorted(byStandingLongest);
  if (longest === undefined) return null;
  return longest.of === 'nanoRho' ? rhoRefusal(longest, price.nanoRho) : thetaRefusal(longest);
}

/** What never resets comes first, then the latest. Instants of one form order as texts; equal ones keep their order. */
function byStandingLongest(a: Obstacle, b: Obstacle): number {
  if (a.resetsAt === b.resetsAt) return 0;
  if (a.resetsAt === null) return -1;
  if (b.resetsAt === null) return 1;
  return a.resetsAt > b.resetsAt ? -1 : 1;
}

function rhoRefusal({ kind, window, cap, left, resetsAt }: Obstacle, needed: bigint): DomainErrorText {
  return {
    public:
      `This question needs ${reads(needed)}; ${reads(left)} are left in the ${kind} budget of ` +
      `${WINDOW_NAMES[window]}. ${whenRoomComes(resetsAt)}. Reading earlier answers again is free.`,
    extensions: {
      charged: false,
      budget: {
        scope: kind,
        period: window,
        capNanoRho: safeNumber(cap),
        leftNanoRho: safeNumber(left),
        neededNanoRho: safeNumber(needed),
        resetsAt,
      },
    },
  };
}

function thetaRefusal({ kind, window, resetsAt }: Obstacle): DomainErrorText {
  return {
    public:
      `This question’s probability of failure does not fit into the ${kind} budget of ${WINDOW_NAMES[window]}, which ` +
      `lets δ double at most. ${whenRoomComes(resetsAt)}. Reading earlier answers again is free.`,
    extensions: { charged: false, budget: { scope: kind, period: window, resetsAt } },
  };
}

const whenRoomComes = (resetsAt: string | null): string =>
  resetsAt === null ? 'It can never fit' : `Room comes back at ${resetsAt}`;

const reads = (nanoRho: bigint): string => {
  const count = Number(nanoRho) / Number(READ_NANO_RHO);
  return `${count} ${count === 1 ? 'read' : 'reads'}`;
};
