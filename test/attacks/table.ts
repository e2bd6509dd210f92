import { percent } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const HEADINGS = ['attack', 'trials', 'success', 'bound', '+ sampling', 'control', ''] as const;

const cells = ({ name, trials, success, bound, ceiling, control, faults }: Verdict): readonly string[] => [
  name,
  String(trials),
  percent(success),
  percent(bound),
  percent(ceiling),
  percent(control),
  faults.length === 0 ? 'ok' : 'BROKEN',
];

/** The verdicts as a table for a terminal, and below it why any of them does not pass. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = [HEADINGS, ...verdicts.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const faults = verdicts.flatMap(({ name, faults: found }) => found.map((fault) => `${name}: ${fault}`));
  return [line(HEADINGS), rule, ...rows.slice(1).map(line), ...(faults.length > 0 ? ['', ...faults] : [])].join('\n');
}
