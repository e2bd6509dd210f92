import { DomainError } from '#core';

/** The public domain of every key: what a released vector has coordinates for, whatever rows there are. */
export interface Grid {
  /**
   * Days since 1970-01-01: the first and the last, both included. Of the purchase, or of the ingestion. By week, every
   * week that has one of these days, whole.
   */
  readonly fromDay: number;
  readonly toDay: number;
  readonly channels: readonly string[];
  readonly storeTypes: readonly string[];
}

/** Days a grid may span: the statements count to this. */
export const GRID_DAYS_MAX = 1_000;

const LIST_MAX = 100;
const CODE = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/;

function refuse(must: string): never {
  throw new DomainError('privacy-parameter', { public: `the grid must ${must}` });
}

/**
 * A key that stood twice would count a member twice, beyond the bound; so would two codes that an engine takes for one,
 * hence their plain form.
 *
 * @throws DomainError `privacy-parameter`.
 */
export function checkGrid({ fromDay, toDay, channels, storeTypes }: Grid): void {
  if (![fromDay, toDay].every((day) => Number.isSafeInteger(day) && day >= 0)) refuse('begin and end on a day');
  if (toDay < fromDay || toDay - fromDay >= GRID_DAYS_MAX) refuse(`span 1 to ${GRID_DAYS_MAX} days`);
  for (const codes of [channels, storeTypes]) {
    if (codes.length > LIST_MAX) refuse(`have at most ${LIST_MAX} channels and store types`);
    if (!codes.every((code) => CODE.test(code))) refuse('have plain codes of 1 to 64 letters, digits and _ . : -');
    if (new Set(codes).size !== codes.length) refuse('have each code once');
  }
}

/** The ISO week of a day, counted from the one that holds 1970-01-01: weeks begin on Monday, day 0 was a Thursday. */
export const weekOf = (day: number): number => Math.floor((day + 3) / 7);
