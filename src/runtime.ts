import type { Logger } from 'pino';
import type { Clock } from '#core';
import type { Warehouse } from '#warehouse';
import type { Config } from './config/config.ts';
import type { ServiceKeys } from './config/service-keys.ts';
import type { DatabaseConnection } from './database/connection.ts';
import type { RandomSource } from './releases/noise-source.ts';

/** What the service stands on, opened before the application and closed after it. */
export interface Runtime {
  readonly config: Config;
  readonly keys: ServiceKeys;
  readonly clock: Clock;
  readonly database: DatabaseConnection;
  readonly warehouse: Warehouse;
  readonly logger: Logger;
  /** For tests that must repeat: what the noise is drawn from. The start refuses it in production. */
  readonly random?: RandomSource | undefined;
}
