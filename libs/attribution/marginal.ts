import { DomainError } from '#core';
import { GRAINS, WHOLE, axisOf } from './grain.ts';
import type { Axis, Grain, Key } from './grain.ts';
import { checkGrid } from './grid.ts';
import type { Grid } from './grid.ts';

/** How late a row came in: on time, late, after its day was closed; or that it is a return. */
export type Slot = 'D' | 'L' | 'U' | 'R';

/**
 * One vector of a report.
 *
 * - `members`: in each coordinate the distinct members with a kept sale row there. A member counts by the first of their
 *   rows in the coordinate, whatever its slot: the vectors of different slots count nobody twice.
 * - `money`, `units`: in each coordinate the sum of the kept rows' bounded cents or units, of sales, of returns, or of
 *   each with the direction as the first key. Returns add as positive amounts, which the reader subtracts.
 */
export type Marginal = MembersMarginal | AmountMarginal;

interface MembersMarginal {
  readonly kind: 'members';
  readonly grain: Grain;
  /** Rows of these slots only; at least one. Absent: all. */
  readonly slots?: readonly Slot[];
}

interface AmountMarginal {
  readonly kind: 'money' | 'units';
  readonly grain: Grain;
  readonly directions: 'sales' | 'returns' | 'each';
  readonly slots?: readonly Slot[];
}

/** What the coordinates of a marginal tell apart, the slowest key first. */
export function keysOf(marginal: Marginal): readonly Key[] {
  const keys: readonly Key[] = GRAINS[marginal.grain];
  return marginal.kind !== 'members' && marginal.directions === 'each' ? ['direction', ...keys] : keys;
}

/**
 * The keys of a marginal with their domains. At least one, so that every statement has the same form.
 *
 * @throws DomainError `privacy-parameter` for a bad grid or one without what the marginal tells apart.
 */
export function axesOf(marginal: Marginal, grid: Grid): readonly Axis[] {
  checkGrid(grid);
  const axes = keysOf(marginal).map((key) => axisOf(key, grid));
  if (axes.some(({ values }) => values.length === 0)) {
    throw new DomainError('privacy-parameter', { public: 'the grid must name what the marginal tells apart' });
  }
  return axes.length === 0 ? [WHOLE] : axes;
}

/** One coordinate by its keys; empty for a total. Days are day numbers, weeks numbers of `weekOf`. */
export type Coordinate = Readonly<Partial<Record<Key, number | string>>>;

/**
 * The coordinates of a marginal in the order in which its statement gives them.
 *
 * @throws DomainError `privacy-parameter`.
 */
export function coordinatesOf(marginal: Marginal, grid: Grid): readonly Coordinate[] {
  const axes = axesOf(marginal, grid);
  return keysOf(marginal).reduce<readonly Coordinate[]>(
    (slower, key, index) =>
      slower.flatMap((coordinate) => (axes[index]?.values ?? []).map((value) => ({ ...coordinate, [key]: value }))),
    [{}],
  );
}
