import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type { Json } from '#core';
import type { PrivacyLoss } from '#privacy';
import type { CursorPosition } from '../common/cursor.ts';
import { changed } from '../database/changed.ts';
import type { HiddenSpan } from './slot.ts';

export type ReleaseState = 'reserved' | 'running' | 'committed' | 'burned' | 'refunded';

/** One row of `release`. Instants are milliseconds since the epoch. */
export interface ReleaseRow {
  readonly id: string;
  readonly releaseKey: string;
  readonly kind: string;
  readonly brandId: string;
  readonly country: string;
  readonly dataVersion: number;
  readonly question: Json;
  readonly nanoRho: bigint;
  readonly state: ReleaseState;
  readonly failure: string | null;
  readonly answer: string | null;
  readonly requestedBy: string;
  /** Brand id when somebody else acted for it. */
  readonly actingFor: string | null;
  readonly createdAt: number;
  readonly visibleAt: number | null;
  readonly leaseUntil: number;
  /** Which of its country's final charges it is, from 1; null while open and when refunded. */
  readonly settledPosition: bigint | null;
}

export interface NewRelease {
  readonly id: string;
  readonly releaseKey: string;
  readonly kind: string;
  readonly brandId: string;
  readonly country: string;
  readonly dataVersion: number;
  readonly question: Json;
  readonly price: PrivacyLoss;
  readonly requestedBy: string;
  /** Brand id when somebody else acted for it. */
  readonly actingFor: string | null;
  readonly createdAt: number;
  readonly leaseUntil: number;
}

export interface ReleaseListing {
  readonly limit: number;
  readonly after?: CursorPosition | undefined;
  readonly audienceId?: string | undefined;
}

interface StoredRow {
  readonly id: string;
  readonly release_key: string;
  readonly kind: string;
  readonly brand_id: string;
  readonly country: string;
  readonly data_version: number;
  readonly question: Json;
  readonly nano_rho: string;
  readonly state: ReleaseState;
  readonly failure: string | null;
  readonly answer: string | null;
  readonly requested_by: string;
  readonly acting_for: string | null;
  readonly created_at: Date;
  readonly visible_at: Date | null;
  readonly lease_until: Date;
  readonly settled_position: string | null;
}

const instant = (milliseconds: number): Date => new Date(milliseconds);

/** The release rows. Every change of state names the state it leaves, so that two settlers cannot both succeed. */
@Injectable()
export class ReleaseStoreService {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  /**
   * Adds a reserved release unless the same question is already open or answered. Waits for a transaction that is just
   * adding it.
   *
   * @returns whether the row was added.
   */
  async insertReserved(manager: EntityManager, release: NewRelease): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `INSERT INTO release (id, release_key, kind, brand_id, country, data_version, question, nano_rho, quecto_theta,
                            state, requested_by, acting_for, created_at, lease_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'reserved', $10, $11, $12, $13)
       ON CONFLICT (release_key) WHERE state IN ('reserved', 'running', 'committed') DO NOTHING RETURNING id`,
      [
        release.id,
        release.releaseKey,
        release.kind,
        release.brandId,
        release.country,
        release.dataVersion,
        JSON.stringify(release.question),
        release.price.nanoRho.toString(),
        release.price.quectoTheta.toString(),
        release.requestedBy,
        release.actingFor,
        instant(release.createdAt),
        instant(release.leaseUntil),
      ],
    );
    return rows.length === 1;
  }

  /**
   * The release that a question joins: one that is open, answered, or has failed and does not show it yet. A failure that
   * may not be seen must not be told from a query that still runs, so until its slot it is not asked anew either.
   *
   * @param hidden where outcomes lie that are settled but not visible.
   */
  async findJoinable(releaseKey: string, hidden: HiddenSpan): Promise<ReleaseRow | undefined> {
    const [row] = await this.#source.query<StoredRow[]>(
      // Each arm has an index of its own.
      `SELECT * FROM release WHERE release_key = $1 AND state IN ('reserved', 'running', 'committed')
       UNION ALL
       SELECT * FROM release WHERE release_key = $1 AND visible_at > $2 AND visible_at <= $3
       ORDER BY created_at DESC, id DESC LIMIT 1`,
      [releaseKey, instant(hidden.after), instant(hidden.upTo)],
    );
    return row === undefined ? undefined : fromRow(row);
  }

  async find(id: string): Promise<ReleaseRow | undefined> {
    const [row] = await this.#source.query<StoredRow[]>('SELECT * FROM release WHERE id = $1', [id]);
    return row === undefined ? undefined : fromRow(row);
  }

  /** Releases of these brands, newest first; one more than `limit` where there are more. */
  async list(brandIds: readonly string[], listing: ReleaseListing): Promise<ReleaseRow[]> {
    const rows = await this.#source.query<StoredRow[]>(
      `SELECT * FROM release WHERE brand_id = ANY($1)
         AND ($2::text IS NULL OR id IN (SELECT release_id FROM audience_size WHERE audience_id = $2))
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [
        brandIds,
        listing.audienceId ?? null,
        listing.after?.sortKey ?? null,
        listing.after?.id ?? null,
        listing.limit + 1,
      ],
    );
    return rows.map(fromRow);
  }

  /** Releases whose worker stopped renewing its lease. */
  async expired(now: number, limit: number): Promise<ReleaseRow[]> {
    const rows = await this.#source.query<StoredRow[]>(
      `SELECT * FROM release WHERE state IN ('reserved', 'running') AND lease_until <= $1 ORDER BY lease_until LIMIT $2`,
      [instant(now), limit],
    );
    return rows.map(fromRow);
  }

  /** Marks the point after which rows may have been read. False when somebody settled the reservation before. */
  async start(id: string, now: number, leaseUntil: number): Promise<boolean> {
    const count = await changed(
      this.#source.manager,
      `UPDATE release SET state = 'running', started_at = $2, lease_until = $3 WHERE id = $1 AND state = 'reserved'`,
      [id, instant(now), instant(leaseUntil)],
    );
    return count === 1;
  }

  async renewLease(id: string, leaseUntil: number): Promise<void> {
    await changed(this.#source.manager, `UPDATE release SET lease_until = $2 WHERE id = $1 AND state = 'running'`, [
      id,
      instant(leaseUntil),
    ]);
  }

  /** Stores the noised answer. False when the release was settled by somebody else: the answer must then be dropped. */
  async commit(manager: EntityManager, id: string, answer: string, now: number, visibleAt: number): Promise<boolean> {
    const count = await changed(
      manager,
      `UPDATE release SET state = 'committed', answer = $2, settled_at = $3, visible_at = $4
       WHERE id = $1 AND state = 'running'`,
      [id, answer, instant(now), instant(visibleAt)],
    );
    return count === 1;
  }

  /**
   * Ends an attempt without an answer. False when it had left the state `from`, or when only an expired one was to be
   * ended and its worker renewed the lease meanwhile.
   */
  async fail(
    manager: EntityManager,
    id: string,
    change: {
      from: 'reserved' | 'running';
      to: 'burned' | 'refunded';
      failure: string;
      now: number;
      visibleAt: number;
      onlyIfExpired: boolean;
    },
  ): Promise<boolean> {
    const count = await changed(
      manager,
      `UPDATE release SET state = $3, failure = $4, settled_at = $5, visible_at = $6
       WHERE id = $1 AND state = $2 AND (NOT $7 OR lease_until <= $5)`,
      [
        id,
        change.from,
        change.to,
        change.failure,
        instant(change.now),
        instant(change.visibleAt),
        change.onlyIfExpired,
      ],
    );
    return count === 1;
  }
}

function fromRow(row: StoredRow): ReleaseRow {
  return {
    id: row.id,
    releaseKey: row.release_key,
    kind: row.kind,
    brandId: row.brand_id,
    country: row.country,
    dataVersion: row.data_version,
    question: row.question,
    nanoRho: BigInt(row.nano_rho),
    state: row.state,
    failure: row.failure,
    answer: row.answer,
    requestedBy: row.requested_by,
    actingFor: row.acting_for,
    createdAt: row.created_at.getTime(),
    visibleAt: row.visible_at?.getTime() ?? null,
    leaseUntil: row.lease_until.getTime(),
    settledPosition: row.settled_position === null ? null : BigInt(row.settled_position),
  };
}
