import { DomainError } from '#core';
import { MAX_SIGMA2_DENOMINATOR } from './checks.ts';
import { standardErrorOf } from './plan-preview.ts';
import { toNumber } from './rational.ts';
import type { Rational } from './rational.ts';
import { leastNanoRho, reportPart } from './report-plan.ts';
import type { ReportPart, ReportShape } from './report-plan.ts';
import { SHARES } from './report-shares.ts';
import type { PartName, PlanSize } from './report-shares.ts';

/**
 * How exact a number is wanted: by its standard error in its unit, members or cents, or relative to an expected value.
 * An expected value is public or released, never read from rows for this purpose.
 */
export type WantedError =
  { readonly standardError: Rational } | { readonly relativeError: Rational; readonly mean: bigint };

/** From here on the denominator of σ² would be out of bounds, nano-ρ. */
const MOST_NANO_RHO = MAX_SIGMA2_DENOMINATOR / 2n;

function refuse(text: string): never {
  throw new DomainError('privacy-parameter', { public: text });
}

function wantedStandardError(wanted: WantedError): Rational {
  const { num, den } = 'standardError' in wanted ? wanted.standardError : wanted.relativeError;
  const mean = 'standardError' in wanted ? 1n : wanted.mean;
  if (num < 1n || den < 1n || mean < 1n) refuse('a wanted error and its expected value must be positive');
  return { num: num * mean, den };
}

function reaches(part: ReportPart, error: Rational): boolean {
  // Of curves the standard error is a sum of doubles; of all else it is compared exactly, squared.
  if (part.kind === 'curves') return standardErrorOf(part) <= toNumber(error);
  const { num, den } = part.plan.sigma2;
  return num * error.den ** 2n <= error.num ** 2n * den;
}

/**
 * The smallest price of a whole report with which a number of one part has at most the wanted standard error, nano-ρ;
 * never less than a report of this size may be given. The error falls with the root of the price: half the error costs
 * four times as much.
 *
 * @throws DomainError `privacy-parameter`, also when the plan has no such part or no price within bounds is enough.
 */
export function nanoRhoForError(size: PlanSize, part: PartName, wanted: WantedError, shape: ReportShape): bigint {
  const share = SHARES[size].find(({ name }) => name === part);
  if (share === undefined) refuse(`a report of size ${size} has no ${part}`);
  const error = wantedStandardError(wanted);
  const enough = (nanoRho: bigint): boolean => reaches(reportPart(share, nanoRho, shape), error);
  let [below, at] = [leastNanoRho(size, shape) - 1n, MOST_NANO_RHO];
  if (below >= at || !enough(at)) refuse('the wanted error is too small');
  while (at - below > 1n) {
    const middle = (below + at) / 2n;
    if (enough(middle)) at = middle;
    else below = middle;
  }
  return at;
}
