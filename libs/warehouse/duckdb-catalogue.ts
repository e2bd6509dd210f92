import type { DuckDBConnection } from '@duckdb/node-api';
import { canonicalJson, sha256Hex } from '#core';
import type { Country, Json } from '#core';
import { readRows } from './duckdb-codec.ts';
import type {
  CatalogueBrand,
  CatalogueCategory,
  CatalogueProduct,
  CatalogueRegion,
  CatalogueSnapshot,
  CatalogueStore,
  CatalogueTier,
  DataVersion,
} from './warehouse.ts';

/** The public reference data. */
export async function readCatalogue(connection: DuckDBConnection): Promise<CatalogueSnapshot> {
  const content = {
    categories: await readRows<CatalogueCategory>(
      connection,
      `SELECT c.category_id::INTEGER AS id, c.code, p.code AS "parentCode", c.name
       FROM category c LEFT JOIN category p ON p.category_id = c.parent_id ORDER BY id`,
    ),
    brands: await readRows<CatalogueBrand>(
      connection,
      'SELECT brand_id AS id, code, name, manufacturer FROM brand ORDER BY id',
    ),
    products: await readRows<CatalogueProduct>(
      connection,
      `SELECT product_id AS id, gtin, name, brand_id AS "brandId", category_id::INTEGER AS "categoryId"
       FROM product ORDER BY id`,
    ),
    stores: await readRows<CatalogueStore>(
      connection,
      'SELECT store_id::INTEGER AS id, code, name, country, region_id::INTEGER AS "regionId" FROM store ORDER BY id',
    ),
    regions: await readRows<CatalogueRegion>(
      connection,
      'SELECT region_id::INTEGER AS id, code, country, name FROM region ORDER BY id',
    ),
    tiers: await readRows<CatalogueTier>(connection, 'SELECT tier_id::INTEGER AS id, code, name FROM tier ORDER BY id'),
  };
  return { version: sha256Hex(canonicalJson(content as unknown as Json)).slice(0, 16), ...content };
}

const VERSION_COLUMNS = `country, version::INTEGER AS version, strftime(data_through, '%Y-%m-%d') AS "dataThrough",
  strftime(history_from, '%Y-%m-%d') AS "historyFrom", strftime(consent_as_of, '%Y-%m-%dT%H:%M:%S.%gZ') AS "consentAsOf"`;

/** The version in force of every country that has data, ordered by country. */
export const readDataVersions = (connection: DuckDBConnection): Promise<DataVersion[]> =>
  readRows<DataVersion>(
    connection,
    `SELECT ${VERSION_COLUMNS} FROM data_version
     QUALIFY row_number() OVER (PARTITION BY country ORDER BY version DESC) = 1 ORDER BY country`,
  );

/** The number of the version in force of one country, if it has data; a fifth of the work of reading it whole. */
export async function readVersionNumber(connection: DuckDBConnection, country: Country): Promise<number | undefined> {
  const [row] = await readRows<{ version: number | null }>(
    connection,
    'SELECT max(version)::INTEGER AS version FROM data_version WHERE country = $1',
    [country],
  );
  return row?.version ?? undefined;
}
