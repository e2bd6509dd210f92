import { DomainError } from '#core';

/**
 * What one member may contribute to all answers about one campaign. The statement that reads the rows enforces it, in
 * the order in which rows arrived, so that what has been answered never changes. Public constants, each at least 1.
 */
export interface ContributionBounds {
  /** m: rows kept of a member. A row holds what one member bought, or gave back, on one ingest day. */
  readonly rows: bigint;
  /** C: cents of one row, as a magnitude. */
  readonly rowCents: bigint;
  /** B: cents of all rows of a member together, sales and returns both as magnitudes: a running cap. */
  readonly memberCents: bigint;
  /** Units of one row, as a magnitude. */
  readonly rowUnits: bigint;
  /** Units of all rows of a member together, as magnitudes: a running cap. */
  readonly memberUnits: bigint;
}

/** Five rows, € 45 in one row or in all, ten units in a row and fifteen in all. */
export const DEFAULT_BOUNDS: ContributionBounds = Object.freeze({
  rows: 5n,
  rowCents: 4500n,
  memberCents: 4500n,
  rowUnits: 10n,
  memberUnits: 15n,
});

/** @throws DomainError `privacy-parameter` for a bound below 1. */
export function checkBounds(bounds: ContributionBounds): void {
  for (const name of ['rows', 'rowCents', 'memberCents', 'rowUnits', 'memberUnits'] as const) {
    if (bounds[name] >= 1n) continue;
    throw new DomainError('privacy-parameter', {
      public: `the contribution bound ${name} must be at least 1`,
      internal: `${name} = ${bounds[name]}`,
    });
  }
}
