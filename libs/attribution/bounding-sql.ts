import type { ContributionBounds, SqlParameters } from '#core';

/** What is summed over rows, a column of the relation. */
export type Amount = 'cents' | 'units';

const CAPS = {
  cents: { ofRow: 'rowCents', ofMember: 'memberCents' },
  units: { ofRow: 'rowUnits', ofMember: 'memberUnits' },
} as const satisfies Readonly<Record<Amount, { ofRow: keyof ContributionBounds; ofMember: keyof ContributionBounds }>>;

/**
 * `kept`: the rows of each member that count, with their number `k`: of a member, ingest day and direction one row, and
 * of those the first m in the order in which they came in. `amount` is the amount of the row, clipped to ±C.
 *
 * The relation should hold one row per member, ingest day and direction; where it holds more the largest is kept, so
 * that the bounds never rest on who made it. The order is total over all that is read: with a tie left to the engine,
 * another member's rows could decide it. A row without member, ingest day or direction is nobody's and left out.
 */
export function keptSql(
  relation: string,
  amount: Amount | undefined,
  bounds: ContributionBounds,
  parameters: SqlParameters,
): string {
  return `kept AS (
  SELECT * FROM (
    SELECT member_id, t_no, sgn, day_no, channel, store_type, slot${clippedSql(amount, bounds, parameters)},
      DENSE_RANK() OVER (PARTITION BY member_id ORDER BY t_no, sgn) AS k,
      ROW_NUMBER() OVER (
        PARTITION BY member_id, t_no, sgn
        ORDER BY COALESCE(cents, 0) DESC, COALESCE(units, 0) DESC,
          day_no NULLS LAST, channel NULLS LAST, store_type NULLS LAST, slot NULLS LAST
      ) AS of_day
    FROM ${relation}
    WHERE member_id IS NOT NULL AND t_no IS NOT NULL AND sgn IN (0, 1)
  ) AS numbered
  WHERE of_day = 1 AND k <= ${parameters.int(bounds.rows)}
)`;
}

function clippedSql(amount: Amount | undefined, bounds: ContributionBounds, parameters: SqlParameters): string {
  if (amount === undefined) return '';
  const clip = parameters.int(bounds[CAPS[amount].ofRow]);
  return `,\n      CAST(LEAST(GREATEST(COALESCE(${amount}, 0), -${clip}), ${clip}) AS INT64) AS amount`;
}

/**
 * `capped`: `kept` with `amount` cut so that a member's amounts, as magnitudes and of both directions together, add up to
 * at most B. Row k keeps what is left of B after the rows before it: no later row changes an earlier one.
 */
export function cappedSql(amount: Amount, bounds: ContributionBounds, parameters: SqlParameters): string {
  const cap = parameters.int(bounds[CAPS[amount].ofMember]);
  return `capped AS (
  SELECT member_id, t_no, sgn, day_no, channel, store_type, slot, k,
    CAST(
      CASE WHEN amount < 0 THEN -1 ELSE 1 END * (LEAST(so_far, ${cap}) - LEAST(so_far - ABS(amount), ${cap})) AS INT64
    ) AS amount
  FROM (
    SELECT kept.*, SUM(ABS(amount)) OVER (
        PARTITION BY member_id ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS so_far
    FROM kept
  ) AS running
)`;
}
