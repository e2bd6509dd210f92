import type { ContributionBounds } from '#core';
import type { GridMarginal, Key } from './marginal.ts';

/** What one member bought or gave back on one ingest day. A plain model of the rows, apart from any statement. */
export interface Row {
  readonly ingestDay: number;
  readonly direction: 'sale' | 'return';
  readonly eventDay: number;
  readonly channel: number;
  /** Magnitudes, before any bound. */
  readonly cents: bigint;
  readonly units: bigint;
}

const DAYS_A_WEEK = 2;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** The first rows, each clipped, then cut where the member's running total meets its cap. In the order of arrival. */
export function bounded(rows: readonly Row[], bounds: ContributionBounds): Row[] {
  const inOrder = rows.toSorted(
    (a, b) => a.ingestDay - b.ingestDay || Number(a.direction === 'return') - Number(b.direction === 'return'),
  );
  let [cents, units] = [0n, 0n];
  return inOrder.slice(0, Number(bounds.rows)).map((row) => {
    const kept = {
      ...row,
      cents: least(least(row.cents, bounds.rowCents), bounds.memberCents - cents),
      units: least(least(row.units, bounds.rowUnits), bounds.memberUnits - units),
    };
    cents += kept.cents;
    units += kept.units;
    return kept;
  });
}

const KEY_OF: Partial<Record<Key, (row: Row) => number | string>> = {
  'event-day': ({ eventDay }) => eventDay,
  'ingest-day': ({ ingestDay }) => ingestDay,
  week: ({ eventDay }) => Math.floor(eventDay / DAYS_A_WEEK),
  channel: ({ channel }) => channel,
  direction: ({ direction }) => direction,
};

function coordinateOf(row: Row, keys: readonly Key[]): string {
  return keys.map((key) => String(KEY_OF[key]?.(row))).join('|');
}

/** The parts of a row that go to different coordinates: by `match` a row of an odd channel is split in halves. */
function parts(value: bigint, { channel }: Row, keys: readonly Key[]): readonly [string, bigint][] {
  if (!keys.includes('match') || channel % 2 === 0) return [['advertised', value]];
  return [
    ['advertised', value / 2n],
    ['halo', value - value / 2n],
  ];
}

/** What the member's bounded rows add to the coordinates of a marginal: the whole difference that the member makes. */
export function contribution({ kind, keys }: GridMarginal, rows: readonly Row[]): ReadonlyMap<string, bigint> {
  const cells = new Map<string, bigint>();
  const [first] = rows;
  if (kind === 'partition') return first ? cells.set(coordinateOf(first, keys), 1n) : cells;
  for (const row of rows) {
    const at = coordinateOf(row, keys);
    if (kind === 'members') {
      if (row.direction === 'sale') cells.set(at, 1n);
      continue;
    }
    const sign = row.direction === 'return' ? -1n : 1n;
    for (const [part, value] of parts(kind === 'money' ? row.cents : row.units, row, keys))
      cells.set(at + part, (cells.get(at + part) ?? 0n) + sign * value);
  }
  return cells;
}

/** ‖v‖² of a member's contribution. */
export const normSquared = (cells: ReadonlyMap<string, bigint>): bigint =>
  [...cells.values()].reduce((sum, value) => sum + value * value, 0n);
