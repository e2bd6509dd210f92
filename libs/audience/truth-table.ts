import { evaluate } from './expr.ts';
import type { Expr } from './expr.ts';

/**
 * A function of finitely many coordinates, each with finitely many cases: `table[i]` is its value at the point whose
 * coordinates are the digits of `i`, coordinate 0 least significant, in the mixed radix `radices`.
 */
export interface FiniteFunction {
  readonly radices: readonly number[];
  readonly table: Uint8Array;
}

/** Tabulates a function given by its value at a point. */
export function tabulate(radices: readonly number[], value: (point: readonly number[]) => number): FiniteFunction {
  const size = radices.reduce((product, radix) => product * radix, 1);
  const point = radices.map(() => 0);
  const table = new Uint8Array(size);
  for (let index = 0; index < size; index++) {
    let rest = index;
    for (const [coordinate, radix] of radices.entries()) {
      point[coordinate] = rest % radix;
      rest = Math.floor(rest / radix);
    }
    table[index] = value(point);
  }
  return { radices, table };
}

export function valueAt({ radices, table }: FiniteFunction, point: readonly number[]): number {
  let index = 0;
  let weight = 1;
  for (const [coordinate, radix] of radices.entries()) {
    index += weight * (point[coordinate] ?? 0);
    weight *= radix;
  }
  return table[index] ?? 0;
}

/** The truth table of an expression over the listed atoms, in the order of the list. */
export function truthTable(expr: Expr<number>, atoms: readonly number[]): FiniteFunction {
  const coordinates = new Map(atoms.map((atom, coordinate) => [atom, coordinate]));
  return tabulate(
    atoms.map(() => 2),
    (point) => (evaluate(expr, (atom) => point[coordinates.get(atom) ?? -1] === 1) ? 1 : 0),
  );
}

/**
 * For one coordinate, which cases can never be told apart: a label for each case, equal where the function is equal for
 * every choice of the other coordinates. Labels count up from 0 in the order of the cases.
 */
export function caseClasses({ radices, table }: FiniteFunction, coordinate: number): readonly number[] {
  const weight = radices.slice(0, coordinate).reduce((product, radix) => product * radix, 1);
  const radix = radices[coordinate] ?? 1;
  const slices = Array.from({ length: radix }, () => '');
  for (const [index, value] of table.entries()) {
    const at = Math.floor(index / weight) % radix;
    slices[at] += value === 1 ? '1' : '0';
  }
  const labels = new Map<string, number>();
  for (const slice of slices) if (!labels.has(slice)) labels.set(slice, labels.size);
  return slices.map((slice) => labels.get(slice) ?? 0);
}

/** The function restricted to some coordinates, in that order; the others stand at case 0. */
export function restrict(of: FiniteFunction, coordinates: readonly number[]): FiniteFunction {
  const full = of.radices.map(() => 0);
  return tabulate(
    coordinates.map((coordinate) => of.radices[coordinate] ?? 1),
    (point) => {
      for (const [position, coordinate] of coordinates.entries()) full[coordinate] = point[position] ?? 0;
      return valueAt(of, full);
    },
  );
}

/** The coordinates on which the function depends. */
export const essentialCoordinates = (of: FiniteFunction): readonly number[] =>
  of.radices.flatMap((_, coordinate) => (caseClasses(of, coordinate).some((label) => label > 0) ? [coordinate] : []));
