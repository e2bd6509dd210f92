import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDbWarehouse, IdentifierKey } from '#warehouse';
import type { CatalogueSnapshot, DataVersion, Warehouse } from '#warehouse';
import { compiler, referenceDefinition, variedDefinitions } from './audiences.ts';
import type { BenchAudience } from './audiences.ts';
import { BareDuckDb } from './bare-duckdb.ts';
import type { Bench, BenchOptions, Figure } from './bench.ts';
import { handWritten } from './hand-written.ts';
import { httpOverhead } from './http-overhead.ts';
import { cpuMs, interleaved, median } from './measure.ts';
import { withFolder } from './resources.ts';
import { benchKeys, demoRetailer } from './retailer.ts';

const ROUNDS = { rounds: 11, warmUps: 2 };
const AT_ONCE = 20;
const MAKESPAN_ROUNDS = 7;
const QUESTIONS = 40;
const COUNT_DEADLINE_MS = 60_000;

async function run({ members, progress }: BenchOptions): Promise<Figure[]> {
  const retailer = await demoRetailer(members, progress);
  return await withFolder(async (folder) => {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    copyFileSync(retailer, join(dataDir, 'warehouse.duckdb'));
    copyFileSync(retailer, join(folder, 'bare.duckdb'));
    progress('20 audiences at once');
    const { snapshot, data, queue } = await throughQueue(join(dataDir, 'warehouse.duckdb'));
    const bare = await BareDuckDb.open(join(folder, 'bare.duckdb'));
    try {
      progress('the reference audience');
      const compile = compiler(snapshot, data);
      const reference = await referenceFigures(bare, compile(referenceDefinition()), snapshot);
      progress('over HTTP');
      const questions = variedDefinitions(QUESTIONS).map(compile);
      return [...reference, queue, ...(await httpOverhead(dataDir, bare, questions))];
    } finally {
      bare.close();
    }
  });
}

/** What the reference audience costs beside SQL by hand and beside reading one column. */
async function referenceFigures(
  bare: BareDuckDb,
  { statement }: BenchAudience,
  snapshot: CatalogueSnapshot,
): Promise<Figure[]> {
  const texts = handWritten(snapshot);
  const expected = await bare.count(statement);
  for (const [style, sql] of Object.entries(texts)) {
    const members = await bare.value(sql);
    if (members !== expected) throw new Error(`the SQL by hand (${style}) counts ${members}, the compiled ${expected}`);
  }
  const lines = await bare.rowsOf('line');
  const scanned = await bare.rowsScanned(statement);
  const times = await interleaved(
    {
      compiled: () => cpuMs(() => bare.count(statement)),
      conditions: () => cpuMs(() => bare.value(texts.conditions)),
      buyersFirst: () => cpuMs(() => bare.value(texts.buyersFirst)),
      oneColumn: () => cpuMs(() => bare.value('SELECT sum(member_id) FROM line')),
    },
    ROUNDS,
  );
  const compiled = median(times.compiled);
  const byHand = Math.min(median(times.conditions), median(times.buyersFirst));
  return [
    {
      name: 'compiledOverHandWritten',
      value: compiled / byHand,
      hold: { atMost: 1.15 },
      note: 'CPU; the faster of two ways to write it by hand; same count asserted',
    },
    {
      name: 'overOneColumnScan',
      value: compiled / median(times.oneColumn),
      hold: { atMost: 2 },
      note: 'CPU over `SELECT sum(member_id) FROM line`; the hold is for 1,000,000 members',
    },
    {
      name: 'rowsScannedShare',
      value: scanned / lines,
      hold: { atMost: 0.1 },
      note: '`cumulative_rows_scanned` of DuckDB’s profiler, all tables, over the rows of `line`; the hold is for 1,000,000 members',
    },
    { name: 'compiledCpuMs', value: compiled },
    { name: 'handWrittenCpuMs', value: byHand },
    { name: 'lines', value: lines },
  ];
}

/** Twenty audiences sent to the product's warehouse in the same moment. */
async function throughQueue(path: string): Promise<{ snapshot: CatalogueSnapshot; data: DataVersion; queue: Figure }> {
  const { pepper, pepperVersion } = benchKeys();
  const warehouse = await DuckDbWarehouse.open({
    path,
    identifierKey: new IdentifierKey(pepper.reveal(), pepperVersion),
  });
  try {
    const snapshot = await warehouse.catalogue();
    const data = await warehouse.dataVersion('FR');
    const audiences = variedDefinitions(AT_ONCE).map(compiler(snapshot, data));
    const { shares } = await interleaved(
      { shares: () => medianOverMakespan(warehouse, audiences, data) },
      { rounds: MAKESPAN_ROUNDS, warmUps: 1 },
    );
    const queue: Figure = {
      name: 'medianOverMakespan',
      value: median(shares),
      hold: { atMost: 0.6 },
      note: `median wait of ${AT_ONCE} different audiences sent at once over the longest; through the admission queue`,
    };
    return { snapshot, data, queue };
  } finally {
    await warehouse.close();
  }
}

async function medianOverMakespan(
  warehouse: Warehouse,
  audiences: readonly BenchAudience[],
  data: DataVersion,
): Promise<number> {
  const began = performance.now();
  const waits = await Promise.all(
    audiences.map(async ({ statement }, index) => {
      await warehouse.count(statement, {
        country: data.country,
        dataVersion: data.version,
        deadlineMs: COUNT_DEADLINE_MS,
        tag: { tenant: `tenant ${index % 4}`, kind: 'audience-size' },
      });
      return performance.now() - began;
    }),
  );
  return median(waits) / Math.max(...waits);
}

export const audience: Bench = {
  name: 'audience',
  about: 'From a definition to a count: the reference audience of the tour on the demo retailer.',
  run,
};
