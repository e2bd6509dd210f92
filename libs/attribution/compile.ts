import { DomainError, SqlParameters } from '#core';
import type { ContributionBounds, Dialect, SqlParameter } from '#core';
import { cappedSql, keptSql } from './bounding-sql.ts';
import type { Amount } from './bounding-sql.ts';
import { checkBounds } from './bounds.ts';
import { NUMBERS, isCounted } from './grain.ts';
import type { Axis, Key } from './grain.ts';
import type { Grid } from './grid.ts';
import { axesOf, keysOf } from './marginal.ts';
import type { Marginal } from './marginal.ts';

export interface MarginalOptions {
  readonly dialect: Dialect;
  /**
   * The full name of the relation of contributions, quoted as the dialect needs; by default the bare name. Comes from
   * configuration. Its columns: `member_id`, `t_no` (day of ingestion), `sgn` (0 sale, 1 return), `day_no` (day of the
   * purchase), `channel`, `store_type`, `slot`, and `cents` and `units` as magnitudes. Days are integers since
   * 1970-01-01. It should have one row per member, day of ingestion and direction.
   */
  readonly contributions?: string;
}

/** One compiled marginal, with what its price is computed from. */
export interface MarginalStatement {
  readonly dialect: Dialect;
  /** Gives one row per coordinate, in order: 64-bit integers `coordinate`, from 0, and `value`. */
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
  readonly kind: Marginal['kind'];
  /** What the coordinates tell apart, the slowest key first. */
  readonly keys: readonly Key[];
  /** How many coordinates: a number of the grid, never of the rows. */
  readonly coordinates: number;
}

const AMOUNTS: Readonly<Record<Marginal['kind'], Amount | undefined>> = {
  members: undefined,
  money: 'cents',
  units: 'units',
};

/**
 * The statement of one marginal over the bounded contributions of members.
 *
 * Guarantees, whatever the relation holds. The values depend on a member through the kept rows alone, of which there are
 * at most m. Without one member, `members` changes by at most 1 in at most m coordinates; `money` and `units` change by
 * at most B over all coordinates together, hence by at most B in L2 at every grain. By direction and day of ingestion
 * the rows lie in different coordinates, each of which changes by at most C. All this holds as well for marginals of one
 * grain with different slots or directions, taken together as one vector. No sum leaves the 64-bit integers.
 *
 * Prefix-stable: the rows with `t_no` ≤ t are bounded as if no other had come, so a coordinate that only such rows can
 * reach keeps its value.
 *
 * Every coordinate of the grid is there, also where no row is. Values are parameters, named `p0`, `p1` … in the order of
 * first use; identifiers come from this library or from `contributions`. One text for both dialects but for the mark of a
 * parameter. It depends on kind, grain, directions and the numbers of channels, store types and slots, on nothing else.
 *
 * @throws DomainError `privacy-parameter` for bounds, a grid or slots under which this would not hold.
 */
export function compileMarginal(
  marginal: Marginal,
  bounds: ContributionBounds,
  grid: Grid,
  { dialect, contributions = 'contribution' }: MarginalOptions,
): MarginalStatement {
  checkBounds(bounds);
  const keys = keysOf(marginal);
  const axes = axesOf(marginal, grid);
  const parameters = new SqlParameters(dialect);
  const amount = AMOUNTS[marginal.kind];
  const tables = [
    keptSql(contributions, amount, bounds, parameters),
    ...(amount === undefined ? [] : [cappedSql(amount, bounds, parameters)]),
    ...(keys.some(isCounted) ? NUMBERS : []),
    ...axes.map(({ select }, index) => `axis_${index} AS (${select(parameters)})`),
    gridSql(axes, parameters),
    placedSql(marginal, axes),
    reachedSql(marginal, axes, parameters),
  ];
  const coordinates = axes.reduce((size, { values }) => size * values.length, 1);
  const sql = `WITH\n${tables.join(',\n')}\n${releasedSql(axes)}`;
  return { dialect, sql, parameters: parameters.collected, kind: marginal.kind, keys, coordinates };
}

/** `grid`: every coordinate with its keys. The last key is the fastest. */
function gridSql(axes: readonly Axis[], parameters: SqlParameters): string {
  let coordinate = 'axis_0.ordinal';
  for (const [index, { values }] of axes.entries()) {
    if (index > 0) coordinate = `(${coordinate}) * ${parameters.int(values.length)} + axis_${index}.ordinal`;
  }
  const codes = axes.map((_, index) => `axis_${index}.code AS key_${index}`);
  const from = axes.map((_, index) => `axis_${index}`).join(' CROSS JOIN ');
  return `grid AS (SELECT ${coordinate} AS coordinate, ${codes.join(', ')} FROM ${from})`;
}

/** `placed`: the rows of the marginal's directions, each with the keys of its coordinate. */
function placedSql(marginal: Marginal, axes: readonly Axis[]): string {
  const keys = axes.map(({ ofRow }, index) => `${ofRow} AS key_${index}`).join(', ');
  if (marginal.kind === 'members') return `placed AS (SELECT member_id, k, slot, ${keys} FROM kept WHERE sgn = 0)`;
  const where = { sales: ' WHERE sgn = 0', returns: ' WHERE sgn = 1', each: '' }[marginal.directions];
  return `placed AS (SELECT amount, slot, ${keys} FROM capped${where})`;
}

/** `reached`: the value of each coordinate that a row of the slots lies in. */
function reachedSql(marginal: Marginal, axes: readonly Axis[], parameters: SqlParameters): string {
  const keys = axes.map((_, index) => `key_${index}`).join(', ');
  const slots = slotsSql(marginal, parameters);
  if (marginal.kind !== 'members') {
    const where = slots === undefined ? '' : ` WHERE ${slots}`;
    return `reached AS (SELECT ${keys}, SUM(amount) AS value FROM placed${where} GROUP BY ${keys})`;
  }
  const where = slots === undefined ? '' : ` AND ${slots}`;
  return `reached AS (
  SELECT ${keys}, COUNT(*) AS value
  FROM (SELECT placed.*, ROW_NUMBER() OVER (PARTITION BY member_id, ${keys} ORDER BY k) AS visit FROM placed) AS visits
  WHERE visit = 1${where}
  GROUP BY ${keys}
)`;
}

function slotsSql({ slots }: Marginal, parameters: SqlParameters): string | undefined {
  if (slots === undefined) return undefined;
  if (slots.length > 0) return `slot IN (${slots.map((slot) => parameters.text(slot)).join(', ')})`;
  throw new DomainError('privacy-parameter', { public: 'a marginal of some slots must name at least one' });
}

/** The public grid with what was reached: a coordinate without rows is 0, a row outside the grid is nowhere. */
function releasedSql(axes: readonly Axis[]): string {
  const same = axes.map((_, index) => `reached.key_${index} = grid.key_${index}`).join(' AND ');
  return `SELECT grid.coordinate, CAST(COALESCE(reached.value, 0) AS INT64) AS value
FROM grid LEFT JOIN reached ON ${same}
ORDER BY grid.coordinate`;
}
