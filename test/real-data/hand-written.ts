import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Words that the hand-written queries share, over the originals alone. `bought` is a line with its product, if it has
 * one; `asked` a household that agreed to measurement.
 */
const VIEWS = (source: string): string[] => [
  ...['transactions', 'products', 'demographics'].map(
    (table) => `CREATE VIEW ${table} AS FROM '${join(source, `${table}.parquet`).replaceAll("'", "''")}'`,
  ),
  `CREATE VIEW maker AS SELECT manufacturer_id, max(brand) = 'Private' AS own_label FROM products GROUP BY 1`,
  `CREATE VIEW bought AS
   SELECT household_id AS hh, basket_id, store_id, product_id, p.department, p.product_category, p.manufacturer_id,
     sales_value, strftime(transaction_timestamp, '%Y-%m-%d') AS day
   FROM transactions LEFT JOIN products p USING (product_id)
   WHERE strftime(transaction_timestamp, '%Y-%m-%d') <= '2017-12-31'`,
  `CREATE VIEW asked AS
   SELECT DISTINCT household_id AS hh, coalesce(income, '-') AS income, coalesce(age, '-') AS age
   FROM transactions LEFT JOIN demographics USING (household_id) WHERE right(household_id::VARCHAR, 1) <> '0'`,
];

/** Runs hand-written queries over the original files, in a database of its own. */
export class Originals {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(source: string): Promise<Originals> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const connection = await instance.connect();
    for (const sql of VIEWS(source)) await connection.run(sql);
    return new Originals(instance, connection);
  }

  /** The one number that a query gives. */
  async number(sql: string): Promise<number> {
    const [row] = (await this.#connection.runAndReadAll(sql)).getRowsJson();
    return Number(row?.[0]);
  }

  close(): void {
    this.#connection.disconnectSync();
    this.#instance.closeSync();
  }
}
