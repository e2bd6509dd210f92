import type { Window } from './ast.ts';

/** A day as a number: days since 1970-01-01, proleptic Gregorian calendar, no time zone. */
export type DayNumber = number;

/** Both ends included; empty when `from` > `to`. */
export interface DaySpan {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

const DAYS_PER_ERA = 146_097;
const DAYS_TO_1970 = 719_468;

/** Day number of a civil date; the year begins in March so that the leap day is its last. (Hinnant, days_from_civil.) */
function fromCivil(year: number, month: number, day: number): DayNumber {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
}

export interface CivilDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The inverse of `fromCivil`. (Hinnant, civil_from_days.) */
export function toCivil(number: DayNumber): CivilDay {
  const z = number + DAYS_TO_1970;
  const era = Math.floor(z / DAYS_PER_ERA);
  const dayOfEra = z - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const m = Math.floor((5 * dayOfYear + 2) / 153);
  const month = m < 10 ? m + 3 : m - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * m + 2) / 5) + 1 };
}

/** The day number of `YYYY-MM-DD`, or undefined for a text that names no day (`2025-02-29`, `2025-2-1`). */
export function dayNumber(text: string): DayNumber | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const number = fromCivil(Number(year), Number(month), Number(day));
  return dayText(number) === text ? number : undefined;
}

export function dayText(number: DayNumber): string {
  const { year, month, day } = toCivil(number);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** The same day `months` earlier; where that month is shorter, its last day, as DATE_SUB and INTERVAL do in SQL. */
export function monthsEarlier(number: DayNumber, months: number): DayNumber {
  const { year, month, day } = toCivil(number);
  const index = year * 12 + (month - 1) - months;
  const [targetYear, targetMonth] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  const nextMonth = fromCivil(targetYear + Math.floor(targetMonth / 12), (targetMonth % 12) + 1, 1);
  return Math.min(fromCivil(targetYear, targetMonth, day), nextMonth - 1);
}

/** The days a window names when the data go through `dataThrough`; not cut to the history. */
export function spanOf(window: Window, dataThrough: DayNumber): DaySpan {
  if ('lastDays' in window) return { from: dataThrough - window.lastDays + 1, to: dataThrough };
  if ('lastMonths' in window) return { from: monthsEarlier(dataThrough, window.lastMonths) + 1, to: dataThrough };
  const [from, to] = [dayNumber(window.from), dayNumber(window.to)];
  if (from === undefined || to === undefined) throw new RangeError('a window must be read by parseDefinition first');
  return { from, to };
}
