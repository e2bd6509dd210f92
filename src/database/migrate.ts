import type { DatabaseConnection } from './connection.ts';
import { createDataSource } from './data-source.ts';

/** Advisory lock that lets one replica migrate while the others wait. */
const MIGRATION_LOCK = 7_203_914;

/**
 * Brings a database to this version's schema: all migrations not yet applied, in order, each in its own transaction.
 *
 * @throws Error when the database was migrated by a newer version than this one.
 */
export async function migrate(connection: DatabaseConnection): Promise<void> {
  const source = createDataSource(connection);
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewerSchema(source);
    await source.runMigrations({ transaction: 'each' });
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await lock.release();
    await source.destroy();
  }
}

async function refuseNewerSchema(source: ReturnType<typeof createDataSource>): Promise<void> {
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
