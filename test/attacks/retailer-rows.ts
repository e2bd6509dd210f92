import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sha256Hex } from '#core';
import type { Rule } from '#audience';
import { demoLoyaltyNumber } from '#demo';
import { TOUR } from '../e2e/questions.ts';
import { TEST_RETAILER } from '../harness/application.ts';
import { Coins } from './coins.ts';
import { ELSEWHERE, HOME } from './segments.ts';

/** A member the attacker has seen once in a shop: on that day nobody else came to that store. */
export interface Target {
  readonly loyaltyIdSha256: string;
  /** Holds for this member alone. */
  readonly alone: Rule;
}

type Row = Readonly<Record<string, string>>;

const sqlList = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');

const visit = (store: string, day: string): Rule => ({ store: { in: [store], window: { from: day, to: day } } });

/** Rows of the retailer's file as it was loaded; it must have been built by an application under test. */
async function read(sql: string): Promise<Row[]> {
  const path = join(process.env['TEST_WAREHOUSE_CACHE'] ?? '', `retailer-${TEST_RETAILER.members}.duckdb`);
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
  } finally {
    instance.closeSync();
  }
}

const LONE_VISITORS = `WITH visit AS (
    SELECT store_id, day, min(member_id) AS member_id FROM line WHERE country = '${TOUR.country}'
    GROUP BY ALL HAVING count(DISTINCT member_id) = 1
  )
  SELECT member_id AS member, min_by(s.code, (day, s.code)) AS store, strftime(min(day), '%Y-%m-%d') AS day
  FROM visit JOIN member m USING (member_id) JOIN region r USING (region_id) JOIN store s USING (store_id)
  WHERE m.country = '${TOUR.country}' AND r.code = '${HOME}' AND c_audience_measurement
  GROUP BY member_id ORDER BY member_id`;

/** Consenting members of the home region that one visit tells from everybody else, in an order of its own per seed. */
export async function targets(count: number, seed: string): Promise<Target[]> {
  const rows = new Coins(`targets of ${seed}`).shuffled(await read(LONE_VISITORS)).slice(0, count);
  if (rows.length < count) throw new RangeError(`${rows.length} members can be targets, ${count} are wanted`);
  return rows.map(({ member, store = '', day = '' }) => ({
    loyaltyIdSha256: sha256Hex(demoLoyaltyNumber(TEST_RETAILER.seed, Number(member))),
    alone: visit(store, day),
  }));
}

const QUIET_DAYS = `SELECT s.code AS store, strftime(day, '%Y-%m-%d') AS day
  FROM (SELECT store_id, code FROM store WHERE country = '${TOUR.country}') s
    CROSS JOIN (SELECT DISTINCT day FROM line) AS days
    ANTI JOIN (SELECT DISTINCT store_id, day FROM line WHERE country = '${TOUR.country}') AS sales USING (store_id, day)
  ORDER BY store, day LIMIT 1000`;

/** Puts a rule in other words, others for each number, so that it holds for the same members. */
export type Paraphrase = (rule: Rule, number: number) => Rule;

/**
 * Adds whoever came to a store on a day on which nobody did. That the rule holds for the same members is seen in the
 * rows alone, so to the product each paraphrase is a new question, with noise of its own.
 */
export async function paraphraser(): Promise<Paraphrase> {
  const quiet = (await read(QUIET_DAYS)).map(({ store = '', day = '' }) => visit(store, day));
  return (rule, number) => {
    const nobody = quiet[number];
    if (nobody === undefined) throw new RangeError(`there are ${quiet.length} paraphrases, ${number} is none of them`);
    return { any: [rule, nobody] };
  };
}

/** A member of the crowd, as the attacker knows each of them. */
export interface Neighbour {
  readonly region: string;
  /** What the brand sold to the member in the window, cents; 0 for most. */
  readonly cents: number;
}

/** Every consenting member outside the home region. */
export async function neighbours(brandCodes: readonly string[], lastDays: number): Promise<Neighbour[]> {
  const rows = await read(`SELECT r.code AS region, coalesce(sum(net_cents), 0) AS cents
    FROM member m JOIN region r USING (region_id) LEFT JOIN (
      SELECT member_id, net_cents FROM brand_day JOIN brand b USING (brand_id)
      WHERE country = '${TOUR.country}' AND day > DATE '${TEST_RETAILER.dataThrough}' - ${lastDays}
        AND b.code IN (${sqlList(brandCodes)})
    ) USING (member_id)
    WHERE m.country = '${TOUR.country}' AND c_audience_measurement AND r.code IN (${sqlList(ELSEWHERE)})
    GROUP BY member_id, r.code`);
  return rows.map(({ region = '', cents }) => ({ region, cents: Number(cents) }));
}
