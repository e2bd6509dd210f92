import type { Purpose } from '#core';
import type { Owner } from './complete-journey-file.ts';

/** An audience in the language, and the same in SQL written by hand over the originals. */
export interface Twin {
  readonly name: string;
  readonly owner: Owner;
  /** A rule as JSON; `audienceRef` may name `SAVED_ID`. */
  readonly rule: object;
  readonly sql: string;
  readonly purposes?: readonly Purpose[];
}

export const SAVED_ID = 'aud_00000000000000000000000001';

/** Members who bought beef or cheese in the second half of the year. */
export const SAVED_RULE = {
  purchased: {
    products: { categories: ['meat.beef', 'grocery.cheese'] },
    window: { from: '2017-07-01', to: '2017-12-31' },
  },
};

const softDrinks = { categories: ['grocery.soft-drinks'] };
const ownLabel = { brands: ['m-69'] };
const YEAR = { from: '2017-01-01', to: '2017-12-31' };

export const TWINS: readonly Twin[] = [
  {
    name: 'purchased: a category in 90 days',
    owner: 'National',
    rule: { purchased: { products: softDrinks, window: { lastDays: 90 } } },
    sql: `SELECT count(DISTINCT hh) FROM asked JOIN bought USING (hh)
      WHERE product_category = 'SOFT DRINKS' AND department = 'GROCERY' AND day > '2017-10-02'`,
  },
  {
    name: 'purchased: a brand inside a department, ordered online',
    owner: 'Private',
    rule: {
      purchased: {
        products: { brands: ['m-69'], categories: ['grocery'] },
        window: { lastMonths: 8 },
        channels: ['online'],
      },
    },
    sql: `SELECT count(*) FROM asked WHERE EXISTS (
      FROM bought b WHERE b.hh = asked.hh AND manufacturer_id = 69 AND department = 'GROCERY'
        AND basket_id % 7 = 0 AND day BETWEEN '2017-05-01' AND '2017-12-31')`,
  },
  {
    name: 'purchased: a department, as far as the own label is sold in it',
    owner: 'Private',
    rule: { purchased: { products: { categories: ['drug-gm'] }, window: { lastMonths: 3 } } },
    sql: `WITH sold AS (SELECT DISTINCT product_category FROM products JOIN maker USING (manufacturer_id)
        WHERE department = 'DRUG GM' AND own_label)
      SELECT count(DISTINCT hh) FROM bought JOIN sold USING (product_category) JOIN asked USING (hh)
      WHERE department = 'DRUG GM' AND day >= '2017-10-01'`,
  },
  {
    name: 'purchased: products, of which those inside a category',
    owner: 'Private',
    rule: {
      purchased: {
        products: {
          gtins: ['0000001029743', '0000000995242', '0000006534178'],
          brands: ['m-69'],
          categories: ['grocery.fluid-milk-products'],
        },
        window: YEAR,
      },
    },
    sql: `SELECT count(DISTINCT hh) FROM asked JOIN bought USING (hh)
      WHERE product_id IN (SELECT product_id FROM products WHERE product_id IN (1029743, 995242, 6534178)
        AND product_category = 'FLUID MILK PRODUCTS')`,
  },
  {
    name: 'notPurchased: also households that never bought anything like it',
    owner: 'Private',
    rule: { notPurchased: { products: ownLabel, window: { lastMonths: 6 } } },
    sql: `SELECT count(*) FROM asked ANTI JOIN (
      FROM bought WHERE manufacturer_id = 69 AND day > '2017-06-30') USING (hh)`,
  },
  {
    name: 'frequency: two to four baskets',
    owner: 'National',
    rule: { frequency: { products: softDrinks, window: YEAR, min: 2, max: 4 } },
    sql: `WITH visits AS (
        SELECT hh, dense_rank() OVER (PARTITION BY hh ORDER BY basket_id) AS visit
        FROM bought WHERE product_category = 'SOFT DRINKS')
      SELECT count(*) FROM (SELECT hh FROM visits GROUP BY hh HAVING max(visit) IN (2, 3, 4)) SEMI JOIN asked USING (hh)`,
  },
  {
    name: 'frequency: at most one basket, also none',
    owner: 'Private',
    rule: { frequency: { products: ownLabel, window: { lastDays: 120 }, channels: ['store'], max: 1 } },
    sql: `SELECT count(*) FROM asked a WHERE (
      SELECT count(*) FROM (SELECT DISTINCT basket_id FROM bought b
        WHERE b.hh = a.hh AND manufacturer_id = 69 AND basket_id % 7 <> 0 AND day >= '2017-09-03')) <= 1`,
  },
  {
    name: 'spend: from 10 to 50 dollars',
    owner: 'Private',
    rule: {
      spend: { products: ownLabel, window: { from: '2017-04-01', to: '2017-09-30' }, minCents: 1000, maxCents: 5000 },
    },
    sql: `WITH paid AS (SELECT hh, sum(sales_value::DECIMAL(9, 2)) AS dollars FROM bought
        WHERE manufacturer_id = 69 AND day BETWEEN '2017-04-01' AND '2017-09-30' GROUP BY hh)
      SELECT count(*) FROM asked JOIN paid USING (hh) WHERE dollars BETWEEN 10 AND 50`,
  },
  {
    name: 'spend: less than 5 dollars, also nothing',
    owner: 'National',
    rule: { spend: { products: { categories: ['meat.beef', 'grocery.soup'] }, window: YEAR, maxCents: 499 } },
    sql: `SELECT count(*) FROM asked LEFT JOIN (
        SELECT hh, sum(sales_value::DECIMAL(9, 2)) AS dollars FROM bought
        WHERE (department, product_category) IN (('MEAT', 'BEEF'), ('GROCERY', 'SOUP')) GROUP BY hh) USING (hh)
      WHERE dollars IS NULL OR dollars < 5`,
  },
  {
    name: 'recency: last bought one to three months ago',
    owner: 'National',
    rule: { recency: { products: { categories: ['grocery.cheese'] }, minDaysAgo: 30, maxDaysAgo: 90 } },
    sql: `WITH latest AS (FROM asked JOIN bought USING (hh) WHERE product_category = 'CHEESE' AND department = 'GROCERY'
        QUALIFY row_number() OVER (PARTITION BY hh ORDER BY day DESC) = 1)
      SELECT count(*) FROM latest WHERE DATE '2017-12-31' - day::DATE BETWEEN 30 AND 90`,
  },
  {
    name: 'newToBrand: the first time in half a year',
    owner: 'National',
    rule: { newToBrand: { brands: ['m-2', 'm-544'], window: { lastDays: 61 }, lookbackDays: 184 } },
    sql: `WITH per AS (SELECT hh, bool_or(day >= '2017-11-01') AS now,
          bool_or(day >= '2017-05-01' AND day < '2017-11-01') AS before
        FROM bought WHERE manufacturer_id IN (2, 544) GROUP BY hh)
      SELECT count(*) FROM per SEMI JOIN asked USING (hh) WHERE now AND NOT before`,
  },
  {
    name: 'lapsed: bought in the year, not in the last 90 days',
    owner: 'National',
    rule: {
      lapsed: { products: { brands: ['m-544', 'm-317', 'm-103'] }, activeWindow: { lastMonths: 12 }, sinceDays: 90 },
    },
    sql: `SELECT count(*) FROM (
        SELECT hh, max(day) AS last FROM bought WHERE manufacturer_id IN (544, 317, 103) GROUP BY hh)
      JOIN asked USING (hh) WHERE last < '2017-10-03'`,
  },
  {
    name: 'channel: ordered online, whatever it was',
    owner: 'National',
    rule: { channel: { in: ['online'], window: { lastDays: 45 } } },
    sql: `SELECT count(*) FROM asked SEMI JOIN (
      FROM transactions SELECT household_id AS hh WHERE basket_id % 7 = 0
        AND transaction_timestamp >= '2017-11-17' AND transaction_timestamp < '2018-01-01') USING (hh)`,
  },
  {
    name: 'store: two stores in a spring',
    owner: 'Private',
    rule: { store: { in: ['s-367', 's-406'], window: { from: '2017-03-01', to: '2017-05-31' } } },
    sql: `SELECT count(DISTINCT hh) FROM asked JOIN transactions ON household_id = hh
      WHERE store_id IN (367, 406) AND month(transaction_timestamp) IN (3, 4, 5)`,
  },
  {
    name: 'region: two of them, and no other',
    owner: 'Private',
    rule: { region: { in: ['35-49k', '50-74k'] } },
    sql: `SELECT count(*) FROM asked WHERE income IN ('35-49K', '50-74K')`,
  },
  {
    name: 'tier: neither of two, with consent to offers as well',
    owner: 'Private',
    rule: { none: [{ tier: { in: ['none', '45-54'] } }] },
    purposes: ['audience_measurement', 'personalised_offers'],
    sql: `SELECT count(*) FROM asked WHERE age <> '-' AND age <> '45-54' AND hh IN (SELECT 3 * n FROM range(1000) r(n))`,
  },
  {
    name: 'audienceRef: saved audience, and not the own label',
    owner: 'National',
    rule: {
      all: [
        { audienceRef: { id: SAVED_ID } },
        { none: [{ purchased: { products: { brands: ['m-2'] }, window: YEAR } }] },
      ],
    },
    sql: `SELECT count(*) FROM (
        SELECT hh FROM bought JOIN asked USING (hh) WHERE day >= '2017-07-01'
          AND (department = 'MEAT' AND product_category = 'BEEF' OR department = 'GROCERY' AND product_category = 'CHEESE')
        EXCEPT SELECT hh FROM bought WHERE manufacturer_id = 2)`,
  },
  {
    name: 'a category twice in six months, not a brand in twelve, in three regions',
    owner: 'National',
    rule: {
      all: [
        { frequency: { products: softDrinks, window: { lastMonths: 6 }, min: 2 } },
        { notPurchased: { products: { brands: ['m-103'] }, window: { lastMonths: 12 } } },
        { region: { in: ['none', '50-74k', 'under-15k'] } },
      ],
    },
    sql: `SELECT count(*) FROM (
        SELECT hh FROM asked JOIN bought USING (hh) WHERE income IN ('-', '50-74K', 'Under 15K')
        GROUP BY hh
        HAVING count(DISTINCT basket_id) FILTER (product_category = 'SOFT DRINKS' AND day > '2017-06-30') >= 2
          AND count(*) FILTER (manufacturer_id = 103) = 0)`,
  },
  {
    name: 'at least two of three habits',
    owner: 'National',
    rule: {
      atLeast: {
        n: 2,
        of: [
          { purchased: { products: softDrinks, window: YEAR } },
          { purchased: { products: { categories: ['grocery.bag-snacks'] }, window: YEAR } },
          {
            any: [
              { store: { in: ['s-367'], window: YEAR } },
              { channel: { in: ['online'], window: { lastMonths: 3 } } },
            ],
          },
        ],
      },
    },
    sql: `SELECT count(*) FROM (
        SELECT hh, max((product_category = 'SOFT DRINKS')::INT) AS drinks, max((product_category = 'BAG SNACKS')::INT) AS snacks,
          max((store_id = 367 OR (basket_id % 7 = 0 AND day >= '2017-10-01'))::INT) AS place
        FROM bought GROUP BY hh)
      JOIN asked USING (hh) WHERE coalesce(drinks, 0) + coalesce(snacks, 0) + place >= 2`,
  },
];
