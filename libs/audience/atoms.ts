import { canonicalJson } from '#core';
import type { Json } from '#core';
import type { Channel, ProductSelector, Window } from './ast.ts';
import type { DaySpan } from './windows.ts';

/** Pointers to where an atom was written, for faults and warnings about it. Not part of what it means. */
export interface Origin {
  readonly leaf: string;
  readonly products: string;
  /** Absent where no window was written, so that none can be too long. */
  readonly window?: string | undefined;
  /** The atom came in through the reference at these pointers: its parts have no pointers of their own. */
  readonly pinned: boolean;
}

/**
 * A bound on what a member bought: over the lines that count (see `ast.ts`), the number of distinct baskets, or the sum
 * of net_cents, is >= min and <= max. No line: 0. An absent list of channels or stores, and absent products, mean any.
 */
export interface PurchaseAtom<Products, Store, Span> {
  readonly kind: 'purchases';
  readonly measure: 'baskets' | 'cents';
  readonly products?: Products;
  readonly channels?: readonly Channel[];
  readonly stores?: readonly Store[];
  readonly window: Span;
  readonly min?: number;
  readonly max?: number;
  readonly origin: Origin;
}

/** The member's region or tier is one of these. */
export interface AttributeAtom<Code> {
  readonly kind: 'attribute';
  readonly attribute: 'region' | 'tier';
  readonly ids: readonly Code[];
  readonly origin: Origin;
}

/** The member matches a saved audience, not looked into. */
export interface ReferenceAtom {
  readonly kind: 'reference';
  readonly id: string;
  readonly version?: number;
  readonly origin: Origin;
}

/** A window of the language, or the days that end on the day before such a window. */
export type SymbolicSpan = Window | { readonly before: Window; readonly days: number };

/** Codes and relative days, as written. */
export type SymbolicAtom = PurchaseAtom<ProductSelector, string, SymbolicSpan> | AttributeAtom<string>;

/**
 * Products by the warehouse's ids: any of `products`, or any of `brands` within any of `categories` where both are given.
 * `products` stands alone, and comes with the brands and categories under which its lines are stored, which say where to
 * look and add nothing to the meaning.
 */
export type ResolvedProducts =
  | {
      readonly products: readonly number[];
      readonly storedUnder: { readonly brands: readonly number[]; readonly categories: readonly number[] };
    }
  | { readonly products?: undefined; readonly brands?: readonly number[]; readonly categories?: readonly number[] };

/** Ids and absolute days: what a statement is compiled from. */
export type ResolvedAtom = PurchaseAtom<ResolvedProducts, number, DaySpan> | AttributeAtom<number>;

export type Atom = SymbolicAtom | ReferenceAtom | ResolvedAtom;

type Id = string | number;

/** Sorted, without repeats. Numbers by value, texts by code unit. */
export const sortedSet = <T extends Id>(ids: readonly T[]): readonly T[] =>
  [...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1));

/** What the lines of a purchase atom are, without its bounds: equal selections have equal canonical texts. */
export function selectionOf(atom: Extract<Atom, { kind: 'purchases' }>): { readonly [key: string]: Json } {
  const { products, stores, channels } = atom;
  return {
    window: { ...atom.window },
    ...(products === undefined ? {} : { products: productLists(products) }),
    ...(stores === undefined ? {} : { stores: sortedSet<Id>(stores) }),
    ...(channels === undefined ? {} : { channels: sortedSet(channels) }),
  };
}

function productLists(selector: ProductSelector | ResolvedProducts): { readonly [list: string]: readonly Id[] } {
  const lists: { [list: string]: readonly Id[] } = {};
  for (const [name, ids] of Object.entries<unknown>({ ...selector })) {
    if (name !== 'storedUnder' && Array.isArray(ids)) lists[name] = sortedSet(ids as Id[]);
  }
  return lists;
}

/** One text per meaning, as far as a single atom shows it; `origin` and `storedUnder` are left out. */
export function atomKey(atom: Atom): string {
  if (atom.kind === 'attribute') return canonicalJson([atom.attribute, sortedSet<Id>(atom.ids)]);
  if (atom.kind === 'reference') return canonicalJson(['reference', atom.id, atom.version ?? null]);
  const { measure, min = null, max = null } = atom;
  return canonicalJson([measure, selectionOf(atom), min, max]);
}
