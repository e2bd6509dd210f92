import { DomainError } from '#core';
import type { ContributionBounds } from '#core';

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
