import { keepsHold } from './bench.ts';
import type { Bench, Figure, Hold } from './bench.ts';

const DIGITS = 4;

/** A number for people: four digits that count, thousands apart. */
export function shownNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(DIGITS));
  return rounded.toLocaleString('en', { maximumSignificantDigits: DIGITS });
}

const shownHold = (hold: Hold | undefined): string => {
  if (hold === undefined) return '';
  return 'atLeast' in hold ? `≥ ${hold.atLeast.toLocaleString('en')}` : `≤ ${hold.atMost.toLocaleString('en')}`;
};

const shownVerdict = (figure: Figure): string => {
  const keeps = keepsHold(figure);
  if (keeps === undefined) return '';
  if (keeps) return 'ok';
  return figure.hold !== undefined && 'atLeast' in figure.hold ? 'under' : 'over';
};

const HEADINGS = ['figure', 'measured', 'hold', ''] as const;

/** The figures as rows of cells: name, value, hold, verdict. */
export const cells = (figures: readonly Figure[]): readonly (readonly string[])[] =>
  figures.map((figure) => [figure.name, shownNumber(figure.value), shownHold(figure.hold), shownVerdict(figure)]);

/** A table for a terminal. */
export function terminalTable({ name, about }: Bench, figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...cells(figures)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [`${name}: ${about}`, '', line(HEADINGS), rule, ...rows.slice(1).map(line), ''].join('\n');
}

const markdownRow = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

/** A table for a page of documentation, with how each figure was taken. */
export function markdownTable(figures: readonly Figure[]): string {
  const body = cells(figures).map((texts, index) =>
    markdownRow([`\`${texts[0]}\``, ...texts.slice(1), figures[index]?.note ?? '']),
  );
  return [
    markdownRow(['Figure', 'Measured', 'Hold', '', 'How']),
    markdownRow(['---', '---:', '---', '---', '---']),
    ...body,
  ].join('\n');
}

/** One line for a program: the bench and its figures by name. */
export const jsonLine = (name: string, figures: readonly Figure[]): string =>
  JSON.stringify({
    bench: name,
    figures: Object.fromEntries(figures.map((figure) => [figure.name, Number(figure.value.toPrecision(6))])),
  });
