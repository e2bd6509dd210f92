import type { DataSourceOptions } from 'typeorm';
import { ApiKey } from '../access/api-key.entity.ts';
import { Identity } from '../access/identity.entity.ts';
import { Audience } from '../audiences/audience.entity.ts';
import { AudienceVersion } from '../audiences/audience-version.entity.ts';
import { Agency } from '../brands/agency.entity.ts';
import { AgencyGrant } from '../brands/agency-grant.entity.ts';
import { Brand } from '../brands/brand.entity.ts';
import type { DatabaseConnection } from './connection.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Entities, listed by hand: globs break under ESM. */
const ENTITIES = [Agency, AgencyGrant, ApiKey, Audience, AudienceVersion, Brand, Identity];

/**
 * Options of a TypeORM data source on one database. Statements and lock waits end after a bounded time, so that no
 * request holds a connection for ever.
 */
export function dataSourceOptions(connection: DatabaseConnection): DataSourceOptions {
  return {
    type: 'postgres',
    host: connection.host,
    ...(connection.port === undefined ? {} : { port: connection.port }),
    username: connection.user,
    password: connection.password,
    database: connection.database,
    entities: ENTITIES,
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: 20,
    extra: {
      statement_timeout: 10_000,
      lock_timeout: 5_000,
      idle_in_transaction_session_timeout: 30_000,
      connectionTimeoutMillis: 5_000,
      // Beyond the statement's own limit: for a connection that no answer comes back on.
      query_timeout: 15_000,
      // The ledger's locks need each statement to see what was committed before it, and what others see must be on disk:
      // whatever the role or the database is set to from now on.
      options: '-c default_transaction_isolation=read\\ committed -c synchronous_commit=on',
    },
  };
}
