import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCount, parseDefinition, resolveDefinition } from '#audience';
import type { CatalogueSnapshot } from '#warehouse';
import { DuckDbWarehouse } from '#warehouse';
import { leafTypes } from '../../libs/audience/ast.ts';
import { openRaw } from '../../libs/core/raw.ts';
import { audienceCatalogue } from '../../src/catalog/audience-catalogue.ts';
import { portfolioOf } from '../../src/catalog/portfolio.ts';
import { SAVED_ID, SAVED_RULE, TWINS } from './audiences.ts';
import type { Twin } from './audiences.ts';
import { DATA_THROUGH, HISTORY_FROM, completeJourneyKey, loadCompleteJourney } from './complete-journey-file.ts';
import type { LoadedTotals } from './complete-journey-file.ts';
import { Originals } from './hand-written.ts';

const DATA = process.env['HAVEN_REAL_DATA'] ?? '';
if (DATA === '') console.warn('Complete Journey: skipped, HAVEN_REAL_DATA does not name the folder of the data');

const suite = DATA === '' ? describe.skip : describe;

const define = (rule: object) => parseDefinition({ version: 'audience/1', country: 'FR', rule });

suite('The Complete Journey, a real grocery retailer', () => {
  const source = join(DATA, 'complete-journey');
  let directory: string;
  let totals: LoadedTotals;
  let warehouse: DuckDbWarehouse;
  let snapshot: CatalogueSnapshot;
  let originals: Originals;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'haven-real-data-'));
    const path = join(directory, 'complete-journey.duckdb');
    totals = await loadCompleteJourney(source, path);
    warehouse = await DuckDbWarehouse.open({ path, identifierKey: completeJourneyKey(), memoryLimit: '1GB' });
    snapshot = await warehouse.catalogue();
    originals = await Originals.open(source);
  });

  afterAll(async () => {
    originals?.close();
    await warehouse?.close();
    await rm(directory, { recursive: true });
  });

  async function compiledCount({ owner, rule, purposes }: Twin): Promise<number> {
    const resolved = resolveDefinition(
      define(rule),
      audienceCatalogue(snapshot, portfolioOf(snapshot, owner), 'FR'),
      { dataThrough: DATA_THROUGH, historyFrom: HISTORY_FROM },
      { definitions: new Map([[SAVED_ID, define(SAVED_RULE)]]) },
    );
    const statement = compileCount(resolved, { purposes: purposes ?? ['audience_measurement'], dialect: 'duckdb' });
    const { version } = await warehouse.dataVersion('FR');
    const tag = { tenant: 'real-data', kind: 'size' };
    return Number(
      openRaw(await warehouse.count(statement, { country: 'FR', dataVersion: version, deadlineMs: 20_000, tag })),
    );
  }

  it('is loaded whole', async () => {
    expect(totals).toEqual({
      lines: 75_000,
      baskets: 47_243,
      members: 2_377,
      linesWithoutProduct: 222,
      cents: await originals.number('SELECT sum(round(sales_value * 100)::BIGINT) FROM transactions'),
    });
    expect([snapshot.products.length, snapshot.stores.length]).toEqual([92_331, 293]);
    expect(new Set(snapshot.categories.map(({ code }) => code)).size).toBe(snapshot.categories.length);
  });

  it.each(TWINS)('$name: counts as SQL written by hand', async (twin) => {
    const byHand = await originals.number(twin.sql);
    expect(await compiledCount(twin)).toBe(byHand);
    expect(byHand).toBeGreaterThan(20);
    expect(byHand).toBeLessThan((await originals.number('SELECT count(*) FROM asked')) - 20);
  });

  it('the audiences use every kind of leaf', () => {
    const text = JSON.stringify(TWINS.map(({ rule }) => rule));
    expect(leafTypes().filter((type) => !text.includes(`"${type}":`))).toEqual([]);
  });
});
