import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { api } from './api.ts';
import { readArguments, usage } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { audience } from './audience.ts';
import type { Bench, Figure } from './bench.ts';
import { ledger } from './ledger.ts';
import { benchmarkPage } from './page.ts';
import { sampler } from './sampler.ts';
import { jsonLine, terminalTable } from './table.ts';
import { utility } from './utility.ts';

const BENCHES: readonly Bench[] = [sampler, audience, ledger, api, utility];
const NAMES = BENCHES.map(({ name }) => name);
const PAGE = join(import.meta.dirname, '../../docs/benchmarks.md');

const WRONG_USAGE = 2;

function argumentsOrUsage(): Arguments | undefined {
  try {
    return readArguments(process.argv.slice(2), NAMES);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage(NAMES)}`);
    return undefined;
  }
}

/** Runs the benches one after another; one that fails stops none of the others. @returns the exit code. */
async function main(): Promise<number> {
  const wanted = argumentsOrUsage();
  if (wanted === undefined) return WRONG_USAGE;
  const results: [Bench, readonly Figure[]][] = [];
  const chosen = BENCHES.filter(({ name }) => wanted.name === undefined || name === wanted.name);
  for (const bench of chosen) {
    try {
      const progress = (text: string): void => console.error(`${bench.name}: ${text}`);
      const figures = await bench.run({ members: wanted.members, progress });
      results.push([bench, figures]);
      console.log(terminalTable(bench, figures));
      if (wanted.json) console.log(jsonLine(bench.name, figures));
    } catch (error) {
      console.error(`${bench.name} failed:`, error);
    }
  }
  if (results.length < chosen.length) return 1;
  if (wanted.write) writeFileSync(PAGE, await benchmarkPage(PAGE, results, wanted));
  return 0;
}

process.exit(await main());
