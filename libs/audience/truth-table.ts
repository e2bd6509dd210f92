import { atom, evaluate, substitute } from './expr.ts';
import type { Expr } from './expr.ts';

/**
 * A function of finitely many coordinates, each with finitely many cases: `table[i]` is its value at the point whose
 * coordinates are the digits of `i`, coordinate 0 least significant, in the mixed radix `radices`.
 */
export interface FiniteFunction {
  readonly radices: readonly number[];
  readonly table: Uint8Array;
}

/** Tabulates a function given by its value at a point. The point is one array, changed between calls. */
export function tabulate(radices: readonly number[], value: (point: readonly number[]) => number): FiniteFunction {
  const size = radices.reduce((product, radix) => product * radix, 1);
  const point = radices.map(() => 0);
  const table = new Uint8Array(size);
  for (let index = 0; index < size; index++) {
    table[index] = value(point);
    advance(point, radices);
  }
  return { radices, table };
}

function advance(point: number[], radices: readonly number[]): void {
  for (let coordinate = 0; coordinate < radices.length; coordinate++) {
    const next = (point[coordinate] ?? 0) + 1;
    if (next < (radices[coordinate] ?? 1)) {
      point[coordinate] = next;
      return;
    }
    point[coordinate] = 0;
  }
}

export function valueAt({ radices, table }: FiniteFunction, point: readonly number[]): number {
  let index = 0;
  for (let coordinate = radices.length - 1; coordinate >= 0; coordinate--) {
    index = index * (radices[coordinate] ?? 1) + (point[coordinate] ?? 0);
  }
  return table[index] ?? 0;
}

/** The truth table of an expression over the listed atoms, in the order of the list. */
export function truthTable(expr: Expr<number>, atoms: readonly number[]): FiniteFunction {
  const positions: number[] = [];
  for (const [position, found] of atoms.entries()) positions[found] = position;
  const overPositions = substitute<number, number>(expr, (found) => atom(positions[found] ?? -1));
  return tabulate(
    atoms.map(() => 2),
    (point) => (evaluate(overPositions, (position) => point[position] === 1) ? 1 : 0),
  );
}

/**
 * For one coordinate, which cases can never be told apart: a label for each case, equal where the function is equal for
 * every choice of the other coordinates. Labels count up from 0 in the order of the cases.
 */
export function caseClasses(of: FiniteFunction, coordinate: number): readonly number[] {
  const representatives: number[] = [];
  return Array.from({ length: of.radices[coordinate] ?? 1 }, (_, index) => {
    const known = representatives.findIndex((other) => casesAgree(of, coordinate, other, index));
    return known === -1 ? representatives.push(index) - 1 : known;
  });
}

function casesAgree({ radices, table }: FiniteFunction, coordinate: number, one: number, other: number): boolean {
  const weight = radices.slice(0, coordinate).reduce((product, radix) => product * radix, 1);
  const period = weight * (radices[coordinate] ?? 1);
  for (let start = 0; start < table.length; start += period) {
    for (let low = start; low < start + weight; low++) {
      if (table[low + one * weight] !== table[low + other * weight]) return false;
    }
  }
  return true;
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
