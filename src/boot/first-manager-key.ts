import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ApiKeysService } from '../access/api-keys.service.ts';
import { ROLE_PRESETS } from '../access/scopes.ts';
import { replaceSecretFile } from '../config/secret-file.ts';

/** Of all replicas that start on an empty database one makes the key. */
const FIRST_KEY_LOCK = 7_203_916;
const ACTOR = 'first-start';
const KEY_DAYS = 90;

/**
 * Makes the key with which the retailer opens everything else, where the database knows no account manager yet, and
 * leaves it in a file that only the owner of the data folder can read.
 *
 * @returns the file, or undefined when there is a way in already: a retailer's key or identity, ended or not.
 */
export async function firstManagerKey(app: INestApplicationContext, dataDir: string): Promise<string | undefined> {
  const source = app.get(DataSource, { strict: false });
  const keys = app.get(ApiKeysService, { strict: false });
  return await source.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_KEY_LOCK]);
    const [known] = await manager.query<{ any: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM api_key WHERE kind = 'retailer')
           OR EXISTS (SELECT 1 FROM identity WHERE kind = 'retailer') AS any`,
    );
    if (known?.any === true) return undefined;
    const owner = { kind: 'retailer', brandId: null, agencyId: null } as const;
    const { scopes } = ROLE_PRESETS.account_manager;
    const spec = { label: 'First account manager', scopes, expiresInDays: KEY_DAYS, allowedIps: [] };
    const { text } = await keys.issue(manager, owner, spec, ACTOR);
    // Before the commit: a key that nobody can read would leave no way in.
    const file = join(dataDir, 'secrets', 'manager-key');
    replaceSecretFile(file, `${text}\n`);
    return file;
  });
}
