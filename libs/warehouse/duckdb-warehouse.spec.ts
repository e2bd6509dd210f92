import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { DuckDbWarehouse } from './duckdb-warehouse.ts';
import { IdentifierKey } from './identifier-key.ts';
import {
  MEMBERS_PER_COUNTRY,
  buildSmallWarehouse,
  consentEvent,
  consenting,
  countOptions,
  exact,
  openSmallWarehouse,
  statement,
  temporaryFolder,
} from './testing.ts';

/** 2,000 lines: eight billion triples, minutes of work. */
const ENDLESS = statement(
  'SELECT count(*) FROM line a, line b, line c WHERE (a.net_cents + b.basket_id * c.member_id) % 7 = 3',
);
const NOW = Date.parse('2025-07-01T00:00:00Z');

const folder = temporaryFolder();
let built = 0;
let path: string;
let warehouse: DuckDbWarehouse;

beforeEach(async () => {
  path = folder.path(`w${++built}.duckdb`);
  await buildSmallWarehouse(path);
  warehouse = await openSmallWarehouse(path);
});

afterEach(() => warehouse.close());
afterAll(() => folder.dispose());

/** A second Node process, importing this library from source. */
const nodeArguments = (script: string): string[] => [
  '--conditions=source',
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
  '-e',
  `import * as t from ${JSON.stringify(join(import.meta.dirname, 'testing.ts'))};\n${script}`,
];

describe('count', () => {
  it('gives the exact count, hidden', async () => {
    const count = await warehouse.count(consenting('FR'), countOptions());
    expect(await exact(Promise.resolve(count))).toBe(BigInt(MEMBERS_PER_COUNTRY));
    expect(inspect({ count }, { depth: 5, showHidden: true })).not.toMatch(/100/);
    expect(() => JSON.stringify({ count })).toThrow(TypeError);
  });

  it('binds every type of parameter as itself', async () => {
    const typed = statement(
      `SELECT count(DISTINCT member_id) FROM line
       WHERE country = $c AND day BETWEEN $from AND $to AND category_id IN ($a, $b) AND member_id > $m`,
      [
        { name: 'c', type: 'string', value: 'FR' },
        { name: 'from', type: 'date', value: '2025-03-02' },
        { name: 'to', type: 'date', value: '2025-03-02' },
        { name: 'a', type: 'int64', value: 3n },
        { name: 'b', type: 'int64', value: 9n },
        { name: 'm', type: 'int64', value: 100n },
      ],
    );
    expect(await exact(warehouse.count(typed, countOptions()))).toBe(50n);
  });

  it('finds nothing for an id wider than its column, instead of failing', async () => {
    const wide = statement('SELECT count(*) FROM line WHERE category_id IN ($a, $b)', [
      { name: 'a', type: 'int64', value: 2n },
      { name: 'b', type: 'int64', value: 2n ** 40n },
    ]);
    expect(await exact(warehouse.count(wide, countOptions()))).toBe(1000n);
  });

  it.each([
    ['a write', "INSERT INTO tier VALUES (9, 'x', 'y')"],
    ['a delete', 'DELETE FROM member'],
    ['several statements', 'SELECT count(*) FROM member; DELETE FROM member'],
    ['a table definition', 'DROP TABLE line'],
    ['a setting', 'SET threads = 1'],
    ['a pragma', 'PRAGMA database_list'],
    ['identifiers', 'SELECT count(*) FROM pii.member_key'],
    ['identifiers beside members', 'SELECT count(*) FROM member m JOIN pii.member_key k USING (member_id)'],
    ['the engine itself', 'SELECT count(*) FROM duckdb_tables()'],
    ['no table', 'SELECT 1'],
    ['a file beside members', "SELECT count(*) FROM member, read_csv('/etc/passwd', columns = {'l': 'VARCHAR'})"],
    ['two columns', 'SELECT count(*), count(*) FROM member'],
    ['a text', 'SELECT max(country) FROM member'],
    ['a fraction', 'SELECT avg(member_id) FROM member'],
    ['no row', 'SELECT member_id FROM member WHERE member_id < 0'],
    ['many rows', 'SELECT member_id FROM member'],
    ['a negative number', 'SELECT -count(*) FROM member'],
    ['null', 'SELECT max(member_id) FROM member WHERE member_id < 0'],
    ['no SQL', 'count the members'],
  ])('refuses %s', async (_, sql) => {
    await expect(warehouse.count(statement(sql), countOptions())).rejects.toMatchObject({ code: 'internal' });
    expect(await exact(warehouse.count(consenting('FR'), countOptions()))).toBe(100n);
  });

  it('refuses a statement in another dialect', async () => {
    const foreign = { ...consenting('FR'), dialect: 'bigquery' } as const;
    await expect(warehouse.count(foreign, countOptions())).rejects.toMatchObject({ code: 'internal' });
  });

  it('tells nothing of a row in an error', async () => {
    const leak = statement("SELECT max(CAST('secret-' || country AS INTEGER)) FROM member");
    const error: unknown = await warehouse.count(leak, countOptions()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'internal' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/secret-/);
  });

  it('refuses another data version, and a country without data', async () => {
    await expect(warehouse.count(consenting('FR'), countOptions({ dataVersion: 2 }))).rejects.toMatchObject({
      code: 'data-version-changed',
    });
    await expect(warehouse.count(consenting('IT'), countOptions({ country: 'IT' }))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('never answers for one version with the rows of another', async () => {
    const counts: Promise<void>[] = [];
    for (let version = 1; version <= 40; version++) {
      for (const dataVersion of [version, version + 1]) {
        const answer = exact(warehouse.count(consenting('FR'), countOptions({ dataVersion }))).then(
          (members) => expect(members).toBe(BigInt(MEMBERS_PER_COUNTRY - (dataVersion - 1))),
          (error: unknown) => expect(error).toMatchObject({ code: 'data-version-changed' }),
        );
        counts.push(answer);
      }
      await warehouse.recordConsent([consentEvent(2 * version - 1)], NOW);
      await counts.shift();
    }
    await Promise.all(counts);
    expect((await warehouse.dataVersion('FR')).version).toBe(41);
  });
});

describe('limits', () => {
  it('stops a query within 250 ms of its deadline, and goes on', async () => {
    const started = performance.now();
    await expect(warehouse.count(ENDLESS, countOptions({ deadlineMs: 300 }))).rejects.toMatchObject({
      code: 'warehouse-limit',
    });
    expect(performance.now() - started).toBeLessThan(300 + 250);
    expect(await exact(warehouse.count(consenting('FR'), countOptions()))).toBe(100n);
  });

  it('stops a query within 250 ms of an abort', async () => {
    const caller = new AbortController();
    const refused = warehouse.count(ENDLESS, countOptions({ signal: caller.signal })).catch((error: unknown) => error);
    await warehouse.health();
    const aborted = performance.now();
    caller.abort();
    expect(await refused).toMatchObject({ code: 'warehouse-limit' });
    expect(performance.now() - aborted).toBeLessThan(250);
  });

  it('refuses with warehouse-limit what needs more memory and temporary space than allowed', async () => {
    await warehouse.close();
    warehouse = await openSmallWarehouse(path, { memoryLimit: '40MB', tempSizeMax: '1MB' });
    const wide = statement(
      `SELECT max(n) FROM (SELECT a.basket_id * 65536 + b.basket_id * 3 + c.category_id AS k, count(*) AS n
       FROM line a, line b, category c GROUP BY k)`,
    );
    await expect(warehouse.count(wide, countOptions())).rejects.toMatchObject({ code: 'warehouse-limit' });
    expect(await exact(warehouse.count(consenting('FR'), countOptions()))).toBe(100n);
  });

  it('bounds what waits and says when to come back', async () => {
    await warehouse.close();
    warehouse = await openSmallWarehouse(path, { countsRunning: 1, countsWaitingMax: 2, countsWaitingPerTenantMax: 1 });
    const leave = new AbortController();
    const options = (tenant: string) => countOptions({ signal: leave.signal, tag: { tenant, kind: 'test' } });
    const running = warehouse.count(ENDLESS, options('a')).catch((error: unknown) => error);
    const waiting = warehouse.count(ENDLESS, options('a')).catch((error: unknown) => error);
    await expect(warehouse.count(consenting('FR'), options('a'))).rejects.toMatchObject({
      code: 'warehouse-busy',
      text: { retryAfterSeconds: expect.any(Number) },
    });
    leave.abort();
    expect(await running).toMatchObject({ code: 'warehouse-limit' });
    expect(await waiting).toMatchObject({ code: 'warehouse-busy' });
    expect(await exact(warehouse.count(consenting('FR'), countOptions()))).toBe(100n);
  });
});

describe('the file', () => {
  it('is given up by close, which stops what runs and refuses what waits or comes later', async () => {
    const gone = { code: 'warehouse-unavailable' };
    const refused = Promise.all(
      [1, 2, 3, 4].map(() => expect(warehouse.count(ENDLESS, countOptions())).rejects.toMatchObject(gone)),
    );
    await warehouse.health();
    await Promise.all([warehouse.close(), warehouse.close()]);
    await refused;
    await expect(warehouse.count(consenting('FR'), countOptions())).rejects.toMatchObject(gone);
    await expect(warehouse.health()).rejects.toMatchObject(gone);
    await expect(warehouse.recordConsent([consentEvent(1)], NOW)).rejects.toMatchObject(gone);
    warehouse = await openSmallWarehouse(path);
    expect(await exact(warehouse.count(consenting('FR'), countOptions()))).toBe(100n);
  });

  it('has one owner: a second handle of this process is refused', async () => {
    await expect(openSmallWarehouse(path)).rejects.toMatchObject({
      code: 'warehouse-unavailable',
      text: { internal: expect.stringMatching(/held by another handle/) },
    });
  });

  it('has one owner: another process is refused', () => {
    const script = `await t.openSmallWarehouse(${JSON.stringify(path)}).catch((e) => console.log(e.code, e.text.internal));`;
    const { stdout } = spawnSync(process.execPath, nodeArguments(script), { encoding: 'utf8' });
    expect(stdout).toMatch(/^warehouse-unavailable .*held by another process.*one owner/);
  });

  it('is refused when it is missing, is no warehouse, or was loaded with another key', async () => {
    const missing = folder.path('missing.duckdb');
    const garbage = folder.path('garbage.duckdb');
    writeFileSync(garbage, 'not a database at all'.repeat(1000));
    const gone = { code: 'warehouse-unavailable' };
    await expect(openSmallWarehouse(missing)).rejects.toMatchObject(gone);
    expect(existsSync(missing)).toBe(false);
    await expect(openSmallWarehouse(garbage)).rejects.toMatchObject(gone);
    await warehouse.close();
    const identifierKey = new IdentifierKey(Buffer.alloc(32, 8), 1);
    await expect(openSmallWarehouse(path, { identifierKey })).rejects.toMatchObject({
      ...gone,
      text: { internal: expect.stringMatching(/another identifier key/) },
    });
  });

  it('keeps every acknowledged consent through kill -9', async () => {
    await warehouse.close();
    const script = `
      const w = await t.openSmallWarehouse(${JSON.stringify(path)});
      for (let member = 1; member < 60; member += 2) {
        await w.recordConsent([t.consentEvent(member)], ${NOW});
        process.stdout.write('.');
      }
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, nodeArguments(script), { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = '';
    child.stdout.on('data', (data: Buffer) => (acknowledged += data.toString()));
    const [, signal] = await once(child, 'close');
    expect([signal, acknowledged.length]).toEqual(['SIGKILL', 30]);
    warehouse = await openSmallWarehouse(path);
    expect((await warehouse.dataVersion('FR')).version).toBe(31);
    expect(await exact(warehouse.count(consenting('FR'), countOptions({ dataVersion: 31 })))).toBe(70n);
  });
});

describe('reference data', () => {
  it('is given whole, with a version that is its digest', async () => {
    const catalogue = await warehouse.catalogue();
    expect(catalogue.categories).toContainEqual({ id: 2, code: 'dairy.milk', parentCode: 'dairy', name: 'Milk' });
    expect(catalogue.brands).toContainEqual({ id: 2, code: 'two', name: 'Two', manufacturer: 'Second maker' });
    expect(catalogue.products).toHaveLength(2);
    expect(catalogue.stores[0]).toEqual({ id: 1, code: 'FR-IDF-001', name: 'Paris', country: 'FR', regionId: 1 });
    expect(catalogue.regions[1]).toEqual({ id: 2, code: 'ES-MD', country: 'ES', name: 'Madrid' });
    expect(catalogue.tiers).toEqual([{ id: 1, code: 'basic', name: 'Basic' }]);
    expect(catalogue.version).toMatch(/^[0-9a-f]{16}$/);
  });

  it('says the version of each country', async () => {
    expect(await warehouse.dataVersions()).toEqual([
      {
        country: 'ES',
        version: 1,
        dataThrough: '2025-03-10',
        historyFrom: '2025-03-01',
        consentAsOf: '2025-03-10T23:59:59.999Z',
      },
      expect.objectContaining({ country: 'FR', version: 1 }),
    ]);
  });
});
