/**
 * What one member may contribute to all answers about one campaign. The statement that reads the rows enforces it, in
 * the order in which rows arrived, so that what has been answered never changes. Public constants, each at least 1: they
 * are agreed or released, never read off the rows that they bound.
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
