import { DomainError } from '#core';
import type { ContributionBounds } from '#core';

/** Members there can be: the surrogates of the warehouse are 32-bit integers. */
export const MEMBERS_MAX = 2n ** 31n - 1n;

const INT64_END = 2n ** 63n;

function refuse(what: string, internal: string): never {
  throw new DomainError('privacy-parameter', { public: `the contribution bounds must ${what}`, internal });
}

/**
 * Refuses bounds under which a sum could leave the 64-bit integers. An engine fails on such a sum, so whether an answer
 * comes would tell of the rows (Casacuberta, Shoemate, Vadhan, Wagaman 2022). The largest sums are a member's running
 * total, at most m·C, and a coordinate's, at most members·B.
 *
 * @param members the most members there can be.
 * @throws DomainError `privacy-parameter`; also for a bound below 1.
 */
export function checkBounds(bounds: ContributionBounds, members: bigint = MEMBERS_MAX): void {
  for (const [name, bound] of Object.entries<bigint>({ ...bounds })) {
    if (bound < 1n) refuse('be at least 1', `${name} = ${bound}`);
  }
  checkSums('cents', bounds.rows * bounds.rowCents, members * bounds.memberCents);
  checkSums('units', bounds.rows * bounds.rowUnits, members * bounds.memberUnits);
}

function checkSums(unit: string, ofMember: bigint, ofCoordinate: bigint): void {
  const largest = ofMember > ofCoordinate ? ofMember : ofCoordinate;
  if (largest < INT64_END) return;
  refuse(`keep every sum of ${unit} below 2^63`, `of a member ${ofMember}, of a coordinate ${ofCoordinate}`);
}
