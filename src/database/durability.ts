import { Client } from 'pg';
import { DomainError } from '#core';
import type { DatabaseConnection } from './connection.ts';

/** Settings without which an acknowledged charge could be lost in a crash. */
const REQUIRED = ['synchronous_commit', 'fsync', 'full_page_writes'] as const;

/**
 * Makes sure that a commit this database acknowledges is on disk. A ledger that forgets charges gives budget back.
 *
 * @throws DomainError `service-unavailable` naming the setting that is off.
 */
export async function refuseUnsafeDurability(connection: DatabaseConnection): Promise<void> {
  const client = new Client({ ...connection });
  await client.connect();
  try {
    for (const name of REQUIRED) {
      const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
      if (rows[0]?.value === 'off') {
        const text = `PostgreSQL has ${name} off, must be on: a crash could give spent budget back`;
        throw new DomainError('service-unavailable', { public: 'The database is not set up safely.', internal: text });
      }
    }
  } finally {
    await client.end();
  }
}
