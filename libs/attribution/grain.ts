import type { SqlParameters } from '#core';
import { weekOf } from './grid.ts';
import type { Grid } from './grid.ts';

/** What the coordinates of a marginal tell apart. */
export type Key = 'event-day' | 'ingest-day' | 'week' | 'channel' | 'store-type' | 'direction';

/** The grains there are: for each, its keys from the slowest to the fastest. */
export const GRAINS = {
  total: [],
  day: ['event-day'],
  week: ['week'],
  channel: ['channel'],
  'store-type': ['store-type'],
  'day-channel': ['event-day', 'channel'],
  'week-channel': ['week', 'channel'],
  'ingest-day': ['ingest-day'],
} as const satisfies Readonly<Record<string, readonly Key[]>>;

export type Grain = keyof typeof GRAINS;

/** One key with its public domain. */
export interface Axis {
  /** The key of a kept row, as SQL. */
  readonly ofRow: string;
  /** The domain, in order. */
  readonly values: readonly (number | string)[];
  /** SELECT of the domain: columns `ordinal`, from 0, and `code`. */
  readonly select: (parameters: SqlParameters) => string;
}

/** Exact for every day number: the quotient is whole. Division of integers is the one thing the engines write apart. */
const WEEK_OF_ROW = 'CAST((day_no + 3 - MOD(day_no + 3, 7)) / 7 AS INT64)';

/** `number`: the integers from 0 to below `GRID_DAYS_MAX`. */
export const NUMBERS = [
  `digit AS (${Array.from({ length: 10 }, (_, d) => (d === 0 ? 'SELECT 0 AS d' : `SELECT ${d}`)).join(' UNION ALL ')})`,
  'number AS (SELECT a.d + 10 * b.d + 100 * c.d AS n FROM digit AS a CROSS JOIN digit AS b CROSS JOIN digit AS c)',
] as const;

const span = (ofRow: string, from: number, to: number): Axis => ({
  ofRow,
  values: Array.from({ length: to - from + 1 }, (_, ordinal) => from + ordinal),
  select: (parameters) =>
    `SELECT n AS ordinal, ${parameters.int(from)} + n AS code FROM number WHERE n < ${parameters.int(to - from + 1)}`,
});

const list = (ofRow: string, codes: readonly string[]): Axis => ({
  ofRow,
  values: codes,
  select: (parameters) =>
    codes
      .map((code, ordinal) =>
        ordinal === 0
          ? `SELECT 0 AS ordinal, ${parameters.text(code)} AS code`
          : `SELECT ${ordinal}, ${parameters.text(code)}`,
      )
      .join(' UNION ALL '),
});

/** The one coordinate of a total. A key like any other, since BigQuery joins outwards on equal columns only. */
export const WHOLE: Axis = { ofRow: '0', values: [0], select: () => 'SELECT 0 AS ordinal, 0 AS code' };

const DIRECTIONS: Axis = {
  ofRow: 'sgn',
  values: ['sale', 'return'],
  select: () => 'SELECT 0 AS ordinal, 0 AS code UNION ALL SELECT 1, 1',
};

const AXES: Readonly<Record<Key, (grid: Grid) => Axis>> = {
  'event-day': ({ fromDay, toDay }) => span('day_no', fromDay, toDay),
  'ingest-day': ({ fromDay, toDay }) => span('t_no', fromDay, toDay),
  week: ({ fromDay, toDay }) => span(WEEK_OF_ROW, weekOf(fromDay), weekOf(toDay)),
  channel: ({ channels }) => list('channel', channels),
  'store-type': ({ storeTypes }) => list('store_type', storeTypes),
  direction: () => DIRECTIONS,
};

export const axisOf = (key: Key, grid: Grid): Axis => AXES[key](grid);

/** Whether a domain is written with `NUMBERS`. */
export const isCounted = (key: Key): boolean => key === 'event-day' || key === 'ingest-day' || key === 'week';
