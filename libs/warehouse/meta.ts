import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows } from './duckdb-codec.ts';

/** The facts about the file itself. Empty when it is not a warehouse. */
export async function readMeta(connection: DuckDBConnection): Promise<ReadonlyMap<string, string>> {
  const [table] = await readRows(connection, "SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'meta'");
  if (table === undefined) return new Map();
  const rows = await readRows<{ key: string; value: string }>(connection, 'SELECT key, value FROM meta');
  return new Map(rows.map(({ key, value }) => [key, value]));
}
