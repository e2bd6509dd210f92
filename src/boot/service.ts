import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { systemClock } from '#core';
import type { DemoProgress } from '#demo';
import { createApplication } from '../application.ts';
import { createLogger } from '../common/logging.ts';
import type { Config } from '../config/config.ts';
import { loadServiceKeys } from '../config/service-keys.ts';
import { HighWaterMarkService } from '../releases/high-water-mark.service.ts';
import { demoTenants } from './demo-tenants.ts';
import type { DemoKeys } from './demo-tenants.ts';
import { firstManagerKey } from './first-manager-key.ts';
import { openDatabase } from './open-database.ts';
import { openWarehouse } from './open-warehouse.ts';

/** The running service. */
export interface Service {
  readonly app: NestExpressApplication;
  readonly url: string;
  /** Keys of the demo tenants; undefined in production, which has none. */
  readonly demo: DemoKeys | undefined;
  /** Resolves with the reason when the service cannot go on. */
  readonly lost: Promise<string>;
  /** Ends in order: answers what runs, stops jobs, then warehouse and database. May be called once. */
  readonly close: () => Promise<void>;
}

/** What the start is doing, for showing. */
export interface StartListener {
  readonly stage: (text: string) => void;
  readonly progress: (progress: DemoProgress) => void;
}

/**
 * Boots everything in one process: PostgreSQL, migrations, warehouse, application, HTTP. What was opened before a
 * failure is closed again.
 */
export async function startService(config: Config, listener: StartListener): Promise<Service> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closing of opened.toReversed()) await closing();
  };
  try {
    const logger = createLogger(config.logLevel);
    const keys = loadServiceKeys(config);
    listener.stage('starting the database');
    const database = await openDatabase(config);
    opened.push(database.close);
    listener.stage('opening the warehouse');
    const warehouse = await openWarehouse(config, keys, listener.progress);
    opened.push(() => warehouse.close());
    listener.stage('starting the service');
    const runtime = { config, keys, clock: systemClock, database: database.connection, warehouse, logger };
    const app = await createApplication(runtime);
    opened.push(() => app.close());
    const { mismatch } = app.get(HighWaterMarkService, { strict: false });
    if (mismatch !== null) listener.stage(mismatch.notice);
    const demo = config.production ? undefined : await demoTenants(app, config.dataDir);
    const keyFile = await firstManagerKey(app, config.dataDir);
    if (keyFile !== undefined) listener.stage(`the account manager's first key is in ${keyFile}`);
    await app.listen(config.port, config.host);
    return { app, url: listeningUrl(app, config), demo, lost: database.lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The configured URL with the port that was given when it was left to the system. */
function listeningUrl(app: NestExpressApplication, config: Config): string {
  if (config.port !== 0) return config.publicUrl;
  const { port } = app.getHttpServer().address() as AddressInfo;
  return config.publicUrl.replace(/:0$/, `:${port}`);
}
