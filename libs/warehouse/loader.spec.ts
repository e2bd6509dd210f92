import { existsSync, writeFileSync } from 'node:fs';
import { DuckDbFile } from './duckdb-file.ts';
import { readRows } from './duckdb-codec.ts';
import { WarehouseLoader } from './loader.ts';
import { BRAND, TIER } from './schema.ts';
import { buildSmallWarehouse, openSmallWarehouse, temporaryFolder, testKey } from './testing.ts';

const folder = temporaryFolder();
let built = 0;
let path: string;

beforeEach(() => {
  path = folder.path(`l${++built}.duckdb`);
});

afterAll(() => folder.dispose());

const loaderOptions = () => ({ path, identifierKey: testKey, threads: 2 });
const lines = (select: string) =>
  `SELECT 'FR' AS country, d AS day, m AS member_id, b AS basket_id, n AS line_no, 1 AS store_id, 1 AS channel,
     1 AS product_id, c AS category_id, r AS brand_id, q AS quantity, q * 100 AS net_cents FROM (${select})`;

/** What the finished file gives. */
async function inspectFile<T extends object>(sql: string): Promise<T[]> {
  const file = await DuckDbFile.open(path, {}, true);
  try {
    return await readRows<T>(await file.connect(), sql);
  } finally {
    file.close();
  }
}

describe('WarehouseLoader', () => {
  it('shows no file before it is complete, and leaves nothing beside it after', async () => {
    const loader = await WarehouseLoader.create(loaderOptions());
    expect([existsSync(path), existsSync(`${path}.building`)]).toEqual([false, true]);
    await loader.finish([]);
    expect([existsSync(path), existsSync(`${path}.building`), existsSync(`${path}.building.wal`)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('removes what it built when it gives up', async () => {
    const loader = await WarehouseLoader.create(loaderOptions());
    loader.abandon();
    expect([existsSync(path), existsSync(`${path}.building`)]).toEqual([false, false]);
  });

  it('replaces what an interrupted build left, whole or torn', async () => {
    writeFileSync(`${path}.building`, 'half a file');
    writeFileSync(`${path}.building.wal`, 'half a log');
    const loader = await WarehouseLoader.create(loaderOptions());
    await loader.finish([]);
    await (await openSmallWarehouse(path)).close();
    expect(existsSync(path)).toBe(true);
  });

  it('leaves alone what someone else is building', async () => {
    const loader = await WarehouseLoader.create(loaderOptions());
    await expect(WarehouseLoader.create(loaderOptions())).rejects.toMatchObject({ code: 'warehouse-unavailable' });
    await loader.finish([]);
    expect(existsSync(path)).toBe(true);
  });

  it('puts lines in order of month, country, category, brand, member, and sums them per brand and day', async () => {
    const loader = await WarehouseLoader.create(loaderOptions());
    await loader.run('SELECT setseed(0.5)');
    for (const month of ['2025-01-01', '2025-02-01']) {
      await loader.addLines(
        lines(
          `SELECT DATE '${month}' + (i * 7 % 28)::INTEGER AS d, i * 31 % 50 AS m, i // 4 AS b, i % 4 AS n, i * 13 % 6 AS c,
             i * 17 % 5 AS r, CASE WHEN i % 9 = 0 THEN -1 ELSE 2 END AS q FROM range(4000) AS t(i)`,
        ),
      );
    }
    await loader.finish([]);
    const key = "(date_trunc('month', day), country, category_id, brand_id, member_id)";
    expect(
      await inspectFile(
        `SELECT count(*)::INTEGER AS disorder FROM (SELECT ${key} < lag(${key}) OVER (ORDER BY rowid) AS falls FROM line) WHERE falls`,
      ),
    ).toEqual([{ disorder: 0 }]);
    const dimensions = 'country, day, brand_id, category_id, member_id';
    expect(
      await inspectFile(
        `SELECT count(*)::INTEGER AS differences FROM (
           (SELECT ${dimensions}, count(DISTINCT basket_id)::SMALLINT, sum(quantity)::INTEGER, sum(net_cents)::INTEGER
            FROM line GROUP BY ALL EXCEPT ALL SELECT * FROM brand_day)
           UNION ALL
           (SELECT * FROM brand_day EXCEPT ALL
            SELECT ${dimensions}, count(DISTINCT basket_id)::SMALLINT, sum(quantity)::INTEGER, sum(net_cents)::INTEGER
            FROM line GROUP BY ALL))`,
      ),
    ).toEqual([{ differences: 0 }]);
  });

  it('reads outside files, such as Parquet, which a warehouse cannot', async () => {
    const parquet = folder.path('feed.parquet');
    const loader = await WarehouseLoader.create(loaderOptions());
    await loader.run(`COPY (SELECT 1 AS tier_id, 'basic' AS code, 'Basic' AS name) TO '${parquet}'`);
    await loader.run(`INSERT INTO tier SELECT * FROM read_parquet('${parquet}')`);
    expect(await loader.rows('SELECT * FROM tier')).toEqual([{ tier_id: 1, code: 'basic', name: 'Basic' }]);
    loader.abandon();
  });

  it('appends integers in bulk, exactly', async () => {
    const loader = await WarehouseLoader.create(loaderOptions());
    await loader.run('CREATE TEMP TABLE numbers (a INTEGER, b INTEGER)');
    const rows = 5_000;
    const a = Int32Array.from({ length: rows + 10 }, (_, index) => index - 2_500);
    await loader.appendIntegers('numbers', [a, a.map((value) => value * value)], rows);
    expect(
      await loader.rows(
        'SELECT count(*)::INTEGER AS n, min(a) AS low, max(a) AS high, bool_and(b = a * a) AS exact FROM numbers',
      ),
    ).toEqual([{ n: rows, low: -2_500, high: 2_499, exact: true }]);
    loader.abandon();
  });

  it('refuses a value that its column cannot hold', async () => {
    const loader = await WarehouseLoader.create(loaderOptions());
    await expect(loader.insert(TIER, [[1, 2, 'Basic']])).rejects.toThrow(TypeError);
    await expect(loader.insert(BRAND, [[1, 'code', 'name', null]])).rejects.toThrow(/NOT NULL/);
    loader.abandon();
  });

  it('gives a file that can be opened and counted at once', async () => {
    await buildSmallWarehouse(path);
    const warehouse = await openSmallWarehouse(path);
    expect((await warehouse.dataVersions()).map(({ country, version }) => [country, version])).toEqual([
      ['ES', 1],
      ['FR', 1],
    ]);
    await warehouse.close();
  });
});
