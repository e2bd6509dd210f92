import type { Country } from '#core';

/**
 * The language `audience/1`: what a rule means, leaf by leaf.
 *
 * Terms, for one member of the audience's country:
 * - `D` is the data-through day (the last complete business day) and `H` the first day of the history. Only lines of
 *   that country with H <= day <= D exist; a window that reaches before H is cut to begin at H.
 * - A *line* is one product of one basket. A return is a line like any other, with negative quantity and money.
 * - A *basket* is the set of the member's lines that share a basket id. Different ids are different baskets.
 * - A line *counts* for a leaf when it is of the leaf's products, its day is in the leaf's window (both ends included)
 *   and, where the leaf names them, its channel is in `channels` or `in`, its store in `in`.
 * - A rule is row-local: whether a member matches depends on that member's own rows and on constants, never on others.
 */
export const AUDIENCE_VERSION = 'audience/1';

export interface AudienceDefinition {
  readonly version: typeof AUDIENCE_VERSION;
  readonly country: Country;
  readonly rule: Rule;
}

/** A node of the rule tree: an object with exactly one key, which names the node's kind. */
export type Rule =
  /** Every child holds. */
  | { readonly all: readonly Rule[] }
  /** At least one child holds. */
  | { readonly any: readonly Rule[] }
  /** No child holds. */
  | { readonly none: readonly Rule[] }
  /** At least `n` of the listed children hold; a child listed twice counts twice. 1 <= n <= of.length. */
  | { readonly atLeast: { readonly n: number; readonly of: readonly Rule[] } }
  | Leaf;

export type Leaf = { readonly [K in keyof LeafBodies]: { readonly [P in K]: LeafBodies[K] } }[keyof LeafBodies];

export type LeafType = keyof LeafBodies;

/** The body of each kind of leaf, under the leaf's name. */
export interface LeafBodies {
  readonly purchased: Purchased;
  readonly notPurchased: Purchased;
  readonly frequency: Frequency;
  readonly spend: Spend;
  readonly recency: Recency;
  readonly newToBrand: NewToBrand;
  readonly lapsed: Lapsed;
  readonly channel: ShoppedInChannel;
  readonly store: ShoppedInStore;
  readonly region: Attribute;
  readonly tier: Attribute;
  readonly audienceRef: AudienceReference;
}

/**
 * Which lines are meant. At least one key. Within a key, any of the codes; several keys must all hold, so
 * `{brands: [B], categories: [C]}` is brand B inside category C. A category is a node of the tree and stands for the
 * leaf categories below it in which the brand is sold.
 */
export interface ProductSelector {
  readonly gtins?: readonly string[];
  readonly brands?: readonly string[];
  readonly categories?: readonly string[];
}

/**
 * A span of whole days, both ends included. `lastDays: n` is D−n+1 … D, so 1 is the day D alone. `lastMonths: n` is the
 * day after (D minus n months) … D, where a day that the earlier month lacks becomes its last day (31 August minus 6
 * months is 28 or 29 February), as in SQL. An absolute window ends at D or earlier.
 */
export type Window =
  { readonly lastDays: number } | { readonly lastMonths: number } | { readonly from: string; readonly to: string };

export const CHANNELS = ['store', 'online'] as const;

export type Channel = (typeof CHANNELS)[number];

/** `purchased`: at least one line counts. `notPurchased`: no line counts. */
export interface Purchased {
  readonly products: ProductSelector;
  readonly window: Window;
  readonly channels?: readonly Channel[];
}

/**
 * `frequency`: the number of distinct baskets with at least one line that counts is >= min and <= max. A member without
 * any has 0, so `max` alone matches members who never bought. At least one bound; 0 … 100,000.
 */
export interface Frequency extends Purchased {
  readonly min?: number;
  readonly max?: number;
}

/**
 * `spend`: the sum of net_cents over the lines that count is >= minCents and <= maxCents. Returns lower it, it may be
 * negative, and a member without any such line has 0. At least one bound; cents of the country's currency.
 */
export interface Spend extends Purchased {
  readonly minCents?: number;
  readonly maxCents?: number;
}

/**
 * `recency`: the last line of the products within the 730 days that end at D lies d days before D (0 is D itself) and
 * minDaysAgo <= d <= maxDaysAgo. A member without any such line does not match. At least one bound; 0 … 729.
 */
export interface Recency {
  readonly products: ProductSelector;
  readonly minDaysAgo?: number;
  readonly maxDaysAgo?: number;
}

/**
 * `newToBrand`: at least one line of the brands in the window, and none in the `lookbackDays` days (default 365) that
 * end on the day before the window's first day. That first day is the one asked for, also where history begins later.
 */
export interface NewToBrand {
  readonly brands: readonly string[];
  readonly window: Window;
  readonly lookbackDays: number;
}

/**
 * `lapsed`: at least one line of the products in `activeWindow` and none in the last `sinceDays` days, D−sinceDays+1 … D.
 * The two may overlap: active in the last 12 months, not in the last 90 days. An active window of `lastDays` must be
 * longer than `sinceDays`, else nobody could match.
 */
export interface Lapsed {
  readonly products: ProductSelector;
  readonly activeWindow: Window;
  readonly sinceDays: number;
}

/** `channel`: at least one line, of whatever product, in one of these channels in the window. */
export interface ShoppedInChannel {
  readonly in: readonly Channel[];
  readonly window: Window;
}

/** `store`: at least one line, of whatever product, with one of these stores in the window. */
export interface ShoppedInStore {
  readonly in: readonly string[];
  readonly window: Window;
}

/** `region`, `tier`: the member's region or loyalty tier, as of D, is one of these. */
export interface Attribute {
  readonly in: readonly string[];
}

/**
 * `audienceRef`: the member matches another saved audience of the same brand and country. Without `version`, the newest
 * one when the references are loaded.
 */
export interface AudienceReference {
  readonly id: string;
  readonly version?: number;
}

export const DEFAULT_LOOKBACK_DAYS = 365;

const LEAF_TYPES: Readonly<Record<LeafType, true>> = {
  purchased: true,
  notPurchased: true,
  frequency: true,
  spend: true,
  recency: true,
  newToBrand: true,
  lapsed: true,
  channel: true,
  store: true,
  region: true,
  tier: true,
  audienceRef: true,
};

export const isLeafType = (text: string): text is LeafType => Object.hasOwn(LEAF_TYPES, text);

export const leafTypes = (): readonly LeafType[] => Object.keys(LEAF_TYPES).filter(isLeafType);
