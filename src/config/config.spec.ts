import { inspect } from 'node:util';
import { ConfigError } from './environment.ts';
import { loadConfig } from './config.ts';

describe('loadConfig', () => {
  it('starts from nothing with the defaults of the privacy design', () => {
    const config = loadConfig({});
    expect(config.budgets).toEqual({
      globalMonth: 1_000_000_000n,
      globalYear: 6_000_000_000n,
      brandMonth: 20_000_000n,
      brandYear: 120_000_000n,
      agencyMonth: 100_000_000n,
      campaignTotal: 12_000_000n,
      allowOvercommit: false,
    });
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, releaseSlotMs: 1000, demoMembers: 100_000 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each([
    ['HAVEN_PORT', 'http'],
    ['HAVEN_PORT', '70000'],
    ['HAVEN_DEMO_MEMBERS', '12.5'],
    ['RELEASE_SLOT_MS', '-1'],
    ['HAVEN_LOG_LEVEL', 'loud'],
    ['HAVEN_SERVICE_SECRET', 'c2hvcnQ='],
    ['HAVEN_OIDC_ISSUERS', '[{"issuer":"https://id.example"}]'],
    ['HAVEN_OIDC_ISSUERS', 'not json'],
    ['HAVEN_PRICE', '1'],
    ['HAVEN_BRAND_MONTH_MICRO_RHO', '120001'],
  ])('refuses %s=%s and names the variable', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ [name]: value })).toThrow(name);
  });

  it('needs a database and a secret of its own in production', () => {
    expect(() => loadConfig({ NODE_ENV: 'production' })).toThrow('DATABASE_URL');
    expect(() => loadConfig({ NODE_ENV: 'production', DATABASE_URL: 'postgres://x' })).toThrow('HAVEN_SERVICE_SECRET');
  });

  it('prints no secret', () => {
    const config = loadConfig({ DATABASE_URL: 'postgres://u:canary@h/d', HAVEN_SERVICE_SECRET: 'A'.repeat(43) + '=' });
    expect(inspect(config, { depth: 9, showHidden: true })).not.toContain('canary');
    expect(JSON.stringify({ url: config.databaseUrl })).toBe('{"url":"***"}');
    expect(String(config.databaseUrl)).toBe('***');
  });
});
