import { canonicalJson } from '#core';
import type { Json } from '#core';
import { sortedSet } from './atoms.ts';
import { caseCount, coordinateSystem, mergeCases } from './coordinates.ts';
import type { Coordinate } from './coordinates.ts';
import type { Proposition } from './propositions.ts';
import { caseClasses, essentialCoordinates, restrict, tabulate, valueAt } from './truth-table.ts';
import type { FiniteFunction } from './truth-table.ts';

interface State {
  readonly coordinates: readonly Coordinate[];
  readonly of: FiniteFunction;
}

export interface NormalForm {
  readonly [key: string]: Json;
  readonly coordinates: readonly Json[];
  /** Values at all points, `0` or `1`, coordinate 0 fastest. */
  readonly table: string;
}

/**
 * The normal form of a truth table over propositions: the coordinates on which it truly depends, each in its coarsest
 * form, and the table over them. It says exactly what the truth table says, and two truth tables over the same
 * propositions that say the same have one normal form.
 *
 * @param table one coordinate with two cases for each proposition, in order.
 */
export function normalForm(propositions: readonly Proposition[], table: FiniteFunction): NormalForm {
  const essential = essentialCoordinates(table);
  const onEssential = restrict(table, essential);
  const { coordinates, readings } = coordinateSystem(essential.flatMap((index) => propositions[index] ?? []));
  const of = tabulate(coordinates.map(caseCount), (point) =>
    valueAt(
      onEssential,
      readings.map((holds) => (holds(point) ? 1 : 0)),
    ),
  );
  return described(unite(coarsen({ coordinates, of })));
}

/** Merges the cases that make no difference, then drops the coordinates left with one case. */
function coarsen({ coordinates, of }: State): State {
  const merged = coordinates.reduce<State>(
    (state, coordinate, index) => {
      const labels = caseClasses(state.of, index);
      if (labels.every((label, old) => label === old)) return state;
      const representatives = Array.from({ length: Math.max(...labels) + 1 }, (_, label) => labels.indexOf(label));
      return {
        coordinates: state.coordinates.with(index, mergeCases(coordinate, labels)),
        of: tabulate(state.of.radices.with(index, representatives.length), (point) =>
          valueAt(state.of, point.with(index, representatives[point[index] ?? 0] ?? 0)),
        ),
      };
    },
    { coordinates, of },
  );
  return select(merged, essentialCoordinates(merged.of));
}

const select = ({ coordinates, of }: State, indices: readonly number[]): State => ({
  coordinates: indices.flatMap((index) => coordinates[index] ?? []),
  of: restrict(of, indices),
});

/** Where only "bought from the one list or the other" matters, makes it "bought from their union", until none is left. */
function unite(state: State): State {
  const subjects = state.coordinates.map(({ subject }) => canonicalJson(subject));
  for (const [i, one] of state.coordinates.entries()) {
    for (const [j, other] of state.coordinates.entries()) {
      if (i >= j || one.kind !== 'bought' || other.kind !== 'bought') continue;
      if (subjects[i] !== subjects[j] || !onlyEitherMatters(state.of, i, j)) continue;
      const united: Coordinate = { ...one, ids: sortedSet([...one.ids, ...other.ids]) };
      const others = state.coordinates.flatMap((_, index) => (index === j ? [] : [index]));
      return unite(select({ coordinates: state.coordinates.with(i, united), of: state.of }, others));
    }
  }
  return state;
}

/** Whether the function of two two-case coordinates depends on them through "at least one of them" alone. */
function onlyEitherMatters(of: FiniteFunction, i: number, j: number): boolean {
  const others = of.radices.flatMap((_, index) => (index === i || index === j ? [] : [index]));
  const pair = restrict(of, [i, j, ...others]).table;
  for (let index = 0; index < pair.length; index += 4) {
    if (pair[index + 1] !== pair[index + 2] || pair[index + 1] !== pair[index + 3]) return false;
  }
  return true;
}

function described(state: State): NormalForm {
  const order = state.coordinates
    .map((coordinate, index) => ({ index, key: canonicalJson({ ...coordinate }) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ index }) => index);
  const { coordinates, of } = select(state, order);
  return { coordinates: coordinates.map((coordinate) => ({ ...coordinate })), table: of.table.join('') };
}
