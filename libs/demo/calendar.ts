const MILLISECONDS_PER_DAY = 86_400_000;
const HISTORY_MONTHS = 24;

/** Monday to Sunday; shops in the three countries are shut or short on Sunday. */
const WEEKDAY_WEIGHTS = [0.9, 0.85, 0.95, 1, 1.35, 1.6, 0.45];

/** January to December: quiet after the holidays and in August, full in December. */
const MONTH_WEIGHTS = [0.9, 0.92, 0.98, 1, 1.02, 1, 0.95, 0.8, 1.02, 1.02, 1.04, 1.35];

/** One calendar month of history, or the part of it that is held. Days are counted from 1970-01-01. */
export interface MonthSlice {
  readonly index: number;
  readonly firstDay: number;
  readonly lastDay: number;
  /** Trade expected in the slice; an average whole month is 1. */
  readonly trade: number;
  /** Weight of each day of the slice, from `firstDay` on. */
  readonly dayWeights: readonly number[];
}

/** Days since 1970-01-01 of a date `YYYY-MM-DD`. */
export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / MILLISECONDS_PER_DAY;

/** The date `YYYY-MM-DD` of a day. */
export const dateOf = (day: number): string => new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);

/** First day of the 24 months that end with `dataThrough`. */
export function historyFrom(dataThrough: string): string {
  const [year = 0, month = 1, dayOfMonth = 1] = dataThrough.split('-').map(Number);
  const lastOfMonth = new Date(Date.UTC(year, month - HISTORY_MONTHS, 0)).getUTCDate();
  const dayBefore = Date.UTC(year, month - 1 - HISTORY_MONTHS, Math.min(dayOfMonth, lastOfMonth));
  return dateOf(dayBefore / MILLISECONDS_PER_DAY + 1);
}

/** The calendar months from `from` to `through`, cut to those two days, oldest first. */
export function monthSlices(from: string, through: string): MonthSlice[] {
  const slices: MonthSlice[] = [];
  const last = dayOf(through);
  for (let firstDay = dayOf(from); firstDay <= last;) {
    const first = new Date(firstDay * MILLISECONDS_PER_DAY);
    const nextMonth = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1) / MILLISECONDS_PER_DAY;
    const lastDay = Math.min(nextMonth - 1, last);
    const dayWeights = Array.from({ length: lastDay - firstDay + 1 }, (_, offset) => weekdayWeight(firstDay + offset));
    const trade =
      (dayWeights.reduce((sum, weight) => sum + weight, 0) / 30.44) * (MONTH_WEIGHTS[first.getUTCMonth()] ?? 1);
    slices.push({ index: slices.length, firstDay, lastDay, trade, dayWeights });
    firstDay = nextMonth;
  }
  return slices;
}

/** 1970-01-01 was a Thursday. */
const weekdayWeight = (day: number): number => WEEKDAY_WEIGHTS[(day + 3) % 7] ?? 1;
