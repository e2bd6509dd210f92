/** Days since 1970-01-01. */
export type Day = number;

const MILLISECONDS_PER_DAY = 86_400_000;

/** @param text `YYYY-MM-DD`. */
export const dayOf = (text: string): Day => Date.parse(`${text}T00:00:00Z`) / MILLISECONDS_PER_DAY;

export const textOf = (day: Day): string => new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);

/** The same day of an earlier month, or the last day of that month where it is shorter. */
export function monthsBefore(day: Day, months: number): Day {
  const date = new Date(day * MILLISECONDS_PER_DAY);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - months];
  const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastOfMonth)) / MILLISECONDS_PER_DAY;
}
