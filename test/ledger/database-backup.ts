import { Client, escapeIdentifier } from 'pg';
import type { DatabaseConnection } from '../../src/database/connection.ts';

let backups = 0;

async function asAdministrator(connection: DatabaseConnection, statements: readonly string[]): Promise<void> {
  const client = new Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Copies a database as it is at this moment; gives the name of the copy. Its connections are ended for that. */
export async function backUp(connection: DatabaseConnection): Promise<string> {
  const name = `${connection.database}_backup_${++backups}`;
  const original = escapeIdentifier(connection.database);
  await asAdministrator(connection, [
    `ALTER DATABASE ${original} ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${connection.database}'`,
    `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${original}`,
    `ALTER DATABASE ${original} ALLOW_CONNECTIONS true`,
  ]);
  return name;
}

/** Puts a copy in the place of the database, under whoever uses it. The copy can be restored again. */
export async function restore(connection: DatabaseConnection, backup: string): Promise<void> {
  await asAdministrator(connection, [
    `DROP DATABASE ${escapeIdentifier(connection.database)} WITH (FORCE)`,
    `CREATE DATABASE ${escapeIdentifier(connection.database)} TEMPLATE ${escapeIdentifier(backup)}`,
  ]);
}
