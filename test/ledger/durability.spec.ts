import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { startService } from '../../src/boot/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { dataSourceOptions } from '../../src/database/data-source.ts';
import { chooseAccount } from '../../src/database/embedded-postgres/account.ts';
import { locateBinaries } from '../../src/database/embedded-postgres/binaries.ts';
import { clusterPaths } from '../../src/database/embedded-postgres/cluster.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.ts';
import { becomesReady } from '../../src/database/embedded-postgres/readiness.ts';
import { spawnServer } from '../../src/database/embedded-postgres/server-process.ts';

interface Server {
  readonly connection: DatabaseConnection;
  readonly stop: () => Promise<unknown>;
}

let folder: string;
let connection: DatabaseConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'haven-durability-'));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  ({ connection } = server);
  await server.stop();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The durable server of the embedded distribution, with one more setting on its command line, where the last one counts. */
async function serverWith(setting: string): Promise<Server> {
  const binaries = await locateBinaries();
  const paths = clusterPaths(join(folder, 'pg18'));
  const account = await chooseAccount(paths.home, [folder, binaries.postgres]);
  const postgres = join(folder, 'postgres.sh');
  await writeFile(postgres, `#!/bin/sh\nexec '${binaries.postgres}' "$@" -c ${setting}\n`, { mode: 0o755 });
  const { host, port = 0 } = connection;
  const settings = { cluster: paths.cluster, socketFolder: host, port, fast: false };
  const server = await spawnServer({ binaries: { ...binaries, postgres }, account, settings, log: paths.log });
  if (!(await becomesReady(server, paths.cluster, connection))) throw new Error(await server.said());
  return { connection, stop: () => server.stop() };
}

async function run(...statements: readonly string[]): Promise<void> {
  const client = new Client({ ...connection });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** What keeps the service from starting in production: the database, or next in line that there is no warehouse. */
async function complaint(): Promise<string> {
  const { user, password, host, database } = connection;
  const config = loadConfig({
    NODE_ENV: 'production',
    DATABASE_URL: `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`,
    HAVEN_SERVICE_SECRET: Buffer.alloc(32, 5).toString('base64'),
    HAVEN_DATA_DIR: join(folder, 'data'),
    HAVEN_PORT: '0',
    HAVEN_LOG_LEVEL: 'silent',
  });
  const listener = { stage: () => undefined, progress: () => undefined };
  return await startService(config, listener).then(
    () => 'it started',
    (error: unknown) => (error as Error).message,
  );
}

const PASSED = 'production makes no demo data';

describe('the service', () => {
  it.each(['fsync', 'full_page_writes', 'synchronous_commit'])(
    'does not start on a server with %s off',
    async (name) => {
      const server = await serverWith(`${name}=off`);
      try {
        expect(await complaint()).toBe(`PostgreSQL has ${name} off, must be on: a crash could give spent budget back`);
      } finally {
        await server.stop();
      }
    },
  );
});

describe('on a server that is durable', () => {
  let server: Server;

  beforeAll(async () => {
    server = await serverWith('synchronous_commit=on');
  });

  afterAll(() => server.stop());

  it('the service starts', async () => {
    expect(await complaint()).toContain(PASSED);
  });

  it.each([
    ['its role', 'ALTER ROLE haven'],
    ['its database', 'ALTER DATABASE haven'],
    ['its role in its database', 'ALTER ROLE haven IN DATABASE haven'],
  ])('the service does not start when commits of %s are set not to wait for the disk', async (_, alter) => {
    await run(`${alter} SET synchronous_commit = off`);
    expect(await complaint()).toContain('synchronous_commit off');
    await run(`${alter} RESET synchronous_commit`);
    expect(await complaint()).toContain(PASSED);
  });

  it.each(['local', 'remote_write', 'remote_apply'])(
    'the service starts when they wait for the own disk and %s',
    async (level) => {
      await run(`ALTER ROLE haven SET synchronous_commit = ${level}`);
      expect(await complaint()).toContain(PASSED);
      await run('ALTER ROLE haven RESET synchronous_commit');
    },
  );

  it('commits wait for the disk also when the role is set not to, after the start', async () => {
    const source = await new DataSource(dataSourceOptions(connection)).initialize();
    await run('ALTER ROLE haven SET synchronous_commit = off', 'ALTER DATABASE haven SET synchronous_commit = off');
    try {
      const [first, second] = [source.createQueryRunner(), source.createQueryRunner()];
      const shown = await Promise.all([first, second].map((runner) => runner.query('SHOW synchronous_commit')));
      expect(shown).toEqual([[{ synchronous_commit: 'on' }], [{ synchronous_commit: 'on' }]]);
      await Promise.all([first.release(), second.release()]);
    } finally {
      await source.destroy();
      await run('ALTER ROLE haven RESET synchronous_commit', 'ALTER DATABASE haven RESET synchronous_commit');
    }
  });
});
