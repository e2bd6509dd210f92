import type { ContributionBounds } from '#core';
import type { Grid } from '#attribution';
import { Draws, STREAM } from '../../libs/demo/draws.ts';
import { ACCOUNTS, ACCOUNT_KINDS, CHANNELS, ODD_DAYS, STORE_TYPES, pick, repeat } from './sensitivity-accounts.ts';
import type { AccountKind, Contribution, World } from './sensitivity-accounts.ts';
import type { Pair } from './sensitivity.ts';

/** Databases under one set of bounds and one grid, each with the members that are taken away in turn. */
export interface ContributionBatch {
  readonly bounds: ContributionBounds;
  readonly grid: Grid;
  readonly databases: readonly number[];
  readonly rows: readonly Contribution[];
  /** An account with more rows than one would list. */
  readonly heavy: { readonly database: number; readonly member: number } | undefined;
  readonly pairs: readonly Pair[];
}

interface Member {
  readonly id: number;
  readonly kind: AccountKind;
  readonly rows: readonly Contribution[];
}

const MEMBERS_MIN = 6;
const MEMBERS_MORE = 9;
const HEAVY_EVERY = 4;

/** Batch number `batch`: `size` databases, numbered over all batches. Every fourth batch holds a heavy account. */
export function contributionBatch(seed: number, batch: number, size: number): ContributionBatch {
  const draws = new Draws(seed).start(STREAM.world, batch);
  const world = { draws, bounds: boundsOf(batch), grid: gridOf(batch, draws) };
  const databases = repeat(size, (index) => ({ database: batch * size + index, members: membersOf(world) }));
  const [first] = databases;
  const heavy =
    batch % HEAVY_EVERY === 0 && first !== undefined
      ? { database: first.database, member: first.members.length + 1 }
      : undefined;
  const pairs = databases.flatMap(({ database, members }) =>
    removedOf(members, draws).map((removed) => ({ database, removed })),
  );
  return {
    bounds: world.bounds,
    grid: world.grid,
    databases: databases.map(({ database }) => database),
    rows: databases.flatMap(({ database, members }) =>
      members.flatMap(({ rows }) => rows.map((row) => ({ ...row, database }))),
    ),
    heavy,
    pairs: heavy === undefined ? pairs : [...pairs, { database: heavy.database, removed: heavy.member }],
  };
}

/** A row's cap below, at and above that of all rows together, tiny, and the largest there are. */
const CAPS: readonly (readonly [ofRow: bigint, ofMember: bigint])[] = [
  [2000n, 4500n],
  [4500n, 4500n],
  [1n, 1n],
  [3000n, 1000n],
  [10n ** 17n, 2n ** 32n],
  [1000n, 10n ** 6n],
  [777n, 3001n],
];
const ROWS = [5n, 3n, 8n, 2n, 5n, 1n];
const DAYS = [14, 60, 1, 30, 7];

/** In turn, so that a dozen batches know every proportion. */
const nth = <T>(values: readonly T[], index: number): T => values[index % values.length]!;

function boundsOf(batch: number): ContributionBounds {
  const [rowCents, memberCents] = nth(CAPS, batch);
  const [rowUnits, memberUnits] = nth(CAPS, 3 * batch + 1);
  return { rows: nth(ROWS, batch), rowCents, memberCents, rowUnits, memberUnits };
}

function gridOf(batch: number, draws: Draws): Grid {
  const fromDay = pick(draws, ODD_DAYS) - draws.below(10);
  return {
    fromDay,
    toDay: fromDay + nth(DAYS, batch) - 1,
    channels: CHANNELS.slice(0, 1 + draws.below(CHANNELS.length)),
    storeTypes: STORE_TYPES.slice(0, 1 + draws.below(STORE_TYPES.length)),
  };
}

function membersOf(world: World): readonly Member[] {
  return repeat(MEMBERS_MIN + world.draws.below(MEMBERS_MORE), (index) => {
    const [id, kind] = [index + 1, pick(world.draws, ACCOUNT_KINDS)];
    const rows = ACCOUNTS[kind](world).map((row) => (row.member === null ? row : { ...row, member: id }));
    return { id, kind, rows };
  });
}

/** The member with most rows, one of each kind that is hard to bound, one without rows, and one at random. */
function removedOf(members: readonly Member[], draws: Draws): readonly number[] {
  const hard: readonly AccountKind[] = [
    'has two cards',
    'has no rows',
    'is in one week and channel',
    'is everywhere',
    'has huge amounts',
  ];
  const chosen = [
    members.toSorted((a, b) => b.rows.length - a.rows.length)[0]?.id,
    ...hard.map((wanted) => members.find(({ kind }) => kind === wanted)?.id),
    pick(draws, members).id,
  ];
  return [...new Set(chosen.filter((id) => id !== undefined))];
}
