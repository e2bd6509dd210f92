import type { EntityManager } from 'typeorm';

export interface BookedRelease {
  readonly id: string;
  readonly releaseKey: string;
  readonly brandId: string;
  readonly country: string;
  readonly nanoRho: bigint;
  readonly state: 'reserved' | 'running' | 'committed' | 'burned' | 'refunded';
  readonly answer: string | null;
}

export interface BookedCharge {
  readonly releaseId: string;
  readonly scope: string;
  readonly day: string;
  readonly nanoRho: bigint;
  readonly state: 'reserved' | 'committed' | 'refunded';
}

/** Everything the ledger holds. */
export interface Books {
  readonly releases: readonly BookedRelease[];
  readonly charges: readonly BookedCharge[];
  readonly days: readonly { scope: string; day: string; reserved: bigint; committed: bigint }[];
  readonly scopes: readonly { id: string; monthCap: bigint; yearCap: bigint }[];
}

const CHARGE_OF = {
  reserved: 'reserved',
  running: 'reserved',
  committed: 'committed',
  burned: 'committed',
  refunded: 'refunded',
} as const;

const YEAR_MS = 365 * 86_400_000;

/** Reads the tables as they are, in one statement each. */
export async function readBooks(manager: EntityManager): Promise<Books> {
  type Row = Readonly<Record<string, string>>;
  const releases = await manager.query<Row[]>(`SELECT * FROM release ORDER BY id`);
  const charges = await manager.query<Row[]>(
    `SELECT release_id, scope_id, day::text AS day, nano_rho, state FROM budget_charge ORDER BY release_id, scope_id`,
  );
  const days = await manager.query<Row[]>(
    `SELECT scope_id, day::text AS day, reserved_nrho, committed_nrho FROM budget_day ORDER BY scope_id, budget_day.day`,
  );
  const scopes = await manager.query<Row[]>(`SELECT * FROM budget_scope ORDER BY id`);
  return {
    releases: releases.map((row) => ({
      id: row['id'] ?? '',
      releaseKey: row['release_key'] ?? '',
      brandId: row['brand_id'] ?? '',
      country: row['country'] ?? '',
      nanoRho: BigInt(row['nano_rho'] ?? 0),
      state: row['state'] as BookedRelease['state'],
      answer: row['answer'] ?? null,
    })),
    charges: charges.map((row) => ({
      releaseId: row['release_id'] ?? '',
      scope: row['scope_id'] ?? '',
      day: row['day'] ?? '',
      nanoRho: BigInt(row['nano_rho'] ?? 0),
      state: row['state'] as BookedCharge['state'],
    })),
    days: days.map((row) => ({
      scope: row['scope_id'] ?? '',
      day: row['day'] ?? '',
      reserved: BigInt(row['reserved_nrho'] ?? 0),
      committed: BigInt(row['committed_nrho'] ?? 0),
    })),
    scopes: scopes.map((row) => ({
      id: row['id'] ?? '',
      monthCap: BigInt(row['month_cap_nrho'] ?? 0),
      yearCap: BigInt(row['year_cap_nrho'] ?? 0),
    })),
  };
}

/**
 * What is wrong with the books, in words; empty when all of this holds: each release is charged its price to its
 * country and its brand, in the state that its own state calls for; a day's sums are the sums of its charges; no
 * calendar month and no 365 days in a row hold more than the cap; a question has one open or answered release.
 */
export function faultsOf(books: Books): string[] {
  return [...chargeFaults(books), ...dayFaults(books), ...capFaults(books), ...keyFaults(books)];
}

function chargeFaults({ releases, charges }: Books): string[] {
  return releases.flatMap((release) => {
    const is = charges
      .filter((charge) => charge.releaseId === release.id)
      .map((charge) => `${charge.scope} ${charge.nanoRho} ${charge.state}`)
      .toSorted();
    const should = [`brand:${release.brandId}`, `global:${release.country}`].map(
      (scope) => `${scope} ${release.nanoRho} ${CHARGE_OF[release.state]}`,
    );
    return is.join() === should.join() ? [] : [`${release.state} ${release.id} is charged ${is.join()}`];
  });
}

function dayFaults({ charges, days }: Books): string[] {
  const sum = (scope: string, day: string, state: BookedCharge['state']): bigint =>
    charges
      .filter((charge) => charge.scope === scope && charge.day === day && charge.state === state)
      .reduce((total, charge) => total + charge.nanoRho, 0n);
  const known = new Set(days.map(({ scope, day }) => `${scope} ${day}`));
  return [
    ...charges
      .filter(({ scope, day }) => !known.has(`${scope} ${day}`))
      .map(({ scope, day }) => `${scope} lacks ${day}`),
    ...days.flatMap(({ scope, day, reserved, committed }) =>
      sum(scope, day, 'reserved') === reserved && sum(scope, day, 'committed') === committed
        ? []
        : [`${scope} on ${day}: sums ${reserved} and ${committed} are not those of its charges`],
    ),
  ];
}

function capFaults({ charges, scopes }: Books): string[] {
  return scopes.flatMap(({ id, monthCap, yearCap }) => {
    const held = charges.filter(({ scope, state }) => scope === id && state !== 'refunded');
    const sum = (within: (day: string) => boolean): bigint =>
      held.filter(({ day }) => within(day)).reduce((total, charge) => total + charge.nanoRho, 0n);
    return [...new Set(held.map(({ day }) => day))].flatMap((last) => {
      const year = sum((day) => day <= last && Date.parse(day) > Date.parse(last) - YEAR_MS);
      const month = sum((day) => day.slice(0, 7) === last.slice(0, 7));
      return [
        ...(month > monthCap ? [`${id} has ${month} in the month of ${last}, above ${monthCap}`] : []),
        ...(year > yearCap ? [`${id} has ${year} in the 365 days to ${last}, above ${yearCap}`] : []),
      ];
    });
  });
}

function keyFaults({ releases }: Books): string[] {
  const live = releases.filter(({ state }) => ['reserved', 'running', 'committed'].includes(state));
  const keys = live.map(({ releaseKey }) => releaseKey);
  return keys.length === new Set(keys).size ? [] : ['a question has two live releases'];
}
