import { DomainError } from '#core';
import type { Rational } from './rational.ts';
import { halfWidth95 } from './tails.ts';
import { tau } from './threshold.ts';
import type { ReleasedVector } from './vector-release.ts';

/** The minimum cohort of a cell, whatever the noise. */
export interface CohortRule {
  /** The smallest cohort that may be shown, members, ≥ 1. */
  readonly k: bigint;
  /** Largest probability with which a cohort below k may be shown, 0 < β < ½. */
  readonly beta: number;
}

/** Cells of a report: 20 members, and a smaller cohort is shown once in a thousand at most. */
export const REPORT_CELL: CohortRule = Object.freeze({ k: 20n, beta: 1e-3 });

/** Which released numbers of members decide whether a cell may be shown. */
export interface Gate {
  readonly rule: CohortRule;
  /** Numbers of distinct members: a released `members` or `partition`. */
  readonly members: ReleasedVector;
  /**
   * Which of them decides about a cell: that of the same place, that of a given place for each cell, or the sum of all,
   * which only a partition has.
   */
  readonly by: 'same-place' | 'total' | readonly number[];
}

/** A noisy number with its 95 % interval, or the bare verdict that it may not be shown. */
export type Cell =
  | { readonly verdict: 'RELEASED'; readonly value: bigint; readonly interval95: readonly [bigint, bigint] }
  | { readonly verdict: 'SUPPRESSED' };

/** One object for every suppressed cell: it cannot carry anything about the one at hand. */
const SUPPRESSED: Cell = Object.freeze({ verdict: 'SUPPRESSED' });

function refuse(must: string, internal: string): never {
  throw new DomainError('privacy-parameter', { public: `a gate must ${must}`, internal });
}

/** For each cell, whether the noisy number of members that decides about it reaches τ. */
function opened(cells: number, { rule, members, by }: Gate): readonly boolean[] {
  const { values, plan } = members;
  const { kind } = plan.marginal;
  if (kind !== 'members' && kind !== 'partition') refuse('read a number of members', kind);
  if (by === 'total') {
    // Members of several coordinates would be counted several times.
    if (kind !== 'partition') refuse('sum disjoint cells', kind);
    // The sum of n draws is a draw of N_Z(0, nσ²) to many digits from σ = 1 on, and has lighter tails below.
    const sum = values.reduce((total, value) => total + value, 0n);
    const sigma2: Rational = { num: plan.sigma2.num * BigInt(values.length), den: plan.sigma2.den };
    return Array.from({ length: cells }, () => sum >= tau({ ...rule, sigma2 }));
  }
  const threshold = tau({ ...rule, sigma2: plan.sigma2 });
  const places = by === 'same-place' ? [...values.keys()] : by;
  if (places.length !== cells) refuse('name one number of members for each cell', `${places.length} for ${cells}`);
  return places.map((place) => {
    const value = values[place];
    if (value === undefined) refuse('name places of its own grid', `${place} of ${values.length}`);
    return value >= threshold;
  });
}

/**
 * The cells of a released vector as people get them. A cell is shown when the noisy number of members that decides about
 * it is at least τ of that number's own noise, so a cohort below k is shown with probability at most β. Post-processing:
 * it reads released numbers alone and costs nothing. A suppressed cell carries the verdict and nothing else.
 *
 * The interval holds the exact number with probability ≥ 95 % over all releases. Over the shown cells alone it holds it
 * less often when the cohort is near τ, because there a cell is shown when its noise is high.
 *
 * @throws DomainError `privacy-parameter`.
 */
export function gatedCells(vector: ReleasedVector, gate: Gate): readonly Cell[] {
  const open = opened(vector.values.length, gate);
  const halfWidth = halfWidth95(vector.plan.sigma2);
  return Object.freeze(
    vector.values.map((value, i): Cell =>
      open[i] === true
        ? Object.freeze({
            verdict: 'RELEASED',
            value,
            interval95: Object.freeze([value - halfWidth, value + halfWidth] as const),
          })
        : SUPPRESSED,
    ),
  );
}

/** The gate of numbers of members by themselves, each by its own. */
export const ownGate = (members: ReleasedVector, rule: CohortRule = REPORT_CELL): Gate => ({
  rule,
  members,
  by: 'same-place',
});
