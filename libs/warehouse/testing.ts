import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '#core';
import type { RawCount } from '#core';
import { openRaw } from '../core/raw.ts';
import type { CountStatement, Country, SqlParameter } from '#core';
import { DuckDbWarehouse } from './duckdb-warehouse.ts';
import type { DuckDbWarehouseOptions } from './duckdb-warehouse.ts';
import { IdentifierKey } from './identifier-key.ts';
import { WarehouseLoader } from './loader.ts';
import { BRAND, CATEGORY, PRODUCT, REGION, STORE, TIER } from './schema.ts';
import type { ConsentEvent, CountOptions } from './warehouse.ts';

/** For tests: a warehouse of 200 members whose every count can be worked out by hand. */

export const testKey = new IdentifierKey(Buffer.alloc(32, 7), 1);

/** Members 1 to 200: odd ones in FR, even ones in ES. All consent to audience_measurement since 2025, and to nothing else. */
export const MEMBERS = 200;
export const MEMBERS_PER_COUNTRY = 100;

/** Instant of the consent that the file is loaded with. */
export const LOADED_CONSENT_AT = '2025-01-01T00:00:00.000Z';

/** A new folder, removed with what is in it by `dispose`. */
export function temporaryFolder(): { path: (name: string) => string; dispose: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'haven-warehouse-'));
  return { path: (name) => join(folder, name), dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What a feed would send for the member: the SHA-256 of a loyalty number. */
export const loyaltyIdSha256 = (member: number): string => sha256Hex(`loyalty-${member}`);

/**
 * Builds the file. Each member has 10 lines, one basket a day for ten days from 2025-03-01, of product 1 (brand 1,
 * category 2) and product 2 (brand 2, category 3) in turn.
 */
export async function buildSmallWarehouse(path: string): Promise<void> {
  const loader = await WarehouseLoader.create({ path, identifierKey: testKey });
  await loader.insert(REGION, [
    [1, 'FR-IDF', 'FR', 'Île-de-France'],
    [2, 'ES-MD', 'ES', 'Madrid'],
  ]);
  await loader.insert(STORE, [
    [1, 'FR-IDF-001', 'Paris', 'FR', 1],
    [2, 'ES-MD-001', 'Madrid', 'ES', 2],
  ]);
  await loader.insert(TIER, [[1, 'basic', 'Basic']]);
  await loader.insert(CATEGORY, [
    [1, 'dairy', null, 'Dairy'],
    [2, 'dairy.milk', 1, 'Milk'],
    [3, 'dairy.butter', 1, 'Butter'],
  ]);
  await loader.insert(BRAND, [
    [1, 'one', 'One', 'First maker'],
    [2, 'two', 'Two', 'Second maker'],
  ]);
  await loader.insert(PRODUCT, [
    [1, '9520000000011', 'Milk of One', 1, 2],
    [2, '9520000000028', 'Butter of Two', 2, 3],
  ]);
  await loadMembers(loader);
  await loader.addLines(
    `SELECT country, DATE '2025-03-01' + n::INTEGER AS day, member_id, member_id * 100 + n AS basket_id, 1 AS line_no,
       home_store_id AS store_id, 1 AS channel, 1 + n % 2 AS product_id, 2 + n % 2 AS category_id, 1 + n % 2 AS brand_id,
       1 AS quantity, 100 AS net_cents
     FROM member, range(10) AS days(n)`,
  );
  const loaded = { dataThrough: '2025-03-10', historyFrom: '2025-03-01', consentAsOf: '2025-03-10T23:59:59.999Z' };
  await loader.finish([
    { country: 'FR', ...loaded },
    { country: 'ES', ...loaded },
  ]);
}

async function loadMembers(loader: WarehouseLoader): Promise<void> {
  await loader.run(
    `INSERT INTO member BY NAME
     SELECT id AS member_id, if(id % 2 = 1, 'FR', 'ES') AS country, 2 - id % 2 AS region_id, 2 - id % 2 AS home_store_id,
       1 AS tier, DATE '2024-01-01' AS joined_on, TRUE AS c_audience_measurement,
       TIMESTAMP '2025-01-01 00:00:00' AS consent_changed_at
     FROM range(1, ${MEMBERS + 1}) AS members(id)`,
  );
  await loader.run(
    `INSERT INTO consent_event
     SELECT member_id, country, 'audience_measurement', 'granted', 'checkout', '2024-01', consent_changed_at, consent_changed_at
     FROM member`,
  );
  const ids = Array.from({ length: MEMBERS }, (_, index) => index + 1);
  await loader.appendMemberKeys(
    ids,
    ids.map((id) => Buffer.from(loyaltyIdSha256(id), 'hex')),
  );
}

export const openSmallWarehouse = (
  path: string,
  options: Partial<DuckDbWarehouseOptions> = {},
): Promise<DuckDbWarehouse> => DuckDbWarehouse.open({ path, identifierKey: testKey, threads: 2, ...options });

export const statement = (sql: string, parameters: readonly SqlParameter[] = []): CountStatement => ({
  dialect: 'duckdb',
  sql,
  parameters,
});

/** Members of a country who consent to audience measurement. */
export const consenting = (country: Country): CountStatement =>
  statement('SELECT count(*) FROM member WHERE country = $p0 AND c_audience_measurement', [
    { name: 'p0', type: 'string', value: country },
  ]);

export const countOptions = (more: Partial<CountOptions> = {}): CountOptions => ({
  country: 'FR',
  dataVersion: 1,
  deadlineMs: 30_000,
  tag: { tenant: 'brd_test', kind: 'test' },
  ...more,
});

export const consentEvent = (member: number, more: Partial<ConsentEvent> = {}): ConsentEvent => ({
  loyaltyIdSha256: loyaltyIdSha256(member),
  purpose: 'audience_measurement',
  status: 'withdrawn',
  source: 'app',
  textVersion: '2025-06',
  at: '2025-06-01T10:00:00.000Z',
  ...more,
});

/** The exact value. Tests of the warehouse check it; the product reads it only where noise is added. */
export const exact = async (count: Promise<RawCount>): Promise<bigint> => openRaw(await count);
