import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoLoyaltyNumber } from '#demo';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.ts';
import { processesIn } from './proc.ts';
import { Program, eventually } from './processes.ts';

const MAIN = join(import.meta.dirname, '../../dist/src/main.js');
const SEED = 7;
const MEMBERS = 2_000;

interface RunningService {
  readonly program: Program;
  readonly url: string;
  readonly output: string;
}

let dataDir: string;
const programs: Program[] = [];

/** Starts the built service and resolves once it has said where it is. */
async function start(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const program = new Program(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      HAVEN_DATA_DIR: dataDir,
      HAVEN_PORT: '0',
      HAVEN_DEMO_MEMBERS: String(MEMBERS),
      HAVEN_DEMO_SEED: String(SEED),
      RELEASE_SLOT_MS: '0',
      ...env,
    },
  });
  programs.push(program);
  const lines: string[] = [];
  while (!lines.at(-1)?.startsWith('Stop with')) lines.push(await program.line());
  const output = lines.join('\n');
  const url = /API\s+(http:\S+)/.exec(output)?.[1];
  if (url === undefined) throw new Error(`the service said no URL:\n${output}`);
  return { program, url, output };
}

const keysFile = (): string => join(dataDir, 'secrets', 'demo-keys.json');

async function keys(): Promise<{ analyst: string; manager: string }> {
  return JSON.parse(await readFile(keysFile(), 'utf8')) as { analyst: string; manager: string };
}

async function call(url: string, path: string, key: string, body?: object): Promise<{ status: number; body: never }> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': 'one' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as never };
}

/** The first of the calls the service printed for trying, as its reader would run it. */
const printedEstimate = (output: string): object => JSON.parse(/-d '(\{.*\})'/.exec(output)?.[1] ?? 'null') as object;

/** What the service says when it does not start. */
async function complaint(env: NodeJS.ProcessEnv): Promise<string> {
  const program = new Program(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], HAVEN_DATA_DIR: dataDir, HAVEN_PORT: '0', ...env },
  });
  const said: string[] = [];
  program.child.stderr?.on('data', (text: string) => said.push(text));
  expect((await program.ended())[0]).toBe(1);
  return said.join('');
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'haven-service-'));
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.kill();
  await eventually('no process is left in the data folder', 10_000, async () => {
    return (await processesIn(dataDir)).length === 0;
  });
  await rm(dataDir, { recursive: true, force: true });
});

describe('the service as one process', () => {
  it('boots from an empty folder, answers the calls it prints, and keeps its keys to their owner', async () => {
    const { url, output } = await start();
    const { analyst } = await keys();
    expect(output).toContain(analyst);
    expect((await call(url, '/v1/me', analyst)).status).toBe(200);
    const answer = await call(url, '/v1/audiences/estimate', analyst, printedEstimate(output));
    expect(answer).toMatchObject({ status: 200, body: { state: 'SUCCEEDED', replayed: false } });
    expect((await stat(keysFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'secrets'))).mode & 0o777).toBe(0o700);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order with code 0 on %s and keeps everything', async (signal) => {
    const first = await start();
    const { analyst } = await keys();
    const asked = printedEstimate(first.output);
    const answer = await call(first.url, '/v1/audiences/estimate', analyst, asked);
    first.program.child.kill(signal);
    expect(await first.program.ended()).toEqual([0, null]);

    const second = await start();
    expect((await keys()).analyst).toBe(analyst);
    expect((await call(second.url, '/v1/audiences/estimate', analyst, asked)).body).toEqual(answer.body);
    const reused = await call(second.url, '/v1/audiences/estimate', analyst, { ...asked, precision: 'fine' });
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    const releases = await call(second.url, '/v1/releases', analyst);
    expect(releases.body).toMatchObject({ data: [{ release: (answer.body as { release: object }).release }] });
  });

  it('leaves no server and loses no acknowledged answer or withdrawal when it is killed', async () => {
    const first = await start();
    const { analyst, manager } = await keys();
    const answer = await call(first.url, '/v1/audiences/estimate', analyst, printedEstimate(first.output));
    const at = '2026-11-01T00:00:00Z';
    const events = Array.from({ length: 50 }, (_, member) => ({
      loyaltyIdSha256: createHash('sha256').update(demoLoyaltyNumber(SEED, member)).digest('hex'),
      purpose: 'ads_social',
      status: 'withdrawn',
      source: 'app',
      textVersion: '1',
      at,
    }));
    const receipt = await call(first.url, '/admin/v1/consent-events', manager, { events });
    expect(receipt.status).toBe(200);
    await first.program.kill('SIGKILL');
    await eventually('the embedded server has ended', 5_000, async () => (await processesIn(dataDir)).length === 0);

    const second = await start();
    const releases = await call(second.url, '/v1/releases', analyst);
    expect(releases.body).toMatchObject({ data: [{ release: (answer.body as { release: object }).release }] });
    // The same events again are known already: the data stay at the version that was acknowledged.
    const repeated = await call(second.url, '/admin/v1/consent-events', manager, { events });
    expect(repeated.body).toMatchObject({ dataVersions: [] });
  });

  it('refuses a folder that another instance uses, and a setting it does not know', async () => {
    await start();
    expect(await complaint({})).toMatch(/Another instance \(postgres pid \d+\) already uses/);
    expect(await complaint({ HAVEN_PRICE: '1' })).toContain('HAVEN_PRICE is not a setting of this service');
  });

  describe('in production', () => {
    const secret = Buffer.alloc(32, 5).toString('base64');
    let server: EmbeddedPostgres;

    /** What production must be given: here a server of the test's own. */
    const production = (): NodeJS.ProcessEnv => {
      const { user, password, database, host } = server.connection;
      const url = `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`;
      return { NODE_ENV: 'production', DATABASE_URL: url, HAVEN_SERVICE_SECRET: secret };
    };

    beforeEach(async () => {
      server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'server') });
    });

    afterEach(async () => {
      await server.stop();
    });

    it('makes no demo: no warehouse stops the start', async () => {
      expect(await complaint(production())).toContain('production makes no demo data');
    });

    it('gives the account manager a first key, once, and takes no key of the demo', async () => {
      const demo = await start({ HAVEN_SERVICE_SECRET: secret });
      const { manager } = await keys();
      demo.program.child.kill('SIGTERM');
      await demo.program.ended();

      const { url, output, program } = await start(production());
      const file = join(dataDir, 'secrets', 'manager-key');
      const key = (await readFile(file, 'utf8')).trim();
      expect(key).toMatch(/^crk_live_/);
      expect(output).not.toContain('crk_');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await call(url, '/admin/v1/brands', key)).status).toBe(200);
      expect((await call(url, '/admin/v1/brands', manager)).status).toBe(401);
      program.child.kill('SIGTERM');
      await program.ended();

      await start(production());
      expect((await readFile(file, 'utf8')).trim()).toBe(key);
    });
  });
});
