import { join, resolve } from 'node:path';
import { ConfigError, EnvironmentReader } from './environment.ts';
import { Secret } from './secret.ts';

/** Injection token of the frozen `Config`. */
export const CONFIG = Symbol('config');

/** Budget caps, nano-ρ: 1 ρ = 1,000,000,000 nano-ρ. */
export interface BudgetCaps {
  readonly globalMonth: bigint;
  readonly globalYear: bigint;
  readonly brandMonth: bigint;
  readonly brandYear: bigint;
  /** One agency, over all the brands whose releases it may see. */
  readonly agencyMonth: bigint;
  readonly campaignTotal: bigint;
  /** Lets quotas promise more than the budget above them holds. */
  readonly allowOvercommit: boolean;
}

export interface OidcIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  readonly algorithms?: readonly string[];
}

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Base of absolute links and issuer of local tokens, no trailing slash. */
  readonly publicUrl: string;
  readonly dataDir: string;
  /** Where the ledger's high-water marks are kept: outside the database and its backup. Replicas share it. */
  readonly highWaterDir: string;
  /** PostgreSQL of one's own; undefined starts the embedded one. */
  readonly databaseUrl: Secret<string> | undefined;
  /** 32 bytes from which pepper and cursor key are derived; undefined keeps one in the data folder. */
  readonly serviceSecret: Secret<Buffer> | undefined;
  readonly demoMembers: number;
  readonly demoSeed: number;
  /** Answers become visible at multiples of this many milliseconds; 0 shows them at once. */
  readonly releaseSlotMs: number;
  readonly queryDeadlineMs: number;
  /** How long a reservation outlives a process that stopped renewing it. */
  readonly reservationLeaseMs: number;
  readonly budgets: BudgetCaps;
  readonly rateLimits: { readonly defaultPerMinute: number; readonly spendPerHour: number };
  readonly oidcIssuers: readonly OidcIssuer[];
  readonly trustProxy: readonly string[];
  readonly tls: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
}

const NANO = 1_000_000_000;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

/**
 * Parses the environment once into a frozen configuration.
 *
 * @throws ConfigError naming the variable, what it is and what it must be; an unknown `HAVEN_…` variable is one too.
 */
export function loadConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const env = new EnvironmentReader(variables);
  const host = env.text('HAVEN_HOST', '127.0.0.1');
  const port = env.integer('HAVEN_PORT', 3000, { min: 0, max: 65_535 });
  const production = env.choice('NODE_ENV', 'development', ['production', 'development', 'test']) === 'production';
  const dataDir = resolve(env.text('HAVEN_DATA_DIR', 'data'));
  const config: Config = {
    production,
    host,
    port,
    publicUrl: env
      .text('HAVEN_PUBLIC_URL', `http://${host === '0.0.0.0' ? 'localhost' : host}:${port}`)
      .replace(/\/+$/, ''),
    dataDir,
    highWaterDir: resolve(env.text('HAVEN_HIGH_WATER_DIR', join(dataDir, 'high-water'))),
    databaseUrl: secretText(env.optional('DATABASE_URL')),
    serviceSecret: serviceSecret(env.optional('HAVEN_SERVICE_SECRET')),
    demoMembers: env.integer('HAVEN_DEMO_MEMBERS', 100_000, { min: 1_000, max: 5_000_000 }),
    demoSeed: env.integer('HAVEN_DEMO_SEED', 20_260_101, { min: 0, max: 2_147_483_647 }),
    releaseSlotMs: env.integer('RELEASE_SLOT_MS', 1_000, { min: 0, max: 60_000 }),
    queryDeadlineMs: env.integer('HAVEN_QUERY_DEADLINE_MS', 60_000, { min: 100, max: 600_000 }),
    reservationLeaseMs: env.integer('HAVEN_RESERVATION_LEASE_MS', 30_000, { min: 1_000, max: 900_000 }),
    budgets: budgetCaps(env),
    rateLimits: {
      defaultPerMinute: env.integer('HAVEN_RATE_PER_MINUTE', 250, { min: 1, max: 1_000_000 }),
      spendPerHour: env.integer('HAVEN_SPEND_RATE_PER_HOUR', 600, { min: 1, max: 1_000_000 }),
    },
    oidcIssuers: oidcIssuers(env.json('HAVEN_OIDC_ISSUERS')),
    trustProxy: (env.optional('HAVEN_TRUST_PROXY') ?? '').split(',').filter((part) => part !== ''),
    tls: env.flag('HAVEN_TLS', false),
    logLevel: env.choice('HAVEN_LOG_LEVEL', 'warn', LOG_LEVELS),
  };
  // Read by the tests, which may start this service with their own environment.
  env.optional('HAVEN_REAL_DATA');
  env.optional('HAVEN_NIGHTLY');
  env.refuseUnknown('HAVEN_');
  requireProductionSettings(config);
  return Object.freeze(config);
}

/** The privacy design's default caps, in millionths of ρ so that each is a whole number. */
function budgetCaps(env: EnvironmentReader): BudgetCaps {
  const cap = (name: string, microRho: number): bigint =>
    BigInt(env.integer(name, microRho, { min: 1, max: 100_000_000 })) * BigInt(NANO / 1_000_000);
  const caps = {
    globalMonth: cap('HAVEN_GLOBAL_MONTH_MICRO_RHO', 1_000_000),
    globalYear: cap('HAVEN_GLOBAL_YEAR_MICRO_RHO', 6_000_000),
    brandMonth: cap('HAVEN_BRAND_MONTH_MICRO_RHO', 20_000),
    brandYear: cap('HAVEN_BRAND_YEAR_MICRO_RHO', 120_000),
    agencyMonth: cap('HAVEN_AGENCY_MONTH_MICRO_RHO', 100_000),
    campaignTotal: cap('HAVEN_CAMPAIGN_MICRO_RHO', 12_000),
    allowOvercommit: env.flag('HAVEN_ALLOW_OVERCOMMIT', false),
  };
  for (const scope of ['global', 'brand'] as const) {
    if (caps[`${scope}Month`] > caps[`${scope}Year`]) {
      const name = `HAVEN_${scope.toUpperCase()}_MONTH_MICRO_RHO`;
      throw new ConfigError(`${name} is above HAVEN_${scope.toUpperCase()}_YEAR_MICRO_RHO, must be at most that`);
    }
  }
  return caps;
}

const secretText = (text: string | undefined): Secret<string> | undefined =>
  text === undefined ? undefined : new Secret(text);

function serviceSecret(text: string | undefined): Secret<Buffer> | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) {
    throw new ConfigError(`HAVEN_SERVICE_SECRET holds ${bytes.length} bytes, must be 32 bytes in base64`);
  }
  return new Secret(bytes);
}

function oidcIssuers(value: unknown): readonly OidcIssuer[] {
  if (value === undefined) return [];
  const valid =
    Array.isArray(value) &&
    value.every((entry: Record<string, unknown>) =>
      ['issuer', 'audience', 'jwksUri'].every((name) => typeof entry[name] === 'string'),
    );
  if (!valid)
    throw new ConfigError('HAVEN_OIDC_ISSUERS must be a JSON list of {issuer, audience, jwksUri, algorithms?}');
  return value as readonly OidcIssuer[];
}

function requireProductionSettings(config: Config): void {
  if (!config.production) return;
  if (config.databaseUrl === undefined) throw new ConfigError('DATABASE_URL must be set in production');
  if (config.serviceSecret === undefined) throw new ConfigError('HAVEN_SERVICE_SECRET must be set in production');
}
