import fc from 'fast-check';
import { CHANNELS, parseDefinition } from '#audience';
import type { AudienceDefinition, Leaf, ProductSelector, Rule, Window } from '#audience';
import type { Purpose } from '#core';
import type { Question } from './audience-evaluator.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Levels of a rule and of a saved audience it refers to: together, with one more reference, within the limit of five. */
const DEPTH = 3;
const SAVED_DEPTH = 2;
const CHILDREN = 3;

const PURPOSE_SETS: readonly (readonly Purpose[])[] = [
  ['audience_measurement'],
  ['audience_measurement'],
  ['audience_measurement', 'personalised_offers'],
  ['ads_owned_media', 'audience_measurement'],
  ['audience_measurement', 'ads_open_web', 'ads_social'],
];

const SAVED_IDS = ['aud_00000000000000000000000001', 'aud_00000000000000000000000002'] as const;

/** Questions of every shape the language has, with references to saved audiences that refer to others in turn. */
export function questionArbitrary(vocabulary: Vocabulary): fc.Arbitrary<Question> {
  const { manufacturer } = vocabulary;
  const [outer, inner] = SAVED_IDS;
  const leaf = leafArbitrary(vocabulary);
  const define = (rule: Rule) => parseDefinition({ version: 'audience/1', country: vocabulary.country, rule });
  const toInner = fc.constant<Leaf>({ audienceRef: { id: inner, version: 2 } });
  const toOuter = fc.constant<Leaf>({ audienceRef: { id: outer } });
  return fc
    .record({
      rule: ruleArbitrary(fc.oneof({ weight: 11, arbitrary: leaf }, { weight: 1, arbitrary: toOuter }), DEPTH),
      outerRule: ruleArbitrary(
        fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: toInner }),
        SAVED_DEPTH,
      ),
      innerRule: leaf,
      purposes: fc.constantFrom(...PURPOSE_SETS),
    })
    .map(({ rule, outerRule, innerRule, purposes }) => {
      const saved = new Map<string, AudienceDefinition>([
        [outer, define(outerRule)],
        [`${inner}@2`, define(innerRule)],
      ]);
      return { manufacturer, definition: define(rule), saved, purposes };
    });
}

/** Rules of at most `depth` levels over some leaves. */
export function ruleArbitrary(leaf: fc.Arbitrary<Rule>, depth: number): fc.Arbitrary<Rule> {
  if (depth === 1) return leaf;
  const child = ruleArbitrary(leaf, depth - 1);
  const children = fc.oneof(
    { weight: 4, arbitrary: fc.array(child, { minLength: 1, maxLength: CHILDREN }) },
    { weight: 1, arbitrary: fc.tuple(child, child).map(([one, other]) => [one, other, one]) },
  );
  return fc.oneof(
    leaf,
    children.map((all) => ({ all })),
    children.map((any) => ({ any })),
    children.map((none) => ({ none })),
    children.chain((of) => fc.integer({ min: 1, max: of.length }).map((n) => ({ atLeast: { n, of } }))),
  );
}

/** Every kind of leaf but the reference. */
export function leafArbitrary(vocabulary: Vocabulary): fc.Arbitrary<Leaf> {
  const window = windowArbitrary(vocabulary);
  const products = productsArbitrary(vocabulary);
  const brands = someOf(vocabulary.brands);
  const purchase = fc.record(
    { products, window, channels: someOf(CHANNELS) },
    { requiredKeys: ['products', 'window'], noNullPrototype: true },
  );
  const span = fc.integer({ min: 1, max: 730 });
  const frequency = fc.tuple(purchase, boundsArbitrary(basketsArbitrary));
  const spend = fc.tuple(purchase, boundsArbitrary(centsArbitrary));
  const recency = fc.tuple(products, boundsArbitrary(fc.integer({ min: 0, max: 729 })));
  return fc.oneof(
    purchase.map((purchased) => ({ purchased })),
    purchase.map((notPurchased) => ({ notPurchased })),
    frequency.map(([body, bounds]) => ({ frequency: { ...body, ...bounds } })),
    spend.map(([body, bounds]) => ({ spend: { ...body, ...named(bounds, 'minCents', 'maxCents') } })),
    recency.map(([of, bounds]) => ({ recency: { products: of, ...named(bounds, 'minDaysAgo', 'maxDaysAgo') } })),
    fc.record({ brands, window, lookbackDays: span }).map((newToBrand) => ({ newToBrand })),
    fc
      .record({ products, activeWindow: window, sinceDays: span })
      .filter(({ activeWindow, sinceDays }) => !('lastDays' in activeWindow) || activeWindow.lastDays > sinceDays)
      .map((lapsed) => ({ lapsed })),
    fc.record({ in: someOf(CHANNELS), window }).map((channel) => ({ channel })),
    fc.record({ in: someOf(vocabulary.stores), window }).map((store) => ({ store })),
    fc.record({ in: someOf(vocabulary.regions) }).map((region) => ({ region })),
    fc.record({ in: someOf(vocabulary.tiers) }).map((tier) => ({ tier })),
  );
}

function windowArbitrary({ days }: Vocabulary): fc.Arbitrary<Window> {
  const day = fc.constantFrom(...days);
  return fc.oneof(
    fc.integer({ min: 1, max: 730 }).map((lastDays) => ({ lastDays })),
    fc.integer({ min: 1, max: 24 }).map((lastMonths) => ({ lastMonths })),
    fc.tuple(day, day).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a })),
  );
}

function productsArbitrary({ gtins, brands, categories }: Vocabulary): fc.Arbitrary<ProductSelector> {
  const lists = { gtins: someOf(gtins), brands: someOf(brands), categories: someOf(categories) };
  return fc.oneof(
    fc.record({ gtins: lists.gtins }),
    fc.record({ brands: lists.brands }),
    fc.record({ categories: lists.categories }),
    fc.record({ categories: lists.categories }),
    fc.record({ brands: lists.brands, categories: lists.categories }),
    fc.record({ gtins: lists.gtins, brands: lists.brands }),
    fc.record({ gtins: lists.gtins, categories: lists.categories }),
    fc.record(lists),
  );
}

/** One to four of a list, in any order, repeats allowed. */
const someOf = <T>(values: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: Math.min(4, values.length) });

const basketsArbitrary = fc.oneof(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 2, max: 8 }));

/** Around nothing, around a basket, around a year. */
const centsArbitrary = fc.oneof(
  fc.integer({ min: -3000, max: 0 }),
  fc.constantFrom(-1, 0, 1),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1000, max: 30_000 }),
);

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

const boundsArbitrary = (value: fc.Arbitrary<number>): fc.Arbitrary<Bounds> =>
  fc.oneof(
    value.map((min) => ({ min })),
    value.map((max) => ({ max })),
    fc.tuple(value, value).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
  );

const named = ({ min, max }: Bounds, lower: string, upper: string) => ({
  ...(min === undefined ? {} : { [lower]: min }),
  ...(max === undefined ? {} : { [upper]: max }),
});
