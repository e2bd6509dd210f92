import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { IdentifierKey, WarehouseLoader } from '#warehouse';

export const DATA_THROUGH = '2017-12-31';
export const HISTORY_FROM = '2017-01-01';

/** The organisations that brands belong to: makers of national brands, and the retailer's own label. */
export type Owner = 'National' | 'Private';

const KEY = new IdentifierKey(Buffer.alloc(32, 'pepper of a test'), 1);

export const completeJourneyKey = (): IdentifierKey => KEY;

/** What the file holds, to be compared with what is known of the originals. */
export interface LoadedTotals {
  readonly lines: number;
  readonly baskets: number;
  readonly members: number;
  readonly linesWithoutProduct: number;
  readonly cents: number;
}

/**
 * Loads The Complete Journey into a warehouse file, as one country.
 *
 * Member = household that shopped; brand = manufacturer; category = department and the product category in it, which
 * may be none; GTIN = product id with zeros in front; day = day of the timestamp, so the few lines of 2018-01-01 lie
 * after the last complete day; money = sales value. A line whose product has no row is of brand 0 and category 0, which
 * nothing can name: it counts only where products do not matter.
 *
 * What the originals lack is put in by rule: every seventh basket id is an online order; income stands for the region
 * and age for the tier; households whose id ends in 0 refuse measurement and two in three refuse personal offers.
 *
 * @param source the folder of the originals.
 * @param path the warehouse file to make.
 */
export async function loadCompleteJourney(source: string, path: string): Promise<LoadedTotals> {
  const loader = await WarehouseLoader.create({ path, identifierKey: KEY, memoryLimit: '1GB' });
  try {
    for (const table of ['transactions', 'products', 'demographics']) {
      const file = join(source, `${table}.parquet`).replaceAll("'", "''");
      await loader.run(`CREATE TEMP VIEW ${table} AS SELECT * FROM read_parquet('${file}')`);
    }
    for (const sql of [...REFERENCE_DATA, ...MEMBERS]) await loader.run(sql);
    await addKeys(loader);
    for (let month = 1; month <= 13; month++) await loader.addLines(linesOfMonth(month));
    const totals = await totalsOf(loader);
    const consentAsOf = `${DATA_THROUGH}T23:59:59.999Z`;
    await loader.finish([{ country: 'FR', dataThrough: DATA_THROUGH, historyFrom: HISTORY_FROM, consentAsOf }]);
    return totals;
  } catch (error) {
    loader.abandon();
    throw error;
  }
}

/** A code of the language from a free text; none becomes `none`. */
const code = (column: string): string =>
  `coalesce(trim(regexp_replace(lower(${column}), '[^a-z0-9]+', '-', 'g'), '-'), 'none')`;

const REFERENCE_DATA = [
  `CREATE TEMP TABLE leaf AS
   SELECT 1000 + row_number() OVER (ORDER BY department, product_category NULLS FIRST) AS id, department, product_category,
     ${code('department')} || '.' || ${code('product_category')} AS code
   FROM (SELECT DISTINCT department, product_category FROM products)`,
  `INSERT INTO category SELECT row_number() OVER (ORDER BY department), ${code('department')}, NULL, department
   FROM (SELECT DISTINCT department FROM products)`,
  `INSERT INTO category SELECT leaf.id, leaf.code, above.category_id, coalesce(product_category, 'None')
   FROM leaf JOIN category above ON above.name = department AND above.parent_id IS NULL`,
  `INSERT INTO brand SELECT manufacturer_id, 'm-' || manufacturer_id, 'Manufacturer ' || manufacturer_id,
     CASE WHEN bool_or(brand = 'Private') THEN 'Private' ELSE 'National' END
   FROM products GROUP BY manufacturer_id`,
  `INSERT INTO product SELECT product_id, lpad(product_id::VARCHAR, 13, '0'), coalesce(product_type, 'Unknown'),
     manufacturer_id, leaf.id
   FROM products p JOIN leaf ON leaf.department = p.department
     AND leaf.product_category IS NOT DISTINCT FROM p.product_category`,
  `INSERT INTO region SELECT row_number() OVER (ORDER BY income NULLS FIRST), ${code('income')}, 'FR', coalesce(income, 'None')
   FROM (SELECT DISTINCT income FROM demographics UNION SELECT NULL)`,
  `INSERT INTO tier SELECT row_number() OVER (ORDER BY age NULLS FIRST), ${code('age')}, coalesce(age, 'None')
   FROM (SELECT DISTINCT age FROM demographics UNION SELECT NULL)`,
  `INSERT INTO store SELECT row_number() OVER (ORDER BY store_id), 's-' || store_id, 'Store ' || store_id, 'FR', 1
   FROM (SELECT DISTINCT store_id FROM transactions)`,
];

const MEASUREMENT = 'household_id % 10 <> 0';
const OFFERS = 'household_id % 3 = 0';

const MEMBERS = [
  `INSERT INTO member (member_id, country, region_id, home_store_id, tier, joined_on, c_audience_measurement,
     c_personalised_offers, consent_changed_at)
   SELECT household_id, 'FR', r.region_id, 1, t.tier_id, DATE '${HISTORY_FROM}', ${MEASUREMENT}, ${OFFERS},
     TIMESTAMP '${HISTORY_FROM}'
   FROM (SELECT DISTINCT household_id FROM transactions) LEFT JOIN demographics d USING (household_id)
     JOIN region r ON r.code = ${code('d.income')} JOIN tier t ON t.code = ${code('d.age')}
   ORDER BY ALL`,
  ...Object.entries({ audience_measurement: MEASUREMENT, personalised_offers: OFFERS }).map(
    ([purpose, said]) => `INSERT INTO consent_event
   SELECT household_id, 'FR', '${purpose}', CASE WHEN ${said} THEN 'granted' ELSE 'withdrawn' END, 'app', '1',
     TIMESTAMP '${HISTORY_FROM}', TIMESTAMP '${HISTORY_FROM}'
   FROM (SELECT DISTINCT household_id FROM transactions) ORDER BY household_id`,
  ),
];

async function addKeys(loader: WarehouseLoader): Promise<void> {
  const members = await loader.rows<{ id: number }>('SELECT member_id AS id FROM member ORDER BY member_id');
  const digests = members.map(({ id }) => createHash('sha256').update(String(id)).digest());
  await loader.appendMemberKeys(
    members.map(({ id }) => id),
    digests,
  );
}

/** @param month of 2017; 13 is January 2018. */
const linesOfMonth = (month: number): string =>
  `SELECT 'FR' AS country, transaction_timestamp::DATE AS day, household_id AS member_id, basket_id,
     row_number() OVER (PARTITION BY basket_id ORDER BY t.product_id, quantity, sales_value) AS line_no,
     s.store_id, CASE WHEN basket_id % 7 = 0 THEN 2 ELSE 1 END AS channel, t.product_id,
     coalesce(p.category_id, 0) AS category_id, coalesce(p.brand_id, 0) AS brand_id, quantity::SMALLINT AS quantity,
     round(sales_value * 100)::INTEGER AS net_cents
   FROM transactions t JOIN store s ON s.code = 's-' || t.store_id LEFT JOIN product p ON p.product_id = t.product_id
   WHERE datediff('month', DATE '2016-12-01', transaction_timestamp) = ${month}`;

async function totalsOf(loader: WarehouseLoader): Promise<LoadedTotals> {
  const [totals] = await loader.rows<Record<keyof LoadedTotals, string>>(
    `SELECT count(*) AS lines, count(DISTINCT basket_id) AS baskets, (SELECT count(*) FROM member) AS members,
       count(*) FILTER (brand_id = 0 AND category_id = 0) AS "linesWithoutProduct", sum(net_cents) AS cents FROM line`,
  );
  if (totals === undefined) throw new Error('an aggregate gives one row');
  const { lines, baskets, members, linesWithoutProduct, cents } = totals;
  return {
    lines: Number(lines),
    baskets: Number(baskets),
    members: Number(members),
    linesWithoutProduct: Number(linesWithoutProduct),
    cents: Number(cents),
  };
}
