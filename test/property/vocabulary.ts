import type { Country } from '#core';

import { textOf } from './days.ts';
import type { Line, Retail } from './retail.ts';

/** What random audiences of one brand organisation in one country may name, the most sold first. */
export interface Vocabulary {
  readonly manufacturer: string;
  readonly country: Country;
  readonly gtins: readonly string[];
  readonly brands: readonly string[];
  readonly categories: readonly string[];
  readonly stores: readonly string[];
  readonly regions: readonly string[];
  readonly tiers: readonly string[];
  /** From some weeks before the history to the last complete day. */
  readonly days: readonly string[];
}

const DAYS_BEFORE_HISTORY = 40;

export function vocabularyOf(retail: Retail, manufacturer: string, country: Country): Vocabulary {
  const members = retail.members.filter((member) => member.country === country);
  const lines = members.flatMap((member) => member.lines).filter((line) => line.country === country);
  const own = retail.products.filter((product) => product.manufacturer === manufacturer);
  const brands = new Set(own.map(({ brand }) => brand));
  const ownLines = lines.filter((line) => brands.has(line.brand));
  const soldIn = new Set(own.map(({ category }) => category));
  const leaves = byCount(lines.map(({ category }) => category)).filter((code) => soldIn.has(code));
  const days = retail.dataThrough - retail.historyFrom + 1 + DAYS_BEFORE_HISTORY;
  return {
    manufacturer,
    country,
    gtins: byCount(ownLines.map(({ gtin }) => gtin)).slice(0, 15),
    brands: byCount(ownLines.map(({ brand }) => brand)),
    categories: [...ancestors(retail, leaves.slice(0, 12)), ...leaves.slice(0, 12)],
    stores: byCount(lines.map(({ store }: Line) => store)).slice(0, 10),
    regions: byCount(members.map(({ region }) => region)),
    tiers: byCount(members.map(({ tier }) => tier)),
    days: Array.from({ length: days }, (_, back) => textOf(retail.dataThrough - back)),
  };
}

/** Different texts, the most frequent first. */
function byCount(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([text]) => text);
}

function ancestors(retail: Retail, codes: readonly string[]): Set<string> {
  const parentOf = new Map(retail.categories.map(({ code, parent }) => [code, parent]));
  const found = new Set<string>();
  for (const code of codes) {
    for (let at = parentOf.get(code); at !== undefined && at !== null; at = parentOf.get(at)) found.add(at);
  }
  return found;
}

/** Two brand organisations: the one that sells most, in every category, and one of the large with a narrow trade. */
export function largeManufacturers(retail: Retail): { readonly wide: string; readonly narrow: string } {
  const products = new Map(retail.products.map((product) => [product.gtin, product]));
  const trade = new Map<string, Set<string>>();
  for (const { manufacturer, category } of retail.products) {
    trade.set(manufacturer, (trade.get(manufacturer) ?? new Set()).add(category));
  }
  const sold = retail.members.flatMap(({ lines }) => lines.map(({ gtin }) => products.get(gtin)?.manufacturer ?? ''));
  const breadth = (manufacturer: string): number => trade.get(manufacturer)?.size ?? 0;
  const [wide, ...others] = byCount(sold).slice(0, 10);
  const [narrow] = others.toSorted((a, b) => breadth(a) - breadth(b));
  if (wide === undefined || narrow === undefined) throw new RangeError('one manufacturer sells everything');
  return { wide, narrow };
}
