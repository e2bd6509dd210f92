import { canonicalJson } from '#core';
import type { Json } from '#core';
import { sortedSet } from './atoms.ts';
import type { Proposition } from './propositions.ts';

type Id = string | number;

/** Of a coordinate: what tells its cases apart. Case 0 of `bought`, `isOneOf` and `opaque` is "none of these". */
export type Coordinate =
  /** Two cases: no line, or at least one, with one of these ids. */
  | { readonly kind: 'bought'; readonly subject: Json; readonly ids: readonly Id[] }
  /** One case for each block of ids the attribute may be in. */
  | { readonly kind: 'isOneOf'; readonly subject: Json; readonly blocks: readonly (readonly Id[])[] }
  /** The ascending cuts make intervals; `pattern` gives the case of each, lowest interval first. */
  | {
      readonly kind: 'atLeast';
      readonly subject: Json;
      readonly cuts: readonly number[];
      readonly pattern: readonly number[];
    }
  | { readonly kind: 'opaque'; readonly subject: Json };

export function caseCount(coordinate: Coordinate): number {
  if (coordinate.kind === 'isOneOf') return coordinate.blocks.length + 1;
  return coordinate.kind === 'atLeast' ? Math.max(...coordinate.pattern) + 1 : 2;
}

/** The coordinate after cases are merged: `labels` gives the new case of each, counting up from 0 in order. */
export function mergeCases(coordinate: Coordinate, labels: readonly number[]): Coordinate {
  if (coordinate.kind === 'isOneOf') {
    const blocks: Id[][] = Array.from({ length: Math.max(...labels) }, () => []);
    for (const [index, block] of coordinate.blocks.entries()) blocks[(labels[index + 1] ?? 0) - 1]?.push(...block);
    return { ...coordinate, blocks: blocks.map(sortedSet) };
  }
  if (coordinate.kind !== 'atLeast') return coordinate;
  const pattern = coordinate.pattern.map((old) => labels[old] ?? 0);
  const real = coordinate.cuts.map((_, index) => pattern[index] !== pattern[index + 1]);
  return {
    ...coordinate,
    cuts: coordinate.cuts.filter((_, index) => real[index]),
    pattern: pattern.filter((_, index) => index === 0 || real[index - 1]),
  };
}

/** Truth of a proposition at a point; `coordinates` must be those made for it. */
export type Reading = (point: readonly number[]) => boolean;

export interface CoordinateSystem {
  readonly coordinates: readonly Coordinate[];
  /** For each proposition, in order. */
  readonly readings: readonly Reading[];
}

/**
 * Coordinates on which the propositions depend and which are free of each other: bounds on one measure share an axis,
 * sets of one attribute share its values, sets of what was bought are cut into disjoint blocks.
 *
 * Blocks are used only where they are no more than the sets they cut, so the points never outnumber the truth table.
 */
export function coordinateSystem(propositions: readonly Proposition[]): CoordinateSystem {
  const coordinates: Coordinate[] = [];
  const readings = new Map<Proposition, Reading>();
  for (const group of grouped(propositions)) {
    const axes = axesOf(group);
    const first = coordinates.length;
    coordinates.push(...axes.coordinates);
    for (const [index, proposition] of group.entries()) {
      const holds = axes.reading(index);
      readings.set(proposition, (point) => holds(point.slice(first)));
    }
  }
  return { coordinates, readings: propositions.map((proposition) => readings.get(proposition) ?? (() => false)) };
}

/** Propositions of one kind and subject. */
function grouped(propositions: readonly Proposition[]): readonly Proposition[][] {
  const groups = new Map<string, Proposition[]>();
  for (const proposition of propositions) {
    const key = canonicalJson([proposition.kind, proposition.subject]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [proposition]);
    else group.push(proposition);
  }
  return [...groups.values()];
}

/** The coordinates of one group, and for its propositions by index the reading of a point that begins with them. */
interface Axes {
  readonly coordinates: readonly Coordinate[];
  readonly reading: (index: number) => Reading;
}

function axesOf(group: readonly Proposition[]): Axes {
  const subject = group[0]?.subject ?? null;
  const cuts = group.flatMap((each) => (each.kind === 'atLeast' ? [each.cut] : []));
  const sets = group.flatMap((each) => ('ids' in each ? [new Set(each.ids)] : []));
  const kind = group[0]?.kind;
  if (kind === 'atLeast') return measureAxis(subject, cuts);
  if (kind === 'isOneOf') return attributeAxis(subject, sets);
  if (kind === 'bought') return purchaseAxes(subject, sets);
  return { coordinates: [{ kind: 'opaque', subject }], reading: () => (point) => point[0] === 1 };
}

function measureAxis(subject: Json, bounds: readonly number[]): Axes {
  const cuts = [...new Set(bounds)].toSorted((a, b) => a - b);
  const pattern = [0, ...cuts.map((_, index) => index + 1)];
  return {
    coordinates: [{ kind: 'atLeast', subject, cuts, pattern }],
    reading: (index) => {
      const below = cuts.indexOf(bounds[index] ?? 0);
      return ([interval = 0]) => interval > below;
    },
  };
}

function attributeAxis(subject: Json, sets: readonly ReadonlySet<Id>[]): Axes {
  const parts = disjointBlocks(sets);
  return {
    coordinates: [{ kind: 'isOneOf', subject, blocks: parts }],
    reading: (index) => {
      const inside = blocksInside(parts, sets[index]);
      return ([value = 0]) => inside.includes(value - 1);
    },
  };
}

function purchaseAxes(subject: Json, sets: readonly ReadonlySet<Id>[]): Axes {
  const disjoint = disjointBlocks(sets);
  const finer = disjoint.length <= sets.length;
  const parts = finer ? disjoint : sets.map((set) => sortedSet([...set]));
  return {
    coordinates: parts.map((ids) => ({ kind: 'bought', subject, ids })),
    reading: (index) => {
      const own = finer ? blocksInside(parts, sets[index]) : [index];
      return (point) => own.some((part) => point[part] === 1);
    },
  };
}

/** The coarsest partition of all ids of which every set is a union; blocks in the order of their first ids. */
function disjointBlocks(sets: readonly ReadonlySet<Id>[]): readonly (readonly Id[])[] {
  const membership = new Map<Id, string>();
  for (const [index, set] of sets.entries()) {
    for (const id of set) membership.set(id, `${membership.get(id) ?? ''}${index},`);
  }
  const blocks = new Map<string, Id[]>();
  for (const [id, where] of [...membership].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const block = blocks.get(where);
    if (block === undefined) blocks.set(where, [id]);
    else block.push(id);
  }
  return [...blocks.values()];
}

/** The indices of the blocks inside a set. */
const blocksInside = (blocks: readonly (readonly Id[])[], set: ReadonlySet<Id> = new Set()): readonly number[] =>
  blocks.flatMap(([first], index) => (first !== undefined && set.has(first) ? [index] : []));
