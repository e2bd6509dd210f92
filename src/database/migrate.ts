import { DataSource } from 'typeorm';
import type { DatabaseConnection } from './connection.ts';
import { dataSourceOptions } from './data-source.ts';

/** Advisory lock that lets one replica migrate while the others wait. */
export const MIGRATION_LOCK = 7_203_914;

/**
 * Brings a database to this version's schema: all migrations not yet applied, in order, each in its own transaction.
 * Waits for another replica that migrates, as long as that takes.
 *
 * @throws Error when the database was migrated by a newer version than this one.
 */
export async function migrate(connection: DatabaseConnection): Promise<void> {
  const source = migrationSource(connection);
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SET lock_timeout = 0');
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewerSchema(source);
    await source.runMigrations({ transaction: 'each' });
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await lock.release();
    await source.destroy();
  }
}

/** Without the time limit on statements: what requests may not, a migration may. The one on locks stays. */
function migrationSource(connection: DatabaseConnection): DataSource {
  const options = dataSourceOptions(connection);
  const extra: object = options.extra;
  return new DataSource({ ...options, extra: { ...extra, statement_timeout: 0, query_timeout: 0 } });
}

async function refuseNewerSchema(source: DataSource): Promise<void> {
  const [table] = await source.query<{ exists: boolean }[]>(`SELECT to_regclass('migration') IS NOT NULL AS exists`);
  if (table?.exists !== true) return;
  const known = new Set(source.migrations.map((migration) => migration.name));
  const applied = await source.query<{ name: string }[]>('SELECT name FROM migration');
  const unknown = applied.find((row) => !known.has(row.name));
  if (unknown !== undefined) {
    throw new Error(
      `the database holds migration ${unknown.name}, which this version does not know: run the newer version`,
    );
  }
}
