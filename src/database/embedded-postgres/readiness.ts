import { setTimeout as delay } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import type { DatabaseConnection } from '../connection.ts';
import { bootFailure } from './boot-failure.ts';
import { lockHolder } from './lock-file.ts';
import type { ServerProcess } from './server-process.ts';

/** The one database of the product. */
export const DATABASE_NAME = 'haven';

/** Crash recovery reads at most `max_wal_size` of log. */
const READY_MS = 60_000;

/**
 * Waits until this server, and not another one on the same socket, answers and has the product's database.
 *
 * @returns false when the server ended instead.
 * @throws DomainError `service-unavailable` when it does not answer in time or refuses our password.
 */
export async function becomesReady(
  server: ServerProcess,
  cluster: string,
  connection: DatabaseConnection,
): Promise<boolean> {
  const deadline = performance.now() + READY_MS;
  let last: unknown;
  while (performance.now() < deadline) {
    const outcome = await Promise.race([server.exited.then(() => 'ended' as const), answers(connection)]);
    if (outcome === 'ended') return false;
    // The lock has one holder: an answer while it is not ours came from a server that was there before.
    if (outcome === 'ready' && (await lockHolder(cluster))?.pid === server.pid) return true;
    last = outcome;
    await delay(30);
  }
  throw bootFailure(`PostgreSQL did not answer within ${READY_MS / 1000} s.`, last);
}

/** `ready`, or why it does not answer yet. */
async function answers(connection: DatabaseConnection): Promise<unknown> {
  const client = new Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await ensureDatabase(client);
    return 'ready';
  } catch (cause) {
    if ((cause as { code?: string }).code !== '28P01') return cause;
    throw bootFailure('PostgreSQL refuses the password kept beside it.', cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
  if (rowCount === 0) await client.query(`create database ${escapeIdentifier(DATABASE_NAME)}`);
}
