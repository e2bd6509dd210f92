import { CHANNELS, DEFAULT_LOOKBACK_DAYS } from './ast.ts';
import type {
  Attribute,
  AudienceReference,
  Channel,
  Frequency,
  Lapsed,
  LeafBodies,
  NewToBrand,
  ProductSelector,
  Purchased,
  Recency,
  ShoppedInChannel,
  ShoppedInStore,
  Spend,
  Window,
} from './ast.ts';
import { shown, under } from './faults.ts';
import type { Faults } from './faults.ts';
import { LIMITS } from './limits.ts';
import { integer, isObject, listOf, oneOf, optional, record, required, text, withDefault } from './reader.ts';
import type { Field, Reader } from './reader.ts';
import { dayNumber } from './windows.ts';

const code = text(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, 'a code of 1 to 64 letters, digits and _ . : -');
const gtin = text(/^[0-9]{8,14}$/, 'a GTIN of 8 to 14 digits');
const codes = listOf(code, LIMITS.idsPerLeaf);
const channels = listOf(oneOf<Channel>(CHANNELS), CHANNELS.length);

const products: Reader<ProductSelector> = record<ProductSelector>(
  {
    gtins: optional(listOf(gtin, LIMITS.idsPerLeaf)),
    brands: optional(codes),
    categories: optional(codes),
  },
  (selector, pointer, faults) => {
    const lists = [selector.gtins, selector.brands, selector.categories].filter((list) => list !== undefined);
    const ids = lists.reduce((sum, list) => sum + list.length, 0);
    if (lists.length === 0)
      faults.add(pointer, 'empty', 'empty', 'given at least one of "gtins", "brands", "categories"');
    if (ids > LIMITS.idsPerLeaf) faults.add(pointer, 'too-many', `${ids} codes`, `at most ${LIMITS.idsPerLeaf} in all`);
  },
);

const day: Reader<string> = (value, pointer, faults) => {
  const must = 'a calendar day, YYYY-MM-DD';
  if (typeof value !== 'string') return faults.add(pointer, 'wrong-type', shown(value), must);
  return dayNumber(value) === undefined ? faults.add(pointer, 'bad-format', shown(value), must) : value;
};

const lastDays = record<{ lastDays: number }>({ lastDays: required(integer(1, LIMITS.lookbackDays)) });
const lastMonths = record<{ lastMonths: number }>({ lastMonths: required(integer(1, LIMITS.lookbackMonths)) });
const fromTo = record<{ from: string; to: string }>(
  { from: required(day), to: required(day) },
  ({ from, to }, pointer, faults) => {
    if (from > to) faults.add(pointer, 'reversed', `${from} to ${to}`, 'a first day no later than the last day');
  },
);

const window: Reader<Window> = (value, pointer, faults) => {
  const must = 'an object with "lastDays", with "lastMonths", or with "from" and "to"';
  if (!isObject(value)) return faults.add(pointer, 'wrong-type', shown(value), must);
  if (Object.hasOwn(value, 'lastDays')) return lastDays(value, pointer, faults);
  if (Object.hasOwn(value, 'lastMonths')) return lastMonths(value, pointer, faults);
  if (Object.hasOwn(value, 'from') || Object.hasOwn(value, 'to')) return fromTo(value, pointer, faults);
  return faults.add(pointer, 'missing', 'without any of these', must);
};

/** At least one of two bounds must be given, and the lower must not pass the upper. */
function bounds<T extends object>(lower: keyof T & string, upper: keyof T & string) {
  return (body: T, pointer: string, faults: Faults): void => {
    const [min, max]: unknown[] = [body[lower], body[upper]];
    if (min === undefined && max === undefined) {
      faults.add(pointer, 'missing', 'without a bound', `given "${lower}", "${upper}" or both`);
    }
    if (typeof min === 'number' && typeof max === 'number' && min > max) {
      faults.add(under(pointer, lower), 'reversed', String(min), `at most "${upper}", which is ${max}`);
    }
  };
}

const purchase: { readonly [K in keyof Purchased]-?: Field<NonNullable<Purchased[K]>> } = {
  products: required(products),
  window: required(window),
  channels: optional(channels),
};
const purchased = record<Purchased>(purchase);
const baskets = optional(integer(0, LIMITS.baskets));
const cents = optional(integer(-LIMITS.cents, LIMITS.cents));
const daysAgo = optional(integer(0, LIMITS.lookbackDays - 1));
const span = integer(1, LIMITS.lookbackDays);
const attribute = record<Attribute>({ in: required(codes) });

/** How the body of each leaf is read. */
export const LEAF_READERS: { readonly [K in keyof LeafBodies]: Reader<LeafBodies[K]> } = {
  purchased,
  notPurchased: purchased,
  frequency: record<Frequency>({ ...purchase, min: baskets, max: baskets }, bounds('min', 'max')),
  spend: record<Spend>({ ...purchase, minCents: cents, maxCents: cents }, bounds('minCents', 'maxCents')),
  recency: record<Recency>(
    { products: required(products), minDaysAgo: daysAgo, maxDaysAgo: daysAgo },
    bounds('minDaysAgo', 'maxDaysAgo'),
  ),
  newToBrand: record<NewToBrand>({
    brands: required(codes),
    window: required(window),
    lookbackDays: withDefault(span, DEFAULT_LOOKBACK_DAYS),
  }),
  lapsed: record<Lapsed>(
    { products: required(products), activeWindow: required(window), sinceDays: required(span) },
    ({ activeWindow, sinceDays }, pointer, faults) => {
      if ('lastDays' in activeWindow && activeWindow.lastDays <= sinceDays) {
        const must = `more than "sinceDays", which is ${sinceDays}`;
        faults.add(
          under(under(pointer, 'activeWindow'), 'lastDays'),
          'not-earlier',
          String(activeWindow.lastDays),
          must,
        );
      }
    },
  ),
  channel: record<ShoppedInChannel>({ in: required(channels), window: required(window) }),
  store: record<ShoppedInStore>({ in: required(codes), window: required(window) }),
  region: attribute,
  tier: attribute,
  audienceRef: record<AudienceReference>({
    id: required(text(/^aud_[0-9a-hjkmnp-tv-z]{26}$/, 'the id of a saved audience, aud_…')),
    version: optional(integer(1, 1_000_000)),
  }),
};
