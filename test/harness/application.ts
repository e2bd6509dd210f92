import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { systemClock } from '#core';
import type { Clock } from '#core';
import { buildDemoRetailer } from '#demo';
import { DuckDbWarehouse, IdentifierKey } from '#warehouse';
import type { Warehouse } from '#warehouse';
import { createApplication } from '../../src/application.ts';
import { demoTenants } from '../../src/boot/demo-tenants.ts';
import type { DemoKeys } from '../../src/boot/demo-tenants.ts';
import { createLogger } from '../../src/common/logging.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Config } from '../../src/config/config.ts';
import { Secret } from '../../src/config/secret.ts';
import type { ServiceKeys } from '../../src/config/service-keys.ts';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import type { RandomSource } from '../../src/releases/noise-source.ts';
import { createTestDatabase } from './postgres.ts';

/** The demo retailer of tests: the same rows in every run. */
export const TEST_RETAILER = { members: 20_000, seed: 7, dataThrough: '2026-10-31' } as const;

const PEPPER = Buffer.alloc(32, 0x48);
const PEPPER_VERSION = 1;

/** The application under test on a database and a warehouse of its own, with the demo's tenants. */
export interface TestApplication {
  readonly app: NestExpressApplication;
  readonly config: Config;
  readonly database: DatabaseConnection;
  readonly warehouse: Warehouse;
  readonly keys: DemoKeys;
  /** URL it listens at. */
  readonly url: string;
  readonly close: () => Promise<void>;
  /**
   * Stops the service and starts it again on the same database, data and secrets; this handle has then ended.
   *
   * @param env over the variables of the first start.
   */
  readonly restart: (env?: Readonly<Record<string, string>>) => Promise<TestApplication>;
}

export interface TestApplicationOptions {
  readonly name: string;
  readonly clock?: Clock;
  /** Environment variables over the test defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** Puts something between the service and the warehouse, e.g. one that fails. */
  readonly wrapWarehouse?: (warehouse: Warehouse) => Warehouse;
  /** Members of the retailer; default 20,000. */
  readonly members?: number;
  /** What the noise is drawn from, for verdicts that must repeat; the operating system’s generator when absent. */
  readonly random?: RandomSource;
}

/** What outlives one run of the application. */
interface Ground {
  readonly variables: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly database: DatabaseConnection;
  readonly keys: ServiceKeys;
}

/** Boots the real application. Slotting is off and rates are high unless `env` says otherwise. */
export async function createTestApplication(options: TestApplicationOptions): Promise<TestApplication> {
  const folder = mkdtempSync(join(tmpdir(), `haven-${options.name}-`));
  const variables = {
    HAVEN_DATA_DIR: folder,
    HAVEN_PORT: '0',
    RELEASE_SLOT_MS: '0',
    HAVEN_LOG_LEVEL: 'silent',
    HAVEN_RATE_PER_MINUTE: '100000',
    HAVEN_SPEND_RATE_PER_HOUR: '100000',
    ...options.env,
  };
  const database = await createTestDatabase(options.name);
  const keys = {
    pepper: new Secret(PEPPER),
    pepperVersion: PEPPER_VERSION,
    cursor: randomSecret(),
    issuer: randomSecret(),
    ledgerMark: randomSecret(),
  };
  await copyRetailer(folder, options.members ?? TEST_RETAILER.members);
  return await boot(options, { variables, folder, database, keys });
}

async function boot(options: TestApplicationOptions, ground: Ground): Promise<TestApplication> {
  const { variables, folder, database, keys } = ground;
  const config = loadConfig(variables);
  const opened = await openWarehouse(folder);
  const warehouse = options.wrapWarehouse?.(opened) ?? opened;
  const clock = options.clock ?? systemClock;
  const logger = createLogger(config.logLevel);
  const { random } = options;
  const app = await createApplication({ config, keys, clock, database, warehouse, logger, random }).catch(
    async (error: unknown) => {
      await opened.close();
      throw error;
    },
  );
  const tenants = await demoTenants(app, folder);
  await app.listen(0, '127.0.0.1');
  const stop = async (): Promise<void> => {
    await app.close();
    await opened.close();
  };
  return {
    app,
    config,
    database,
    warehouse,
    keys: tenants,
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
    restart: async (env = {}) => {
      await stop();
      return await boot(options, { ...ground, variables: { ...variables, ...env } });
    },
  };
}

const randomSecret = (): Secret<Buffer> => new Secret(randomBytes(32));

const warehousePath = (folder: string): string => join(folder, 'warehouse.duckdb');

async function copyRetailer(folder: string, members: number): Promise<void> {
  copyFileSync(await builtRetailer(members), warehousePath(folder));
}

async function openWarehouse(folder: string): Promise<DuckDbWarehouse> {
  const identifierKey = new IdentifierKey(PEPPER, PEPPER_VERSION);
  return await DuckDbWarehouse.open({ path: warehousePath(folder), identifierKey });
}

async function builtRetailer(members: number): Promise<string> {
  const cache = process.env['TEST_WAREHOUSE_CACHE'];
  if (cache === undefined) throw new Error('TEST_WAREHOUSE_CACHE is unset: the Jest project must name global-setup.ts');
  mkdirSync(cache, { recursive: true });
  const path = join(cache, `retailer-${members}.duckdb`);
  if (existsSync(path)) return path;
  const { seed, dataThrough } = TEST_RETAILER;
  // Two workers may build at once; each under a name of its own, and the last rename wins with the same rows.
  const own = `${path}.${process.pid}`;
  await buildDemoRetailer({ path: own, members, seed, pepper: PEPPER, pepperVersion: PEPPER_VERSION, dataThrough });
  renameSync(own, path);
  return path;
}
