import type { Purpose } from '#core';
import type { Draws } from '../../libs/demo/draws.ts';
import { dayOf } from './days.ts';
import { pick, repeat } from './sensitivity-accounts.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A basket line, as the columns of the warehouse. */
export interface ShopperLine {
  /** 0 France, 1 Spain. */
  readonly country: number;
  readonly day: number;
  readonly basket: number;
  readonly lineNo: number;
  readonly store: number;
  readonly channel: number;
  readonly product: number;
  readonly quantity: number;
  readonly netCents: number;
}

/** What a member said, by one of their cards. */
export interface Said {
  readonly card: number;
  readonly purpose: Purpose;
  readonly status: 'granted' | 'withdrawn';
  readonly at: string;
}

export interface Shopper {
  readonly kind: string;
  readonly country: number;
  readonly region: number;
  readonly tier: number;
  readonly cards: number;
  readonly lines: readonly ShopperLine[];
  readonly said: readonly Said[];
}

export const HISTORY = { from: '2023-11-16', through: '2025-11-15' } as const;

export const CATEGORIES = [
  [1, 'food', null, 'Food'],
  [2, 'dairy', 1, 'Dairy'],
  [3, 'dairy.milk', 2, 'Milk'],
  [4, 'dairy.yoghurt', 2, 'Yoghurt'],
  [5, 'tea', 1, 'Tea'],
] as const;

export const BRANDS = [
  [1, 'acme', 'Acme', 'Acme Foods'],
  [2, 'altamonte', 'Altamonte', 'Acme Foods'],
  [3, 'rival', 'Rival', 'Rival Foods'],
] as const;

export const PRODUCTS = [
  [1, '9520000000011', 'Milk of Acme', 1, 3],
  [2, '9520000000028', 'Yoghurt of Acme', 1, 4],
  [3, '9520000000035', 'Milk of Altamonte', 2, 3],
  [4, '9520000000042', 'Tea of Altamonte', 2, 5],
  [5, '9520000000059', 'Milk of Rival', 3, 3],
] as const;

export const REGIONS = [
  [1, 'FR-IDF', 'FR', 'Île-de-France'],
  [2, 'FR-ARA', 'FR', 'Auvergne-Rhône-Alpes'],
  [3, 'ES-MD', 'ES', 'Madrid'],
] as const;

export const STORES = [
  [1, 'FR-001', 'Paris', 'FR', 1],
  [2, 'FR-002', 'Lyon', 'FR', 2],
  [3, 'ES-001', 'Madrid', 'ES', 3],
] as const;

export const TIERS = [
  [1, 'basic', 'Basic'],
  [2, 'gold', 'Gold'],
] as const;

/** The changes of the clock, a leap day, the turn of an ISO year, both ends of the history, and the days next to them. */
const ODD_DAYS = ['2025-03-30', '2025-10-26', '2024-02-29', '2024-12-30', HISTORY.from, HISTORY.through]
  .map(dayOf)
  .flatMap((day) => [day - 1, day, day + 1]);

const LAST = dayOf(HISTORY.through);
const INT32_MAX = 2 ** 31 - 1;

export const HEAVY_LINES = 10_000;

export const VOCABULARY: Vocabulary = {
  manufacturer: 'Acme Foods',
  country: 'FR',
  gtins: PRODUCTS.filter(([, , , brand]) => brand !== 3).map(([, gtin]) => gtin),
  brands: ['acme', 'altamonte'],
  categories: CATEGORIES.map(([, code]) => code),
  stores: ['FR-001', 'FR-002'],
  regions: ['FR-IDF', 'FR-ARA'],
  tiers: TIERS.map(([, code]) => code),
  days: repeat(731, (back) => new Date((LAST - back) * 86_400_000).toISOString().slice(0, 10)),
};

const INSTANTS = [
  '2025-03-30T00:59:59.999Z',
  '2025-03-30T01:00:00.000Z',
  '2025-10-26T00:30:00.000Z',
  '2025-10-26T01:30:00.000Z',
  '2025-11-01T08:00:00.000Z',
  '2025-11-01T08:00:00.001Z',
];

function line(draws: Draws): ShopperLine {
  const negative = draws.chance(0.15);
  const netCents = 50 + draws.below(1500);
  return {
    country: 0,
    day: LAST - draws.below(draws.chance(0.5) ? 60 : 735),
    basket: draws.below(1_000_000),
    lineNo: 1,
    store: 1 + draws.below(2),
    channel: 1 + draws.below(2),
    product: 1 + draws.below(PRODUCTS.length),
    quantity: negative ? -1 : 1,
    netCents: negative ? -netCents : netCents,
  };
}

const some = (draws: Draws, most: number): ShopperLine[] => repeat(1 + draws.below(most), () => line(draws));

const LINES: Readonly<Record<string, (draws: Draws) => readonly ShopperLine[]>> = {
  'has no lines': () => [],
  'has one line': (draws) => some(draws, 1),
  'has some lines': (draws) => some(draws, 14),
  'is in one week, store and channel': (draws) => {
    const { day, store, channel } = line(draws);
    return some(draws, 14).map((each) => ({ ...each, day: day - draws.below(7), store, channel }));
  },
  'bought and gave back': (draws) =>
    some(draws, 5).flatMap((each) => [
      each,
      { ...each, day: each.day + 3, quantity: -each.quantity, netCents: -each.netCents },
    ]),
  'is listed twice': (draws) => some(draws, 5).flatMap((each) => [each, each]),
  'has full baskets': (draws) =>
    some(draws, 4).flatMap((each) =>
      repeat(4, (i) => ({ ...line(draws), day: each.day, basket: each.basket, lineNo: i + 1 })),
    ),
  'has huge amounts': (draws) =>
    some(draws, 6).map((each, index) => ({
      ...each,
      day: LAST - 10 * index,
      netCents: pick(draws, [INT32_MAX, -INT32_MAX, -INT32_MAX - 1, 0]),
    })),
  'shops on odd days': (draws) => some(draws, 8).map((each) => ({ ...each, day: pick(draws, ODD_DAYS) })),
  'shops abroad': (draws) => some(draws, 6).map((each) => ({ ...each, country: draws.below(2), store: 3 })),
};

const KINDS = Object.keys(LINES);

function saidBy(draws: Draws, cards: number): readonly Said[] {
  const say = (purpose: Purpose, granted: number): Said => ({
    card: 1 + draws.below(cards),
    purpose,
    status: draws.chance(granted) ? 'granted' : 'withdrawn',
    at: pick(draws, INSTANTS),
  });
  return [
    ...repeat(1 + draws.below(2), () => say('audience_measurement', 0.9)),
    ...(['personalised_offers', 'ads_owned_media', 'ads_open_web', 'ads_social'] as const).flatMap((purpose) =>
      repeat(draws.below(3), () => say(purpose, 0.8)),
    ),
  ];
}

export function shopper(draws: Draws): Shopper {
  const [kind, abroad, cards] = [pick(draws, KINDS), draws.chance(0.1), 1 + draws.below(2)];
  return {
    kind,
    country: abroad ? 1 : 0,
    region: abroad ? 3 : 1 + draws.below(2),
    tier: 1 + draws.below(2),
    cards,
    lines: LINES[kind]!(draws),
    said: saidBy(draws, cards),
  };
}

/** An account of a canteen, say: ten thousand lines within the history. */
export const heavyShopper = (draws: Draws): Shopper => ({
  ...shopper(draws),
  kind: 'is heavy',
  country: 0,
  region: 1,
  lines: repeat(HEAVY_LINES, (index) => ({ ...line(draws), day: LAST - (index % 700), basket: index % 4000 })),
});
