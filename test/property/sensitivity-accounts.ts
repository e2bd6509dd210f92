import type { ContributionBounds } from '#core';
import type { Grid, Slot } from '#attribution';
import type { Draws } from '../../libs/demo/draws.ts';

/** A row of the relation of contributions. What is NULL there is null here; nothing is promised of it. */
export interface Contribution {
  readonly database: number;
  readonly member: number | null;
  /** One of the member's cards. */
  readonly card: number | null;
  readonly ingestDay: number | null;
  readonly sgn: number | null;
  readonly cents: bigint | null;
  readonly units: bigint | null;
  readonly eventDay: number | null;
  readonly channel: string | null;
  readonly storeType: string | null;
  readonly slot: Slot | null;
}

/** What accounts are made from: they know the bounds that they try to break. */
export interface World {
  readonly draws: Draws;
  readonly bounds: ContributionBounds;
  readonly grid: Grid;
}

/** Both changes of the clock in 2025, and the turn of the ISO year. */
export const ODD_DAYS = [20_177, 20_387, 20_451];

export const CHANNELS = ['display', 'sponsored', 'video', 'tv', 'in-store'];
export const STORE_TYPES = ['store', 'online'];

const INT64_MAX = 2n ** 63n - 1n;
const HUGE = [2n ** 31n - 1n, 2n ** 53n - 1n, 2n ** 53n + 1n, INT64_MAX].flatMap((most) => [most, -most, -most - 1n]);

export const pick = <T>(draws: Draws, values: readonly T[]): T => values[draws.below(values.length)]!;

export const repeat = <T>(times: number, make: (index: number) => T): T[] =>
  Array.from({ length: times }, (_, index) => make(index));

export const slotOf = (lag: number): Slot => (lag <= 1 ? 'D' : lag <= 7 ? 'L' : 'U');

/** A row like any other: now and then late, or off the grid. */
function row({ draws, grid }: World): Contribution {
  const eventDay = grid.fromDay - 1 + draws.below(grid.toDay - grid.fromDay + 3);
  const lag = pick(draws, [0, 1, 1, 1, 3, 7, 8, 12]);
  const isReturn = draws.chance(0.2);
  return {
    database: 0,
    member: 0,
    card: 1,
    ingestDay: eventDay + lag,
    sgn: isReturn ? 1 : 0,
    cents: BigInt(1 + draws.below(6000)),
    units: BigInt(1 + draws.below(14)),
    eventDay,
    channel: draws.chance(0.1) ? 'unlisted' : pick(draws, CHANNELS),
    storeType: pick(draws, STORE_TYPES),
    slot: isReturn ? 'R' : slotOf(lag),
  };
}

const some = (world: World, most: number): Contribution[] => repeat(1 + world.draws.below(most), () => row(world));

/** More rows than are kept, each with the most that a row may bring, one ingest day after the other. */
function full(world: World): Contribution[] {
  const { bounds, grid, draws } = world;
  const sgn = draws.chance(0.8) ? 0 : 1;
  return repeat(Number(bounds.rows) + draws.below(3), (index) => ({
    ...row(world),
    sgn,
    cents: bounds.rowCents + BigInt(draws.below(2)),
    units: bounds.rowUnits + BigInt(draws.below(2)),
    ingestDay: grid.fromDay + index,
  }));
}

/** The days of a grid from week to week, then the days after these. */
function dayOfVisit({ fromDay, toDay }: Grid, visit: number): number {
  const days = toDay - fromDay + 1;
  return fromDay + ((visit * 7 + Math.floor((visit * 7) / days)) % days);
}

/** The kinds of account that a release must be safe for, each as rows of one member. */
export const ACCOUNTS = {
  'has no rows': () => [],
  'has one row': (world: World) => some(world, 1),
  'has some rows': (world: World) => some(world, 12),
  'is in one week and channel': (world: World) => {
    const { draws, grid } = world;
    const [channel, storeType] = [pick(draws, grid.channels), pick(draws, grid.storeTypes)];
    const eventDay = grid.fromDay + draws.below(grid.toDay - grid.fromDay + 1);
    return full(world).map((each) => ({ ...each, eventDay, channel, storeType, slot: 'D' as const }));
  },
  'is everywhere': (world: World) => {
    const { channels, storeTypes } = world.grid;
    return full(world).map((each, visit) => ({
      ...each,
      sgn: 0,
      eventDay: dayOfVisit(world.grid, visit),
      channel: channels[visit % channels.length]!,
      storeType: storeTypes[visit % storeTypes.length]!,
      slot: 'D' as const,
    }));
  },
  'bought and gave back': (world: World) =>
    some(world, 5).flatMap((each) => [each, { ...each, sgn: 1, slot: 'R' as const }]),
  'is listed twice': (world: World) =>
    some(world, 5).flatMap((each) => [each, each, { ...each, units: BigInt(world.draws.below(14)) }]),
  'has two cards': (world: World) => full(world).flatMap((each) => [1, 2].map((card) => ({ ...each, sgn: 0, card }))),
  'has several rows a day': (world: World) =>
    full(world).map((each) => ({ ...each, ingestDay: world.grid.fromDay, eventDay: world.grid.fromDay })),
  'has huge amounts': (world: World) =>
    some(world, 8).map((each) => ({ ...each, cents: pick(world.draws, HUGE), units: pick(world.draws, HUGE) })),
  'has gaps': (world: World) => {
    const columns = ['card', 'ingestDay', 'sgn', 'cents', 'units', 'eventDay', 'channel', 'storeType', 'slot'] as const;
    return some(world, 9).map((each) => ({ ...each, [pick(world.draws, columns)]: null }));
  },
  'shops as clocks change': (world: World) =>
    some(world, 6).map((each) => {
      const eventDay = pick(world.draws, ODD_DAYS) - 1 + world.draws.below(3);
      return { ...each, eventDay, ingestDay: eventDay + 1 };
    }),
  // Rows of nobody, whom nobody can take away.
  'is unknown': (world: World) => some(world, 3).map((each) => ({ ...each, member: null })),
} as const satisfies Readonly<Record<string, (world: World) => readonly Contribution[]>>;

export type AccountKind = keyof typeof ACCOUNTS;

export const ACCOUNT_KINDS = Object.keys(ACCOUNTS) as AccountKind[];
