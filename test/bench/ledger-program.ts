import { Pool } from 'pg';
import { RawCount } from '#core';
import type { Warehouse } from '#warehouse';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import type { CountQuestion, ReleasesService } from '../../src/releases/releases.service.ts';
import { interleaved } from './measure.ts';

// A program: boots the compiled service on the data folder of the environment, whose embedded PostgreSQL has fsync on,
// measures its gate and prints one line of JSON, the rates per second of each round: {spends: number[], commits:
// number[]}. A spend is one whole release, from the look for an earlier answer to the committed one; its query answers
// at once. Both sides keep as many clients busy as there are brands.

const BRANDS = 8;
const SPENDS_EACH = 40;
const COMMITS_EACH = 250;
const ROUNDS = { rounds: 9, warmUps: 2 };
const WAIT_MS = 20_000;

const measure = (): Promise<RawCount> => Promise.resolve(new RawCount(5_000n));

/** A module of the compiled service, with the types of its source. */
const compiled = async <T>(path: string): Promise<T> =>
  (await import(new URL(`../../dist/src/${path}`, import.meta.url).href)) as T;

const boot = await compiled<typeof import('../../src/boot/service.ts')>('boot/service.js');
const configuration = await compiled<typeof import('../../src/config/config.ts')>('config/config.js');
const brands = await compiled<typeof import('../../src/brands/brands.service.ts')>('brands/brands.service.js');
const gate = await compiled<typeof import('../../src/releases/releases.service.ts')>('releases/releases.service.js');
const connections = await compiled<typeof import('../../src/database/connection.ts')>('database/connection.js');
const warehouses = await compiled<typeof import('../../src/database/warehouse.ts')>('database/warehouse.js');

const listener = { stage: () => undefined, progress: () => undefined };
const service = await boot.startService(configuration.loadConfig(process.env), listener);
const connection = service.app.get<symbol, DatabaseConnection>(connections.DATABASE_CONNECTION, { strict: false });
const warehouse = service.app.get<symbol, Warehouse>(warehouses.WAREHOUSE, { strict: false });
const pool = new Pool({ ...connection, max: BRANDS });
let rates: Record<'spends' | 'commits', number[]>;
try {
  await pool.query(
    'CREATE TABLE bench_commit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)',
  );
  const releases = service.app.get(gate.ReleasesService, { strict: false });
  const spend = spender(releases, await warehouse.dataVersion('FR'));
  const brandIds = await openBrands();
  rates = await interleaved(
    {
      spends: () => rate(brandIds, SPENDS_EACH, spend),
      commits: () =>
        rate(brandIds, COMMITS_EACH, (id) => pool.query('INSERT INTO bench_commit (what) VALUES ($1)', [id])),
    },
    ROUNDS,
  );
} finally {
  await pool.end();
  await service.close();
}
// Told when all is closed: who reads it ends this program and removes its folder.
process.stdout.write(`${JSON.stringify(rates)}\n`);

async function openBrands(): Promise<string[]> {
  const book = service.app.get(brands.BrandsService, { strict: false });
  const ids: string[] = [];
  for (let index = 0; index < BRANDS; index++) {
    ids.push((await book.openBrand('bench', `Bench ${index}`, `Bench ${index}`)).id);
  }
  return ids;
}

/** Releases one new question of a brand. */
function spender(
  releases: ReleasesService,
  data: Awaited<ReturnType<Warehouse['dataVersion']>>,
): (brandId: string) => Promise<void> {
  let asked = 0;
  return async (brandId) => {
    const question: CountQuestion = {
      kind: 'audience-size',
      brandId,
      country: data.country,
      dataVersion: data.version,
      population: { question: asked++ },
      purposes: ['audience_measurement'],
      precision: 'coarse',
    };
    const { row, replayed } = await releases.release({
      question,
      data,
      actor: { id: 'bench' },
      measure,
      waitMs: WAIT_MS,
    });
    if (row.state !== 'committed' || replayed) throw new Error(`a release ended ${row.state}, must be committed anew`);
  };
}

/** How many works are done in a second by one client for each brand. */
async function rate(ids: readonly string[], each: number, work: (id: string) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await Promise.all(
    ids.map(async (id) => {
      for (let done = 0; done < each; done++) await work(id);
    }),
  );
  return (1_000 * ids.length * each) / (performance.now() - began);
}
