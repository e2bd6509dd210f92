import type { Logger } from 'pino';
import type { Clock } from '#core';
import type { Warehouse } from '#warehouse';
import type { Config } from './config/config.ts';
import type { ServiceKeys } from './config/service-keys.ts';
import type { DatabaseConnection } from './database/connection.ts';

/** What the service stands on, opened before the application and closed after it. */
export interface Runtime {
  readonly config: Config;
  readonly keys: ServiceKeys;
  readonly clock: Clock;
  readonly database: DatabaseConnection;
  readonly warehouse: Warehouse;
  readonly logger: Logger;
}
