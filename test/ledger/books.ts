import type { EntityManager } from 'typeorm';

export interface BookedRelease {
  readonly id: string;
  readonly releaseKey: string;
  readonly brandId: string;
  readonly country: string;
  readonly nanoRho: bigint;
  readonly theta: bigint;
  readonly state: 'reserved' | 'running' | 'committed' | 'burned' | 'refunded';
  readonly answer: string | null;
  readonly position: bigint | null;
}

export interface BookedCharge {
  readonly releaseId: string;
  readonly scope: string;
  readonly day: string;
  readonly nanoRho: bigint;
  readonly theta: bigint;
  readonly state: 'reserved' | 'committed' | 'refunded';
}

/** An entry that no release made. */
export interface BookedAdjustment {
  readonly scope: string;
  readonly day: string;
  readonly nanoRho: bigint;
  readonly theta: bigint;
  readonly kind: 'charge' | 'credit' | 'restore';
}

export interface BookedScope {
  readonly id: string;
  readonly monthCap: bigint | null;
  readonly yearCap: bigint | null;
  readonly totalCap: bigint | null;
  /** More was taken over or promised than fits. */
  readonly overcommitted: boolean;
  readonly settledCharges: bigint;
  readonly settledNanoRho: bigint;
  readonly settledTheta: bigint;
}

export interface BookedDay {
  readonly scope: string;
  readonly day: string;
  readonly reserved: bigint;
  readonly committed: bigint;
  readonly reservedTheta: bigint;
  readonly committedTheta: bigint;
}

/** Everything the ledger holds. */
export interface Books {
  readonly releases: readonly BookedRelease[];
  readonly charges: readonly BookedCharge[];
  readonly adjustments: readonly BookedAdjustment[];
  readonly days: readonly BookedDay[];
  readonly scopes: readonly BookedScope[];
}

type Row = Readonly<Record<string, string | null>>;

const text = (row: Row, column: string): string => row[column] ?? '';
const integer = (row: Row, column: string): bigint => BigInt(row[column] ?? 0);
const optional = (row: Row, column: string): bigint | null => {
  const value = row[column] ?? null;
  return value === null ? null : BigInt(value);
};

/** Reads the tables as they are, in one statement each. */
export async function readBooks(manager: EntityManager): Promise<Books> {
  const releases = await manager.query<Row[]>(`SELECT * FROM release ORDER BY id`);
  const charges = await manager.query<Row[]>(
    `SELECT release_id, scope_id, day::text AS day, nano_rho, quecto_theta, state FROM budget_charge
     ORDER BY release_id, scope_id`,
  );
  const adjustments = await manager.query<Row[]>(
    `SELECT scope_id, day::text AS day, nano_rho, quecto_theta, kind FROM budget_adjustment ORDER BY id`,
  );
  const days = await manager.query<Row[]>(
    `SELECT scope_id, day::text AS day, reserved_nrho, committed_nrho, reserved_qtheta, committed_qtheta
     FROM budget_day ORDER BY scope_id, budget_day.day`,
  );
  const scopes = await manager.query<(Row & { readonly overcommitted: boolean })[]>(
    `SELECT * FROM budget_scope ORDER BY id`,
  );
  return {
    releases: releases.map(bookedRelease),
    charges: charges.map((row) => ({
      ...bookedAmount(row),
      releaseId: text(row, 'release_id'),
      state: text(row, 'state') as BookedCharge['state'],
    })),
    adjustments: adjustments.map((row) => ({
      ...bookedAmount(row),
      kind: text(row, 'kind') as BookedAdjustment['kind'],
    })),
    days: days.map((row) => ({
      scope: text(row, 'scope_id'),
      day: text(row, 'day'),
      reserved: integer(row, 'reserved_nrho'),
      committed: integer(row, 'committed_nrho'),
      reservedTheta: integer(row, 'reserved_qtheta'),
      committedTheta: integer(row, 'committed_qtheta'),
    })),
    scopes: scopes.map((row) => ({ ...bookedScope(row), overcommitted: row.overcommitted })),
  };
}

const bookedRelease = (row: Row): BookedRelease => ({
  id: text(row, 'id'),
  releaseKey: text(row, 'release_key'),
  brandId: text(row, 'brand_id'),
  country: text(row, 'country'),
  nanoRho: integer(row, 'nano_rho'),
  theta: integer(row, 'quecto_theta'),
  state: text(row, 'state') as BookedRelease['state'],
  answer: row['answer'] ?? null,
  position: optional(row, 'settled_position'),
});

const bookedAmount = (row: Row): Pick<BookedCharge, 'scope' | 'day' | 'nanoRho' | 'theta'> => ({
  scope: text(row, 'scope_id'),
  day: text(row, 'day'),
  nanoRho: integer(row, 'nano_rho'),
  theta: integer(row, 'quecto_theta'),
});

const bookedScope = (row: Row): Omit<BookedScope, 'overcommitted'> => ({
  id: text(row, 'id'),
  monthCap: optional(row, 'month_cap_nrho'),
  yearCap: optional(row, 'year_cap_nrho'),
  totalCap: optional(row, 'total_cap_nrho'),
  settledCharges: integer(row, 'settled_charges'),
  settledNanoRho: integer(row, 'settled_nrho'),
  settledTheta: integer(row, 'settled_qtheta'),
});
