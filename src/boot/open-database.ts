import { startEmbeddedPostgres } from '../database/embedded-postgres/embedded-postgres.ts';
import type { Config } from '../config/config.ts';
import { parseDatabaseUrl } from '../database/connection.ts';
import type { DatabaseConnection } from '../database/connection.ts';
import { migrate } from '../database/migrate.ts';
import { refuseUnsafeDurability } from '../database/durability.ts';

/** A database that is migrated and ready. */
export interface OpenDatabase {
  readonly connection: DatabaseConnection;
  /** Resolves with the reason when an embedded server ends by itself; never for an outside one. */
  readonly lost: Promise<string>;
  readonly close: () => Promise<void>;
}

/** Opens the configured PostgreSQL, or starts the embedded one in the data folder, and brings its schema up to date. */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  const database =
    config.databaseUrl === undefined ? await embedded(config.dataDir) : outside(config.databaseUrl.reveal());
  try {
    await migrate(database.connection);
    await refuseUnsafeDurability(database.connection);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function outside(url: string): OpenDatabase {
  return { connection: parseDatabaseUrl(url), lost: new Promise(() => undefined), close: () => Promise.resolve() };
}

async function embedded(dataDir: string): Promise<OpenDatabase> {
  const server = await startEmbeddedPostgres({ dataDir });
  let stopping = false;
  const lost = server.exited.then((exit): string | Promise<never> =>
    // An ordered stop is no loss.
    stopping ? new Promise<never>(() => undefined) : `the embedded PostgreSQL ended (${JSON.stringify(exit)})`,
  );
  const close = async (): Promise<void> => {
    stopping = true;
    await server.stop();
  };
  return { connection: server.connection, lost, close };
}
