import type { PrivacyLoss } from '#privacy';

const DAY_MS = 86_400_000;

/** Days a rolling year has, today included. */
export const YEAR_DAYS = 365;

/** UTC day of an instant, `YYYY-MM-DD`. */
export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** First day of the calendar month of an instant, UTC. */
export const monthStart = (now: number): string => `${dayOf(now).slice(0, 7)}-01`;

/** First day of the rolling year that ends today. */
export const yearStart = (now: number): string => dayOf(now - (YEAR_DAYS - 1) * DAY_MS);

/** Instant at which the calendar month's budget starts anew. */
export function monthReset(now: number): string {
  const today = new Date(now);
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1)).toISOString();
}

/** What was lost on one UTC day. */
export interface DayLoss extends PrivacyLoss {
  readonly day: string;
}

/** Instant at which the oldest charge leaves the rolling year, or null when there is none. */
export function yearRelief(days: readonly DayLoss[]): string | null {
  const [oldest] = days.map(({ day }) => day).toSorted();
  return oldest === undefined ? null : leavesYear(oldest);
}

const leavesYear = (day: string): string => new Date(Date.parse(day) + YEAR_DAYS * DAY_MS).toISOString();

/**
 * Instant at which enough old charges have left the rolling year for `needed` more to fit under `cap`, or null when
 * nothing that is spent stands in the way. The days may come in any order.
 */
export function yearReset(days: readonly DayLoss[], cap: bigint, needed: bigint, of: keyof PrivacyLoss): string | null {
  let total = days.reduce((sum, day) => sum + day[of], 0n);
  if (total + needed <= cap) return null;
  for (const day of days.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
    total -= day[of];
    if (total + needed <= cap) return leavesYear(day.day);
  }
  return null;
}
