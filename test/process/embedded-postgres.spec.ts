import { chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.ts';
import { processesIn, socketsOf, tcpSocketsOf, textOf } from './proc.ts';
import { Program, eventually, isRunning } from './processes.ts';

const OWNER = join(import.meta.dirname, '../harness/postgres-owner.ts');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'exit'];
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

let dataDir: string;
let folders: string[];
let programs: Program[];
let servers: EmbeddedPostgres[];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'haven-pg-'));
  folders.push(folder);
  return folder;
}

async function endAll(): Promise<void> {
  for (const program of programs) program.child.stdin?.end();
  await Promise.all([...programs.map((program) => program.ended()), ...servers.map((server) => server.stop())]);
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

async function withClient<T>(connection: DatabaseConnection, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const query = (connection: DatabaseConnection, sql: string): Promise<unknown[]> =>
  withClient(connection, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);

/** A Node process of its own that starts the server on `dataDir`. */
async function startOwner(): Promise<{ program: Program; connection: DatabaseConnection; pid: number }> {
  const program = new Program(process.execPath, ['--conditions=source', OWNER, dataDir]);
  programs.push(program);
  const answer = JSON.parse(await program.line()) as { connection: DatabaseConnection; pid: number; error?: string };
  if (answer.error) throw new Error(answer.error);
  return { program, ...answer };
}

/** Inserts rows, one transaction each, until the server dies, and notes those that it acknowledged. */
async function insertUntilDeath(connection: DatabaseConnection, acknowledged: number[]): Promise<void> {
  await withClient(connection, async (client) => {
    await client.query('create table kept (id int primary key)');
    for (let id = 1; id < 1_000_000; id++) {
      await client.query('insert into kept values ($1)', [id]);
      acknowledged.push(id);
    }
  }).catch(() => undefined);
}

/** Starts anew, and gives the rows that are there. */
async function rowsAfterRestart(): Promise<number[]> {
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    const rows = await query(server.connection, 'select id from kept order by id');
    return (rows as { id: number }[]).map(({ id }) => id);
  } finally {
    await server.stop();
  }
}

const listeners = (): number[] => SIGNALS.map((name) => process.listenerCount(name));

describe('a running embedded server', () => {
  let server: EmbeddedPostgres;
  let listenersBefore: number[];

  beforeAll(async () => {
    folders = [];
    programs = [];
    servers = [];
    dataDir = await newFolder();
    listenersBefore = listeners();
    server = await startEmbeddedPostgres({ dataDir });
    servers.push(server);
  });

  afterAll(endAll);

  it('commits to disk, sums its pages and compares text by code point', async () => {
    const settings = await query(
      server.connection,
      `select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding') order by name`,
    );
    expect(settings).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    expect(
      await query(server.connection, `select 'Z' < 'a' as "Z<a", 'z' < 'É' as "z<É", lower('É') as lower`),
    ).toEqual([{ 'Z<a': true, 'z<É': true, lower: 'é' }]);
  });

  it('admits no one without the password', async () => {
    const stranger = query({ ...server.connection, password: 'guess' }, 'select 1');
    await expect(stranger).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps a password of 192 bits in a file of mode 0600, and its socket in a folder of mode 0700', async () => {
    const file = join(dataDir, 'pg18/password');
    expect(Buffer.from(await readFile(file, 'utf8'), 'base64url')).toHaveLength(24);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(server.connection.host)).mode & 0o777).toBe(0o700);
  });

  describeOnLinux('on Linux', () => {
    it('shows the password in no log, command line or environment', async () => {
      const { password } = server.connection;
      expect(await readFile(join(dataDir, 'pg18/postgres.log'), 'utf8')).not.toContain(password);
      expect(await textOf(server.pid)).not.toContain(password);
    });

    it('opens no TCP port', async () => {
      expect((await socketsOf(server.pid)).length).toBeGreaterThan(0);
      expect(await tcpSocketsOf(server.pid)).toEqual([]);
    });
  });

  it('installs no signal handler', () => {
    expect(listeners()).toEqual(listenersBefore);
  });

  it('refuses a second server on its folder by name, and works on', async () => {
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      `Another instance (postgres pid ${server.pid}) already uses ${join(dataDir, 'pg18/cluster')}.`,
    );
    expect(await query(server.connection, 'select 42 as answer')).toEqual([{ answer: 42 }]);
  });
});

describe('embedded PostgreSQL', () => {
  beforeEach(async () => {
    folders = [];
    programs = [];
    servers = [];
    dataDir = await newFolder();
  });

  afterEach(endAll);

  it('makes a cluster, stops cleanly, and has its rows at the next start', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    await query(server.connection, 'create table kept as select 7 as id');
    await server.stop();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(isRunning(server.pid)).toBe(false);
    expect(await readdir(join(dataDir, 'pg18/cluster'))).not.toContain('postmaster.pid');
    await server.stop();
    expect(await rowsAfterRestart()).toEqual([7]);
  });

  it('works below a path too long for a socket address, with a space and a comma in it', async () => {
    const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'a folder, long', 'x'.repeat(100)) });
    folders.push(server.connection.host);
    try {
      expect(Buffer.byteLength(server.connection.host)).toBeLessThanOrEqual(80);
      expect(await query(server.connection, 'select 42 as answer')).toEqual([{ answer: 42 }]);
    } finally {
      await server.stop();
    }
  });

  it('makes one whole cluster when two start on an empty folder at the same time', async () => {
    const outcomes = await Promise.allSettled([startEmbeddedPostgres({ dataDir }), startEmbeddedPostgres({ dataDir })]);
    const started = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    await Promise.all(started.map(({ value }) => value.stop()));
    expect(started).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(['pg18']);
  });

  it('ends within 3 s when its parent is killed', async () => {
    const { program, pid } = await startOwner();
    await program.kill('SIGKILL');
    await eventually('the server has ended', 3_000, () => !isRunning(pid));
    expect(await processesIn(dataDir)).toEqual([]);
  });

  it('starts again at once after its parent was killed', async () => {
    const { program, connection } = await startOwner();
    await query(connection, 'create table kept as select 7 as id');
    await program.kill('SIGKILL');
    expect(await rowsAfterRestart()).toEqual([7]);
  });

  it('loses no acknowledged row when the server is killed under writes', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    const acknowledged: number[] = [];
    const writing = insertUntilDeath(server.connection, acknowledged);
    await eventually('200 rows are in', 20_000, () => acknowledged.length >= 200);
    process.kill(server.pid, 'SIGKILL');
    await writing;
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect((await rowsAfterRestart()).slice(0, acknowledged.length)).toEqual(acknowledged);
  });

  it('recovers by itself when parent and server are killed together', async () => {
    const { program, connection, pid } = await startOwner();
    const acknowledged: number[] = [];
    const writing = insertUntilDeath(connection, acknowledged);
    await eventually('200 rows are in', 20_000, () => acknowledged.length >= 200);
    program.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await writing;
    expect((await rowsAfterRestart()).slice(0, acknowledged.length)).toEqual(acknowledged);
  });

  describeOnLinux('on Linux', () => {
    it('starts although a stranger runs under the process id of a lock left behind', async () => {
      await (await startEmbeddedPostgres({ dataDir })).stop();
      const stranger = new Program(process.execPath, ['-e', 'process.stdin.resume()']);
      programs.push(stranger);
      const home = join(dataDir, 'pg18');
      const lock = join(home, 'cluster/postmaster.pid');
      await writeFile(lock, `${stranger.pid}\n${join(home, 'cluster')}\n1\n5432\n\n\n\nready\n`, { mode: 0o600 });
      const { uid, gid } = await stat(home);
      await chown(lock, uid, gid);
      const server = await startEmbeddedPostgres({ dataDir });
      await server.stop();
      expect(isRunning(stranger.pid)).toBe(true);
    });
  });

  it('leaves a folder alone that is not a cluster', async () => {
    await mkdir(join(dataDir, 'pg18'));
    await writeFile(join(dataDir, 'pg18/notes.txt'), 'mine');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/pg18 is not a cluster of Haven/);
    expect(await readdir(join(dataDir, 'pg18'))).toEqual(['notes.txt']);
  });
});
