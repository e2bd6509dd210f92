import type { ContributionBounds } from '#core';
import { coordinatesOf, weekOf } from '#attribution';
import type { Coordinate, Grid, Key, Marginal, Slot } from '#attribution';
import type { Contribution } from './sensitivity-accounts.ts';

/** A kept row of a member, its amounts bounded. */
interface Kept {
  readonly member: number;
  readonly ingestDay: number;
  readonly direction: 'sale' | 'return';
  readonly eventDay: number | null;
  readonly channel: string | null;
  readonly storeType: string | null;
  readonly slot: Slot | null;
  readonly cents: bigint;
  readonly units: bigint;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** An amount within ±most. */
const within = (amount: bigint, most: bigint): bigint => (amount < 0n ? -least(-amount, most) : least(amount, most));

/**
 * What the words say about bounding, member by member, replaying the days on which rows came in. Plain on purpose, and
 * unlike SQL: it keeps a purse for each member and takes from it.
 */
export function boundedByHand(rows: readonly Contribution[], bounds: ContributionBounds): readonly Kept[] {
  const members = Map.groupBy(rows, ({ member }) => member);
  return [...members].flatMap(([member, own]) => (member === null ? [] : ofMember(member, own, bounds)));
}

function ofMember(member: number, rows: readonly Contribution[], bounds: ContributionBounds): readonly Kept[] {
  const days = rows.flatMap(({ ingestDay }) => (ingestDay === null ? [] : [ingestDay]));
  let purse = { cents: bounds.memberCents, units: bounds.memberUnits };
  const kept: Kept[] = [];
  for (const ingestDay of [...new Set(days)].toSorted((a, b) => a - b)) {
    for (const direction of ['sale', 'return'] as const) {
      if (BigInt(kept.length) >= bounds.rows) return kept;
      const row = largest(rows.filter((each) => each.ingestDay === ingestDay && directionOf(each) === direction));
      if (row === undefined) continue;
      const cents = within(within(row.cents ?? 0n, bounds.rowCents), purse.cents);
      const units = within(within(row.units ?? 0n, bounds.rowUnits), purse.units);
      purse = { cents: purse.cents - magnitude(cents), units: purse.units - magnitude(units) };
      kept.push({ ...row, member, ingestDay, direction, cents, units });
    }
  }
  return kept;
}

const directionOf = ({ sgn }: Contribution): Kept['direction'] | undefined =>
  sgn === 0 ? 'sale' : sgn === 1 ? 'return' : undefined;

/** Of several rows the one with most cents, then units; of equals the first by day, channel, store type and slot. */
function largest(rows: readonly Contribution[]): Contribution | undefined {
  const order: readonly ((row: Contribution) => Comparable | null)[] = [
    ({ cents }) => -(cents ?? 0n),
    ({ units }) => -(units ?? 0n),
    ({ eventDay }) => eventDay,
    ({ channel }) => channel,
    ({ storeType }) => storeType,
    ({ slot }) => slot,
  ];
  return rows.toSorted((a, b) => order.map((of) => compared(of(a), of(b))).find((sign) => sign !== 0) ?? 0)[0];
}

type Comparable = bigint | number | string;

/** Nothing comes last. */
function compared(a: Comparable | null, b: Comparable | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/** The vector of a marginal in the order of its coordinates. */
export function vectorByHand(marginal: Marginal, kept: readonly Kept[], grid: Grid): readonly bigint[] {
  return coordinatesOf(marginal, grid).map((coordinate) => {
    const here = kept.filter((row) => isAt(row, coordinate));
    if (marginal.kind === 'members') return BigInt(visitors(here).filter((row) => isOf(row, marginal.slots)).length);
    const wanted = { sales: ['sale'], returns: ['return'], each: ['sale', 'return'] }[marginal.directions];
    return here
      .filter((row) => wanted.includes(row.direction) && isOf(row, marginal.slots))
      .reduce((sum, row) => sum + (marginal.kind === 'money' ? row.cents : row.units), 0n);
  });
}

/** The first sale of each member. */
function visitors(rows: readonly Kept[]): readonly Kept[] {
  const first = new Map<number, Kept>();
  for (const row of rows) {
    if (row.direction === 'sale' && !first.has(row.member)) first.set(row.member, row);
  }
  return [...first.values()];
}

const isOf = ({ slot }: Kept, slots: readonly Slot[] | undefined): boolean =>
  slots === undefined || (slot !== null && slots.includes(slot));

const VALUES: Readonly<Record<Key, (row: Kept) => number | string | null>> = {
  'event-day': ({ eventDay }) => eventDay,
  'ingest-day': ({ ingestDay }) => ingestDay,
  week: ({ eventDay }) => (eventDay === null ? null : weekOf(eventDay)),
  channel: ({ channel }) => channel,
  'store-type': ({ storeType }) => storeType,
  direction: ({ direction }) => direction,
};

const isAt = (row: Kept, coordinate: Coordinate): boolean =>
  (Object.entries(coordinate) as [Key, number | string][]).every(([key, value]) => VALUES[key](row) === value);
