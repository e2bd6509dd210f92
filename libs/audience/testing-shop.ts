import { dayNumber, monthsEarlier } from './windows.ts';
import type { DayNumber } from './windows.ts';
import type { AudienceDefinition, Channel, Leaf, ProductSelector, Rule, Window } from './ast.ts';
import type { AsOf } from './resolve.ts';
import { catalogueOf } from './testing.ts';
import type { CatalogueIds } from './testing.ts';

/**
 * A tiny shop for tests: products, members with their lines, and an evaluator that follows the words of `ast.ts` leaf by
 * leaf on those lines, sharing nothing with the way rules are rewritten and compiled.
 */
export interface ShopLine {
  readonly day: DayNumber;
  readonly basket: number;
  readonly gtin: string;
  readonly channel: Channel;
  readonly store: string;
  readonly netCents: number;
}

export interface ShopMember {
  readonly region: string;
  readonly tier: string;
  readonly lines: readonly ShopLine[];
}

export const SHOP_AS_OF: AsOf = { dataThrough: '2025-03-31', historyFrom: '2025-01-02' };

/** GTIN, product id, brand, brand id, leaf category, category id. */
const PRODUCTS = [
  ['3000000000011', 11, 'acme', 1, 'milk', 101],
  ['3000000000012', 12, 'acme', 1, 'yoghurt', 102],
  ['3000000000013', 13, 'bolt', 2, 'milk', 101],
  ['3000000000014', 14, 'bolt', 2, 'tea', 201],
  ['3000000000015', 15, 'acme', 1, 'tea', 201],
] as const;

const TREE: Readonly<Record<string, readonly string[]>> = {
  milk: ['milk'],
  yoghurt: ['yoghurt'],
  tea: ['tea'],
  dairy: ['milk', 'yoghurt'],
};

export const SHOP_IDS: CatalogueIds = {
  country: 'FR',
  gtins: PRODUCTS.map(([gtin]) => gtin),
  brands: ['acme', 'bolt'],
  categories: Object.keys(TREE),
  regions: ['north', 'south', 'east'],
  stores: ['s1', 's2', 's3'],
  tiers: ['gold', 'blue'],
};

const numbered = (codes: readonly string[]): ReadonlyMap<string, number> =>
  new Map(codes.map((code, index) => [code, index + 1]));

const CATEGORY_IDS = new Map<string, number>(PRODUCTS.map((row) => [row[4], row[5]]));

export const SHOP_CATALOGUE = catalogueOf({
  country: 'FR',
  products: new Map(
    PRODUCTS.map(([gtin, productId, , brandId, , categoryId]) => [gtin, { productId, brandId, categoryId }]),
  ),
  brands: new Map([
    ['acme', 1],
    ['bolt', 2],
  ]),
  categories: new Map(
    Object.entries(TREE).map(([code, leaves]) => [code, leaves.flatMap((leaf) => CATEGORY_IDS.get(leaf) ?? [])]),
  ),
  regions: numbered(SHOP_IDS.regions),
  stores: numbered(SHOP_IDS.stores),
  tiers: numbered(SHOP_IDS.tiers),
  foreign: new Set(['3999999999999', 'rival', 'cosmetics']),
});

const day = (text: string): number => dayNumber(text) ?? Number.NaN;

const DATA_THROUGH = day(SHOP_AS_OF.dataThrough);
const HISTORY_FROM = day(SHOP_AS_OF.historyFrom);

/** First and last day, both included. */
function edges(window: Window): readonly [number, number] {
  if ('lastDays' in window) return [DATA_THROUGH - window.lastDays + 1, DATA_THROUGH];
  if ('lastMonths' in window) return [monthsEarlier(DATA_THROUGH, window.lastMonths) + 1, DATA_THROUGH];
  return [day(window.from), day(window.to)];
}

function isOf(selector: ProductSelector, gtin: string): boolean {
  const row = PRODUCTS.find(([known]) => known === gtin);
  if (row === undefined) return false;
  const leaves = (selector.categories ?? []).flatMap((node) => TREE[node] ?? []);
  return (
    (selector.gtins?.includes(gtin) ?? true) &&
    (selector.brands?.includes(row[2]) ?? true) &&
    (selector.categories === undefined || leaves.includes(row[4]))
  );
}

const within = (value: number, min = -Infinity, max = Infinity): boolean => min <= value && value <= max;

/** Whether a member matches, by the definitions of `ast.ts`. */
export const matches = ({ rule }: AudienceDefinition, member: ShopMember): boolean => holds(rule, member);

function holds(rule: Rule, member: ShopMember): boolean {
  if ('all' in rule) return rule.all.every((child) => holds(child, member));
  if ('any' in rule) return rule.any.some((child) => holds(child, member));
  if ('none' in rule) return !rule.none.some((child) => holds(child, member));
  if ('atLeast' in rule) {
    return rule.atLeast.of.filter((child) => holds(child, member)).length >= rule.atLeast.n;
  }
  return holdsLeaf(rule, member);
}

function holdsLeaf(leaf: Leaf, member: ShopMember): boolean {
  const history = member.lines.filter((line) => within(line.day, HISTORY_FROM, DATA_THROUGH));
  const linesIn = ([from, to]: readonly [number, number]) => history.filter((line) => within(line.day, from, to));
  const count = (products: ProductSelector, window: Window, channels?: readonly Channel[]) =>
    linesIn(edges(window)).filter(
      (line) => isOf(products, line.gtin) && (channels === undefined || channels.includes(line.channel)),
    );
  if ('purchased' in leaf) {
    return count(leaf.purchased.products, leaf.purchased.window, leaf.purchased.channels).length > 0;
  }
  if ('notPurchased' in leaf) {
    return count(leaf.notPurchased.products, leaf.notPurchased.window, leaf.notPurchased.channels).length === 0;
  }
  if ('frequency' in leaf) {
    const { products, window, channels, min, max } = leaf.frequency;
    return within(new Set(count(products, window, channels).map(({ basket }) => basket)).size, min, max);
  }
  if ('spend' in leaf) {
    const { products, window, channels, minCents, maxCents } = leaf.spend;
    const sum = count(products, window, channels).reduce((total, { netCents }) => total + netCents, 0);
    return within(sum, minCents, maxCents);
  }
  if ('recency' in leaf) {
    const ages = count(leaf.recency.products, { lastDays: 730 }).map((line) => DATA_THROUGH - line.day);
    return ages.length > 0 && within(Math.min(...ages), leaf.recency.minDaysAgo, leaf.recency.maxDaysAgo);
  }
  if ('newToBrand' in leaf) {
    const { brands, window, lookbackDays } = leaf.newToBrand;
    const [first] = edges(window);
    const before = linesIn([first - lookbackDays, first - 1]).some((line) => isOf({ brands }, line.gtin));
    return count({ brands }, window).length > 0 && !before;
  }
  if ('lapsed' in leaf) {
    const { products, activeWindow, sinceDays } = leaf.lapsed;
    return count(products, activeWindow).length > 0 && count(products, { lastDays: sinceDays }).length === 0;
  }
  return holdsOtherLeaf(leaf, member, (window) => linesIn(edges(window)));
}

function holdsOtherLeaf(leaf: Leaf, member: ShopMember, linesIn: (window: Window) => readonly ShopLine[]): boolean {
  if ('channel' in leaf) return linesIn(leaf.channel.window).some((line) => leaf.channel.in.includes(line.channel));
  if ('store' in leaf) return linesIn(leaf.store.window).some((line) => leaf.store.in.includes(line.store));
  if ('region' in leaf) return leaf.region.in.includes(member.region);
  if ('tier' in leaf) return leaf.tier.in.includes(member.tier);
  throw new TypeError('the shop has no saved audiences');
}

/** Deterministic members: `random` gives numbers in [0, 1). A few have no line at all, some lines precede the history. */
export function shopMembers(size: number, random: () => number): readonly ShopMember[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  let basket = 0;
  return Array.from({ length: size }, () => ({
    region: pick(SHOP_IDS.regions),
    tier: pick(SHOP_IDS.tiers),
    lines: Array.from({ length: Math.floor(random() * 6) }, () => {
      basket += 1;
      const visit = {
        basket,
        day: DATA_THROUGH - Math.floor(random() * 95),
        channel: pick(['store', 'online'] as const),
        store: pick(SHOP_IDS.stores),
      };
      return Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        ...visit,
        gtin: pick(SHOP_IDS.gtins),
        netCents: Math.floor(random() * 1500) - 200,
      }));
    }).flat(),
  }));
}
