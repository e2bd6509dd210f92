import type { Json } from '#core';
import type { CursorSealer } from '../common/cursor.ts';
import { toPage } from '../common/page.ts';
import type { Page } from '../common/page.ts';

/** What a catalogue item is found and ordered by. Codes are unique within a list. */
export interface Coded {
  readonly code: string;
  readonly name: string;
}

export interface CatalogListing {
  readonly limit: number;
  readonly cursor?: string;
  readonly q?: string;
}

/**
 * One page of a catalogue list held in memory: items whose code or name contains `q`, ordered by code.
 *
 * @param filter what else selects the items; sealed into the cursor.
 * @throws DomainError `cursor-invalid`.
 */
export function catalogPage<Item, Shown>(
  items: readonly Item[],
  listing: CatalogListing,
  rules: { coded: (item: Item) => Coded; show: (item: Item) => Shown; filter: Json; sealer: CursorSealer },
): Page<Shown> {
  const filter: Json = { list: rules.filter, q: listing.q ?? null };
  const after = listing.cursor === undefined ? '' : rules.sealer.open(listing.cursor, filter).id;
  const wanted = listing.q?.toLowerCase();
  const rows = items
    .map((item) => ({ item, ...rules.coded(item) }))
    .filter(
      ({ code, name }) => code > after && (wanted === undefined || contains(code, wanted) || contains(name, wanted)),
    )
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
    .slice(0, listing.limit + 1);
  return toPage(rows, {
    limit: listing.limit,
    position: ({ code }) => ({ sortKey: code, id: code }),
    item: ({ item }) => rules.show(item),
    sealer: rules.sealer,
    filter,
  });
}

const contains = (text: string, wanted: string): boolean => text.toLowerCase().includes(wanted);
