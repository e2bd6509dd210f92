import { pino } from 'pino';
import { systemClock } from '#core';
import type { Warehouse } from '#warehouse';
import { AppModule } from './app.module.ts';
import { loadConfig } from './config/config.ts';
import { Secret } from './config/secret.ts';
import type { Runtime } from './runtime.ts';

const zero = new Secret(Buffer.alloc(32));

/** What a start hands over, without anything being opened. */
const runtime = (variables: Readonly<Record<string, string>>): Runtime => ({
  config: loadConfig(variables),
  keys: { pepper: zero, pepperVersion: 1, cursor: zero, issuer: zero, ledgerMark: zero },
  clock: systemClock,
  database: { host: 'none', user: 'none', password: 'none', database: 'none' },
  warehouse: {} as Warehouse,
  logger: pino({ level: 'silent' }),
});

const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://haven:secret@db.example/haven',
  HAVEN_SERVICE_SECRET: Buffer.alloc(32, 1).toString('base64'),
};

describe('the start of the service', () => {
  const random = { word: (): number => 0 };

  it('refuses a stream of one’s own for the noise in production', () => {
    expect(() => AppModule.forRoot({ ...runtime(PRODUCTION), random })).toThrow('a random source is injected');
    expect(() => AppModule.forRoot(runtime(PRODUCTION))).not.toThrow();
  });

  it('takes one elsewhere, so that tests can repeat', () => {
    expect(() => AppModule.forRoot({ ...runtime({}), random })).not.toThrow();
  });
});
