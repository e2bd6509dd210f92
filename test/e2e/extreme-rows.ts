import { USUAL_LINE } from './counted-retailer.ts';
import type { CountedRetailer } from './counted-retailer.ts';
import { TOUR, audienceOf } from './questions.ts';
import type { Definition } from './questions.ts';

/** The member whose rows are as large as their columns allow. */
export const EXTREME_MEMBER = 2_147_483_647;

/** A line each day for two years, each of the largest or smallest amount: the sum passes 32 bits and every bound. */
const DAYS = 729;

export type Extreme = 'largest' | 'smallest';

const VALUES = {
  largest: { basket: '9223372036854775807 - n', quantity: '32767', cents: '2147483647', line: '32767' },
  smallest: { basket: '-9223372036854775807 - 1 + n', quantity: '-32768', cents: '-2147483648', line: '-32768' },
} as const;

/** Two thousand members with ordinary rows, and where asked one more with extreme ones. */
export function retailerWith(extreme: Extreme | null): CountedRetailer {
  const members = 2_000;
  if (extreme === null) return { members };
  const { basket, quantity, cents, line } = VALUES[extreme];
  return {
    members,
    moreMembers: `SELECT ${EXTREME_MEMBER}`,
    moreLines: `SELECT '${TOUR.country}', DATE '2026-10-31' - n::INTEGER, ${EXTREME_MEMBER}, ${basket}, ${line},
      ${USUAL_LINE.replaceAll(/ AS \w+/g, '')}, ${quantity}, ${cents} FROM range(${DAYS}) AS days(n)`,
  };
}

const BRANDS = { brands: [...TOUR.manufacturers[0].brandCodes] };
const CATEGORY = { categories: [TOUR.categoryCode] };
const MONTH = { lastDays: 30 };
const ALL = { lastDays: 730 };
const BOUND = 1_000_000_000_000;

const RULES: Readonly<Record<string, unknown>> = {
  purchased: { purchased: { products: BRANDS, window: ALL } },
  'not purchased': { notPurchased: { products: CATEGORY, window: MONTH } },
  'baskets at least': { frequency: { products: CATEGORY, window: ALL, min: 700 } },
  'baskets at most': { frequency: { products: BRANDS, window: ALL, max: 100_000 } },
  'spend at least the largest bound': { spend: { products: CATEGORY, window: ALL, minCents: BOUND } },
  'spend at least the smallest bound': { spend: { products: CATEGORY, window: ALL, minCents: -BOUND } },
  'spend at most the smallest bound': { spend: { products: CATEGORY, window: ALL, maxCents: -BOUND } },
  'spend by brand': { spend: { products: BRANDS, window: ALL, minCents: -BOUND, maxCents: BOUND } },
  recency: { recency: { products: CATEGORY, minDaysAgo: 9, maxDaysAgo: 700 } },
  'new to brand': { newToBrand: { brands: BRANDS.brands, window: MONTH } },
  lapsed: { lapsed: { products: CATEGORY, activeWindow: ALL, sinceDays: 5 } },
  channel: { channel: { in: ['online'], window: ALL } },
  'at least two of three': {
    atLeast: {
      n: 2,
      of: [
        { purchased: { products: BRANDS, window: MONTH } },
        { spend: { products: CATEGORY, window: ALL, maxCents: 0 } },
        { frequency: { products: CATEGORY, window: ALL, min: 9 } },
      ],
    },
  },
};

/** A question of each kind that the language has and that reads lines. */
export const LINE_QUESTIONS: readonly (readonly [string, Definition])[] = Object.entries(RULES).map(([name, rule]) => [
  name,
  audienceOf(rule),
]);
