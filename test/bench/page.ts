import { availableParallelism, totalmem } from 'node:os';
import { format, resolveConfig } from 'prettier';
import type { Bench, Figure } from './bench.ts';
import { markdownTable } from './table.ts';

const GIBIBYTE = 2 ** 30;

export interface PageContext {
  readonly members: number;
  readonly date: string | undefined;
}

/**
 * The page of documentation that shows every bench's figures and the machine they were taken on.
 *
 * @param path where it will stand, for the format that files there have.
 */
export async function benchmarkPage(
  path: string,
  results: readonly (readonly [Bench, readonly Figure[]])[],
  context: PageContext,
): Promise<string> {
  const { members, date } = context;
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / GIBIBYTE)} GiB of memory, Node ${process.versions.node}`;
  const sections = results.flatMap(([{ name, about }, figures]) => [
    `## ${name}`,
    '',
    about,
    '',
    markdownTable(figures),
    '',
  ]);
  const text = [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench -- --write`; edits are lost. -->',
    '',
    `Measured${date === undefined ? '' : ` on ${date}`} on ${machine}; the demo retailer has ${members.toLocaleString('en')} members.`,
    '',
    'A figure is a median of interleaved rounds after warm-up, and where it is a ratio both sides ran in the same rounds.',
    'Ratios carry over to other machines; times and rates do not. A hold is a bound the project sets itself.',
    '',
    ...sections,
  ].join('\n');
  return await format(text, { ...(await resolveConfig(path)), filepath: path });
}
