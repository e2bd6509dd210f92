import { CHANNELS } from './ast.ts';
import { atomKey, selectionOf, sortedSet } from './atoms.ts';
import type { Atom } from './atoms.ts';
import { canonicalJson } from '#core';
import type { Json } from '#core';
import { all, atom, not } from './expr.ts';
import type { Expr } from './expr.ts';

type Id = string | number;

/** What a rule says about a member, cut into statements that are true or false and know how they relate. */
export type Proposition =
  /** At least one line counts, the ids of one list being any of these and all else being `subject`. */
  | { readonly kind: 'bought'; readonly subject: Json; readonly ids: readonly Id[] }
  /** The measure over the lines of the selection is at least `cut`. */
  | { readonly kind: 'atLeast'; readonly subject: Json; readonly cut: number }
  /** The attribute is one of these. */
  | { readonly kind: 'isOneOf'; readonly subject: Json; readonly ids: readonly Id[] }
  /** A statement not looked into. */
  | { readonly kind: 'opaque'; readonly subject: Json };

export const propositionKey = (proposition: Proposition): string => canonicalJson({ ...proposition });

/** An atom as an expression over propositions; a range of a measure becomes its two ends. */
export function propositions(found: Atom): Expr<Proposition> {
  if (found.kind === 'attribute') {
    return atom({ kind: 'isOneOf', subject: found.attribute, ids: sortedSet<Id>(found.ids) });
  }
  if (found.kind === 'reference') return atom({ kind: 'opaque', subject: atomKey(found) });
  const { measure, min, max } = found;
  const reaches = (cut: number): Expr<Proposition> => {
    if (measure === 'baskets' && cut === 1) return atom(boughtAtAll(found));
    return atom({ kind: 'atLeast', subject: { measure, ...selectionOf(found) }, cut });
  };
  return all([...(min === undefined ? [] : [reaches(min)]), ...(max === undefined ? [] : [not(reaches(max + 1))])]);
}

/**
 * One list of the selection is set apart, so that buying from either of two lists can be seen as buying from their union.
 * It is the first of the product lists, else the stores, else the channels.
 */
function boughtAtAll(found: Extract<Atom, { kind: 'purchases' }>): Proposition {
  const { products, stores, channels, ...rest } = selectionOf(found);
  const lists = products as { readonly [list: string]: readonly Id[] } | undefined;
  if (lists !== undefined) {
    const [first, ...others] = Object.keys(lists).toSorted();
    const kept = Object.fromEntries(others.map((name) => [name, lists[name] ?? []]));
    return bought(
      { ...rest, list: first ?? '', ...withOthers({ stores, channels }), products: kept },
      lists[first ?? ''],
    );
  }
  if (stores !== undefined) return bought({ ...rest, list: 'stores', ...withOthers({ channels }) }, stores as Id[]);
  return bought({ ...rest, list: 'channels' }, (channels as Id[] | undefined) ?? sortedSet(CHANNELS));
}

const withOthers = (lists: Readonly<Record<string, Json | undefined>>): { readonly [name: string]: Json } =>
  Object.fromEntries(Object.entries(lists).flatMap(([name, list]) => (list === undefined ? [] : [[name, list]])));

const bought = (subject: Json, ids: readonly Id[] = []): Proposition => ({ kind: 'bought', subject, ids });
