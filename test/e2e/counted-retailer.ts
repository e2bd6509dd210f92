import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoWorld } from '#demo';
import { DuckDbWarehouse, IdentifierKey, WarehouseLoader } from '#warehouse';
import type { DuckDbResources, Warehouse } from '#warehouse';
import { writeReferenceData } from '../../libs/demo/reference-data.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication, TestApplicationOptions } from '../harness/application.ts';
import { TOUR, audienceOf } from './questions.ts';
import type { Definition } from './questions.ts';

const KEY = new IdentifierKey(Buffer.alloc(32, 0x51), 1);
const DATA_THROUGH = '2026-10-31';

/** Each member buys for this much in the ten days that `spendsAtLeast` looks at, cents. */
export const SPENT_CENTS = 5_000;

/** The demo's catalogue with members whose every count can be worked out by hand. */
export interface CountedRetailer {
  /** Members, numbered from 1, who consent to being counted and spent `SPENT_CENTS` on the brand, 500 a day. */
  readonly members: number;
  /** Trusted SQL that adds rows of `line`: a SELECT of its columns. */
  readonly moreLines?: string;
  /** Trusted SQL that adds members: a SELECT of `member_id`, who are like the others but have bought nothing. */
  readonly moreMembers?: string;
}

/** Ids of what the members buy: a product of the analyst's brand, in the category that the tests use. */
export const BOUGHT = boughtIds();

function boughtIds() {
  const world = demoWorld();
  const brandId = world.brands.find(({ code }) => code === TOUR.manufacturers[0].brandCodes[0])?.id;
  const leaves = world.categories.filter(({ code }) => code.startsWith(`${TOUR.categoryCode}.`)).map(({ id }) => id);
  const product = world.products.find((each) => each.brandId === brandId && leaves.includes(each.categoryId));
  const country = world.countries.find((each) => each.country === TOUR.country);
  const store = country?.stores[0];
  if (product === undefined || store === undefined) throw new RangeError('the demo world sells nothing to the brand');
  return {
    productId: product.id,
    categoryId: product.categoryId,
    brandId: product.brandId,
    storeId: store.id,
    regionId: store.regionId,
  };
}

/** Columns of `line` that are the same in every line. */
export const USUAL_LINE = `${BOUGHT.storeId} AS store_id, 1 AS channel, ${BOUGHT.productId} AS product_id,
  ${BOUGHT.categoryId} AS category_id, ${BOUGHT.brandId} AS brand_id`;

async function build(path: string, retailer: CountedRetailer): Promise<void> {
  const loader = await WarehouseLoader.create({ path, identifierKey: KEY });
  try {
    await fill(loader, retailer);
  } catch (error) {
    loader.abandon();
    throw error;
  }
}

async function fill(loader: WarehouseLoader, { members, moreLines, moreMembers }: CountedRetailer): Promise<void> {
  await writeReferenceData(loader, demoWorld());
  const others = moreMembers === undefined ? '' : `UNION ALL ${moreMembers}`;
  await loader.run(
    `INSERT INTO member BY NAME
     SELECT member_id, '${TOUR.country}' AS country, ${BOUGHT.regionId} AS region_id, ${BOUGHT.storeId} AS home_store_id,
       1 AS tier, DATE '2024-01-01' AS joined_on, TRUE AS c_audience_measurement,
       TIMESTAMP '2025-01-01 00:00:00' AS consent_changed_at
     FROM (SELECT id::INTEGER AS member_id FROM range(1, ${members + 1}) AS ids(id) ${others}) ORDER BY member_id`,
  );
  const usual = `SELECT '${TOUR.country}' AS country, DATE '${DATA_THROUGH}' - n::INTEGER AS day, member_id,
       member_id::BIGINT * 100 + n AS basket_id, 1 AS line_no, ${USUAL_LINE}, 1 AS quantity, 500 AS net_cents
     FROM member, range(10) AS days(n) WHERE member_id <= ${members}`;
  await loader.addLines(moreLines === undefined ? usual : `${usual} UNION ALL ${moreLines}`);
  const consentAsOf = '2026-10-31T23:59:59.999Z';
  await loader.finish([{ country: 'FR', dataThrough: DATA_THROUGH, historyFrom: '2024-11-01', consentAsOf }]);
}

/** Who spent at least so much on the category in the last thirty days: a question of its own for each amount. */
export const spendsAtLeast = (minCents: number): Definition =>
  audienceOf({ spend: { products: { categories: [TOUR.categoryCode] }, window: { lastDays: 30 }, minCents } });

export interface CountedServiceOptions extends Omit<TestApplicationOptions, 'wrapWarehouse' | 'members'> {
  readonly retailer: CountedRetailer;
  readonly resources?: DuckDbResources;
  /** Puts something between the service and the warehouse. */
  readonly wrap?: (warehouse: Warehouse) => Warehouse;
}

/** A file of these members in a folder of its own. @throws what the loader throws, leaving nothing behind. */
async function builtIn(folder: string, retailer: CountedRetailer): Promise<string> {
  const path = join(folder, 'warehouse.duckdb');
  try {
    await build(path, retailer);
    return path;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The real application on a real DuckDB file of these members. @throws what the loader throws. */
export async function countedService(options: CountedServiceOptions): Promise<TestApplication> {
  const { retailer, resources, wrap = (own) => own, ...more } = options;
  const folder = mkdtempSync(join(tmpdir(), 'haven-counted-'));
  const path = await builtIn(folder, retailer);
  const warehouse = await DuckDbWarehouse.open({ ...resources, path, identifierKey: KEY });
  // The harness makes a retailer of its own, which nothing reads: a small one.
  const service = await createTestApplication({ ...more, members: 1_000, wrapWarehouse: () => wrap(warehouse) });
  return {
    ...service,
    close: async () => {
      await service.close();
      await warehouse.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
