import { PURPOSES } from '#core';
import type { Dialect } from '#core';
import { createTables } from './ddl.ts';
import { COUNTABLE_TABLES, TABLES, consentColumn } from './schema.ts';

const memberTable = (dialect: Dialect) => createTables(dialect).find((sql) => sql.includes('joined_on'));

describe('createTables', () => {
  it('writes the facts for BigQuery with month partitions, clusters, and a filter on the month required', () => {
    const line = createTables('bigquery', 'acme.haven').find((sql) => sql.includes('.line`'));
    expect(line?.replaceAll(/ OPTIONS \(description = '[^']*'\)/g, '')).toBe(
      `CREATE TABLE \`acme.haven.line\` (
  country STRING NOT NULL,
  day DATE NOT NULL,
  member_id INT64 NOT NULL,
  basket_id INT64 NOT NULL,
  line_no INT64 NOT NULL,
  store_id INT64 NOT NULL,
  channel INT64 NOT NULL,
  product_id INT64 NOT NULL,
  category_id INT64 NOT NULL,
  brand_id INT64 NOT NULL,
  quantity INT64 NOT NULL,
  net_cents INT64 NOT NULL
)
PARTITION BY DATE_TRUNC(day, MONTH)
CLUSTER BY country, category_id, brand_id, member_id
OPTIONS (description = 'one row per basket line: the facts', require_partition_filter = TRUE, partition_expiration_days = 792)`,
    );
  });

  it('writes the facts for DuckDB with types as narrow as the values', () => {
    expect(createTables('duckdb')).toContain(
      'CREATE TABLE brand_day (country VARCHAR NOT NULL, day DATE NOT NULL, brand_id INTEGER NOT NULL, ' +
        'category_id SMALLINT NOT NULL, member_id INTEGER NOT NULL, baskets SMALLINT NOT NULL, ' +
        'quantity INTEGER NOT NULL, net_cents INTEGER NOT NULL)',
    );
  });

  it('denies every purpose by default, in both dialects', () => {
    for (const purpose of PURPOSES) {
      expect(memberTable('duckdb')).toContain(`${consentColumn(purpose)} BOOLEAN DEFAULT FALSE NOT NULL`);
      expect(memberTable('bigquery')).toContain(`${consentColumn(purpose)} BOOL DEFAULT FALSE NOT NULL`);
    }
  });

  it('keeps identifiers apart: another schema, another dataset, never countable', () => {
    expect(createTables('duckdb').filter((sql) => sql.includes('hid'))).toEqual([
      expect.stringMatching(/^CREATE TABLE pii\.member_key /),
    ]);
    expect(createTables('bigquery', 'p.d').filter((sql) => sql.includes('hid'))).toEqual([
      expect.stringMatching(/^CREATE TABLE `p\.d_pii\.member_key`/),
    ]);
    expect([...COUNTABLE_TABLES]).not.toContain('member_key');
  });

  it('clusters every table by at most four of its own columns, the limit of BigQuery', () => {
    for (const table of TABLES) {
      const names = table.columns.map(({ name }) => name);
      expect(table.clusterBy.length).toBeLessThanOrEqual(4);
      expect(names).toEqual(expect.arrayContaining([...table.clusterBy]));
    }
  });
});
