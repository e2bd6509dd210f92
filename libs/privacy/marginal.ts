import { DomainError } from '#core';
import type { ContributionBounds } from '#core';
import { checkBounds } from './contribution-bounds.ts';
import { columnNormSquared } from './sqrt-matrix.ts';

/** What the coordinates of a marginal tell apart. Every key has a public domain. */
export type Key =
  | 'event-day'
  | 'ingest-day'
  | 'week'
  | 'channel'
  | 'store-type'
  /** Sale or return. */
  | 'direction'
  /** Advertised product or halo. */
  | 'match'
  /** New to the brand, existing or unknown. */
  | 'loyalty'
  /** How often a member was reached. */
  | 'frequency'
  /** By which set of channels a member was reached. */
  | 'overlap';

/** Numbers on a public grid of coordinates. */
interface Grid<Kind> {
  readonly kind: Kind;
  /** The keys that the coordinates tell apart; none for a total. */
  readonly keys: readonly Key[];
  /** Coordinates of the grid, ≥ 1. A release has exactly as many numbers. */
  readonly coordinates: number;
}

/**
 * A vector of integers about the members of one campaign, one for each coordinate of a public grid. What is said of it
 * is what the statement that computes it guarantees; how much noise it needs follows from that alone.
 *
 * - `members`: distinct members with a kept row in the coordinate. A member counts once in each.
 * - `partition`: members, each in one coordinate or in none.
 * - `money`, `units`: sums of cents or units over kept rows. A row goes to one coordinate, or is split over several
 *   without growing.
 */
export type GridMarginal = Grid<'members'> | Grid<'partition'> | Grid<'money'> | Grid<'units'>;

/**
 * Running counts of members who did something for the first time, a value a day, released through the square-root
 * matrix under one budget. A member adds 1 on one day of each curve at most.
 */
export interface Curves {
  readonly kind: 'curves';
  /** Curves released together, ≥ 1. */
  readonly curves: bigint;
  /** Days of each. */
  readonly horizon: number;
}

export type Marginal = GridMarginal | Curves;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function checkCount(name: string, count: number | bigint): void {
  if (count >= 1 && (typeof count === 'bigint' || Number.isSafeInteger(count))) return;
  throw new DomainError('privacy-parameter', {
    public: `the number of ${name} must be a positive integer`,
    internal: `${name} = ${count}`,
  });
}

/** Whether the rows of one member lie in different coordinates: no two of them share ingest day and direction. */
const rowsLieApart = (keys: readonly Key[]): boolean => keys.includes('ingest-day') && keys.includes('direction');

/** What a row and what a member may add to a sum. */
const SUM_BOUNDS: Readonly<Record<'money' | 'units', (bounds: ContributionBounds) => readonly [bigint, bigint]>> = {
  money: ({ rowCents, memberCents }) => [rowCents, memberCents],
  units: ({ rowUnits, memberUnits }) => [rowUnits, memberUnits],
};

/** The largest ‖v‖² of a member's sums v where rows may meet in one coordinate: then all can, and ‖v‖₂ ≤ ‖v‖₁. */
const metSquared = (rows: bigint, perRow: bigint, perMember: bigint): bigint => least(rows * perRow, perMember) ** 2n;

/**
 * The same where no two rows meet: ‖v‖² is convex in the rows, so it is largest when as many are full as the total has
 * room for and one takes the rest.
 */
function apartSquared(rows: bigint, perRow: bigint, perMember: bigint): bigint {
  const total = least(rows * perRow, perMember);
  return (total / perRow) * perRow ** 2n + (total % perRow) ** 2n;
}

/**
 * Δ²: the largest squared L2 distance, over the coordinates that are released, between the vectors with and without one
 * member. An exact integer, and some member within the bounds attains it. The grain counts: rows of a member that are
 * apart day by day meet in one week, so a bound of m·C² for rows would be too small there by a factor of up to m.
 *
 * @throws DomainError `privacy-parameter`.
 */
export function sensitivitySquared(marginal: Marginal, bounds: ContributionBounds): bigint {
  checkBounds(bounds);
  if (marginal.kind === 'curves') {
    checkCount('curves', marginal.curves);
    return marginal.curves * columnNormSquared(marginal.horizon);
  }
  checkCount('coordinates', marginal.coordinates);
  if (marginal.kind === 'partition') return 1n;
  const reached = least(bounds.rows, BigInt(marginal.coordinates));
  if (marginal.kind === 'members') return reached;
  const [perRow, perMember] = SUM_BOUNDS[marginal.kind](bounds);
  return rowsLieApart(marginal.keys)
    ? apartSquared(reached, perRow, perMember)
    : metSquared(bounds.rows, perRow, perMember);
}
