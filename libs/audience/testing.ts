import fc from 'fast-check';
import type { Country } from '#core';
import { AUDIENCE_VERSION, CHANNELS } from './ast.ts';
import type { AudienceDefinition, Leaf, ProductSelector, Rule, Window } from './ast.ts';
import type { AudienceCatalogue, CatalogueProduct, Lookup } from './catalogue.ts';

/** Codes that random definitions may name. Each list has at least one. */
export interface CatalogueIds {
  readonly country: Country;
  readonly gtins: readonly string[];
  readonly brands: readonly string[];
  readonly categories: readonly string[];
  readonly regions: readonly string[];
  readonly stores: readonly string[];
  readonly tiers: readonly string[];
}

export interface DefinitionOptions {
  /** Levels of the rule tree. */
  readonly depth?: number;
  /** Children of a group. */
  readonly children?: number;
  /** Longest relative window, days; spend and basket bounds are small in any case. */
  readonly lookbackDays?: number;
  /** First and last day of absolute windows. */
  readonly days?: readonly [string, string];
}

/** Valid definitions without references over the given codes: every kind of group and leaf, bounds near each other. */
export function definitionArbitrary(
  ids: CatalogueIds,
  options: DefinitionOptions = {},
): fc.Arbitrary<AudienceDefinition> {
  return ruleArbitrary(ids, options).map((rule) => ({ version: AUDIENCE_VERSION, country: ids.country, rule }));
}

function ruleArbitrary(ids: CatalogueIds, options: DefinitionOptions): fc.Arbitrary<Rule> {
  const { depth = 4, children = 3 } = options;
  const leaf = leafArbitrary(ids, options);
  const { node } = fc.letrec<{ node: Rule }>((tie) => {
    const group = fc.array(tie('node'), { minLength: 1, maxLength: children });
    return {
      node: fc.oneof(
        { maxDepth: depth - 1, depthSize: 'small' },
        leaf,
        group.map((all) => ({ all })),
        group.map((any) => ({ any })),
        group.map((none) => ({ none })),
        group.chain((of) => fc.integer({ min: 1, max: of.length }).map((n) => ({ atLeast: { n, of } }))),
      ),
    };
  });
  return node;
}

const someOf = <T>(values: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.subarray([...values], { minLength: 1, maxLength: Math.min(3, values.length) });

function windowArbitrary({ lookbackDays = 730, days }: DefinitionOptions): fc.Arbitrary<Window> {
  const relative: fc.Arbitrary<Window>[] = [
    fc.integer({ min: 1, max: lookbackDays }).map((lastDays) => ({ lastDays })),
    fc.integer({ min: 1, max: Math.max(1, Math.floor(lookbackDays / 30.5)) }).map((lastMonths) => ({ lastMonths })),
  ];
  if (days === undefined) return fc.oneof(...relative);
  const [min, max] = days.map((day) => new Date(`${day}T00:00:00Z`));
  const day = fc.date({ ...(min && { min }), ...(max && { max }), noInvalidDate: true });
  const absolute = fc.tuple(day, day).map((pair): Window => {
    const [from = '', to = ''] = pair.map((each) => each.toISOString().slice(0, 10)).toSorted();
    return { from, to };
  });
  return fc.oneof(...relative, absolute);
}

function productsArbitrary(ids: CatalogueIds): fc.Arbitrary<ProductSelector> {
  const gtins = someOf(ids.gtins);
  const brands = someOf(ids.brands);
  const categories = someOf(ids.categories);
  return fc.oneof(
    fc.record({ gtins }),
    fc.record({ brands }),
    fc.record({ categories }),
    fc.record({ brands, categories }),
    fc.record({ gtins, brands, categories }),
  );
}

/** One bound or two in order. */
const boundsArbitrary = (value: fc.Arbitrary<number>): fc.Arbitrary<{ min?: number; max?: number }> =>
  fc.oneof(
    value.map((min) => ({ min })),
    value.map((max) => ({ max })),
    fc.tuple(value, value).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
  );

function leafArbitrary(ids: CatalogueIds, options: DefinitionOptions): fc.Arbitrary<Leaf> {
  const window = windowArbitrary(options);
  const products = productsArbitrary(ids);
  const purchase = fc
    .tuple(products, window, fc.option(someOf(CHANNELS), { nil: undefined }))
    .map(([selector, over, channels]) => ({
      products: selector,
      window: over,
      ...(channels === undefined ? {} : { channels }),
    }));
  const daysAgo = fc.integer({ min: 0, max: (options.lookbackDays ?? 730) - 1 });
  const span = fc.integer({ min: 1, max: options.lookbackDays ?? 730 });
  return fc.oneof(
    purchase.map((purchased) => ({ purchased })),
    purchase.map((notPurchased) => ({ notPurchased })),
    fc
      .tuple(purchase, boundsArbitrary(fc.integer({ min: 0, max: 4 })))
      .map(([body, bounds]) => ({ frequency: { ...body, ...bounds } })),
    fc.tuple(purchase, boundsArbitrary(fc.integer({ min: -500, max: 3000 }))).map(([body, { min, max }]) => ({
      spend: {
        ...body,
        ...(min === undefined ? {} : { minCents: min }),
        ...(max === undefined ? {} : { maxCents: max }),
      },
    })),
    fc.tuple(products, boundsArbitrary(daysAgo)).map(([selector, { min, max }]) => ({
      recency: {
        products: selector,
        ...(min === undefined ? {} : { minDaysAgo: min }),
        ...(max === undefined ? {} : { maxDaysAgo: max }),
      },
    })),
    fc.record({ brands: someOf(ids.brands), window, lookbackDays: span }).map((newToBrand) => ({ newToBrand })),
    fc
      .record({ products, activeWindow: window, sinceDays: span })
      .filter(({ activeWindow, sinceDays }) => !('lastDays' in activeWindow) || activeWindow.lastDays > sinceDays)
      .map((lapsed) => ({ lapsed })),
    fc.record({ in: someOf(CHANNELS), window }).map((channel) => ({ channel })),
    fc.record({ in: someOf(ids.stores), window }).map((store) => ({ store })),
    fc.record({ in: someOf(ids.regions) }).map((region) => ({ region })),
    fc.record({ in: someOf(ids.tiers) }).map((tier) => ({ tier })),
  );
}

/** A catalogue held in maps. A code without an entry is unknown. */
export interface CatalogueTables {
  readonly country: Country;
  readonly products: ReadonlyMap<string, CatalogueProduct>;
  readonly brands: ReadonlyMap<string, number>;
  readonly categories: ReadonlyMap<string, readonly number[]>;
  readonly regions: ReadonlyMap<string, number>;
  readonly stores: ReadonlyMap<string, number>;
  readonly tiers: ReadonlyMap<string, number>;
  /** Codes of products, brands and categories that exist and are not the brand's. */
  readonly foreign: ReadonlySet<string>;
}

export function catalogueOf(tables: CatalogueTables): AudienceCatalogue {
  const look =
    <T>(map: ReadonlyMap<string, T>) =>
    (code: string): Lookup<T> => {
      const value = map.get(code);
      if (value !== undefined) return { status: 'found', value };
      return { status: tables.foreign.has(code) ? 'out-of-scope' : 'unknown' };
    };
  return {
    country: tables.country,
    product: look(tables.products),
    brand: look(tables.brands),
    category: look(tables.categories),
    region: look(tables.regions),
    store: look(tables.stores),
    tier: look(tables.tiers),
  };
}
