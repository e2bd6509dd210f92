import type { Bench, BenchOptions, Figure } from './bench.ts';
import { median } from './measure.ts';
import { withFolder, withProgram } from './resources.ts';
import { UNLIMITED } from './service.ts';

interface Rates {
  readonly spends: readonly number[];
  readonly commits: readonly number[];
}

/** The service boots here with the smallest retailer, since no question reads it. */
const SMALLEST_RETAILER = '1000';
const BENCH_MS = 300_000;

async function run({ progress }: BenchOptions): Promise<Figure[]> {
  progress('releases and bare commits in turn');
  const { spends, commits } = await withFolder((dataDir) =>
    withProgram<Rates, Rates>(
      {
        program: 'test/bench/ledger-program.ts',
        env: { ...UNLIMITED, HAVEN_DATA_DIR: dataDir, HAVEN_DEMO_MEMBERS: SMALLEST_RETAILER },
        told: (line) => (line.startsWith('{') ? (JSON.parse(line) as Rates) : undefined),
        withinMs: BENCH_MS,
      },
      (rates) => Promise.resolve(rates),
    ),
  );
  return [
    {
      name: 'spendsOverBareCommits',
      value: median(spends) / median(commits),
      hold: { atLeast: 0.5 },
      note: 'rate of whole releases of 8 brands in one country, each reserved, started and committed, over the rate of durable single-row inserts by 8 clients',
    },
    { name: 'spendsPerSecond', value: median(spends) },
    { name: 'bareCommitsPerSecond', value: median(commits) },
  ];
}

export const ledger: Bench = {
  name: 'ledger',
  about: 'The privacy budget: charging and answering against the least a durable write costs.',
  run,
};
