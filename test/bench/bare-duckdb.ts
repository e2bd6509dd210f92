import type { DuckDBConnection } from '@duckdb/node-api';
import type { CountStatement } from '#core';
import { bindParameters, readOneInteger, readRows } from '../../libs/warehouse/duckdb-codec.ts';
import { DuckDbFile } from '../../libs/warehouse/duckdb-file.ts';

/** A warehouse file opened with the product's settings and nothing of the product around it. */
export class BareDuckDb {
  readonly #file: DuckDbFile;
  readonly #connection: DuckDBConnection;

  private constructor(file: DuckDbFile, connection: DuckDBConnection) {
    this.#file = file;
    this.#connection = connection;
  }

  /** @param path a file that nobody else holds. */
  static async open(path: string): Promise<BareDuckDb> {
    const file = await DuckDbFile.open(path, {}, false);
    return new BareDuckDb(file, await file.connect());
  }

  /** Prepares, binds and runs a compiled count, as the product does for each question. */
  async count({ sql, parameters }: CountStatement): Promise<bigint> {
    return await this.#integer(sql, parameters);
  }

  /** Prepares and runs a text whose result is one integer. */
  async value(sql: string): Promise<bigint> {
    return await this.#integer(sql, []);
  }

  /**
   * Rows that the table scans of a compiled count read, from DuckDB's profiler: `cumulative_rows_scanned` of
   * `EXPLAIN (ANALYZE, FORMAT JSON)`. Row groups that the sort order lets it skip are not among them.
   */
  async rowsScanned({ sql, parameters }: CountStatement): Promise<number> {
    const prepared = await this.#connection.prepare(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`);
    try {
      bindParameters(prepared, parameters);
      const [row] = (await prepared.runAndReadAll()).getRowObjectsJson() as { explain_value: string }[];
      const profile = JSON.parse(row?.explain_value ?? '{}') as { cumulative_rows_scanned?: unknown };
      const rows = profile.cumulative_rows_scanned;
      if (typeof rows !== 'number') throw new TypeError('the profile has no cumulative_rows_scanned');
      return rows;
    } finally {
      prepared.destroySync();
    }
  }

  async rowsOf(table: 'line' | 'member'): Promise<number> {
    const [row] = await readRows<{ rows: string }>(this.#connection, `SELECT count(*) AS rows FROM ${table}`);
    return Number(row?.rows);
  }

  close(): void {
    this.#file.close();
  }

  async #integer(sql: string, parameters: CountStatement['parameters']): Promise<bigint> {
    const prepared = await this.#connection.prepare(sql);
    try {
      bindParameters(prepared, parameters);
      const value = await readOneInteger(prepared);
      if (value === undefined) throw new TypeError('the statement does not give one integer');
      return value;
    } finally {
      prepared.destroySync();
    }
  }
}
