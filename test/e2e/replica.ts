import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Clock } from '#core';
import { createApplication } from '../../src/application.ts';
import { createLogger } from '../../src/common/logging.ts';
import { loadConfig } from '../../src/config/config.ts';
import { Secret } from '../../src/config/secret.ts';
import { LEDGER_MARK_KEY } from '../../src/releases/ledger-mark-key.ts';
import type { TestApplication } from '../harness/application.ts';

export interface Replica {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface ReplicaOptions {
  /** Environment variables in which it differs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its log goes; nowhere by default. */
  readonly log?: Writable;
}

/**
 * A second process's worth of the service on the database, the warehouse and the high-water marks of the first. It shares
 * nothing else.
 */
export async function startReplica(
  { app: first, database, warehouse, config }: TestApplication,
  clock: Clock,
  { env = {}, log }: ReplicaOptions = {},
): Promise<Replica> {
  const folder = mkdtempSync(join(tmpdir(), 'haven-replica-'));
  const settings = loadConfig({
    HAVEN_DATA_DIR: folder,
    HAVEN_HIGH_WATER_DIR: config.highWaterDir,
    HAVEN_PORT: '0',
    HAVEN_LOG_LEVEL: 'silent',
    ...env,
  });
  const secret = new Secret(Buffer.alloc(32, 1));
  const ledgerMark = first.get<symbol, Secret<Buffer>>(LEDGER_MARK_KEY, { strict: false });
  const app = await createApplication({
    config: { ...settings, rateLimits: config.rateLimits },
    keys: { pepper: secret, pepperVersion: 1, cursor: secret, issuer: secret, ledgerMark },
    clock,
    database,
    warehouse,
    logger: createLogger(settings.logLevel, log),
  });
  await app.listen(0, '127.0.0.1');
  return {
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    close: async () => {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
