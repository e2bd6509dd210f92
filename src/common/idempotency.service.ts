import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError } from '#core';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { sqlStateOf } from './database-errors.ts';
import { checkIdempotencyKey, outcomeOf, replay, storedAnswer, storedRefusal } from './idempotency.ts';
import type { Answer, IdempotentAnswer, IdempotentRequest, StoredOutcome } from './idempotency.ts';
import { PROBLEMS } from './problem.ts';

/** How long an answer is kept, milliseconds. */
export const IDEMPOTENCY_RETENTION_MS = 24 * 60 * 60 * 1_000;

/** How long a running request keeps its key without ending, milliseconds: longer than any request may run. */
export const IDEMPOTENCY_LEASE_MS = 2 * 60 * 1_000;

/** Rounds against a row that others delete or expire meanwhile. */
const CLAIM_ROUNDS_MAX = 3;
const LOCK_NOT_AVAILABLE = '55P03';

interface KeyRow {
  readonly request_hash: string;
  readonly state: 'in-flight' | 'done';
  readonly status: number | null;
  readonly body: string | null;
  readonly lease_until: Date | null;
}

/** A key that is ours to answer, with the token that fences off a request that lost its lease. */
interface Claim {
  readonly request: IdempotentRequest & { readonly key: string };
  readonly lease: string;
}

/**
 * Makes a repeated request give the first one's answer (draft-ietf-httpapi-idempotency-key-header). A key belongs to
 * one owner and route and is kept 24 hours.
 *
 * - same key, same content, finished: the stored status and body, marked as a replay;
 * - same key, other content: 'idempotency-key-reused';
 * - same key, still running: 'idempotency-in-flight' with the seconds until its lease ends.
 */
@Injectable()
export class IdempotencyService {
  readonly #source: DataSource;
  readonly #clock: Clock;

  constructor(source: DataSource, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /**
   * For work that commits by itself, such as a release: the key is claimed durably under a lease, the work runs, its
   * answer is stored. A process that dies leaves the lease to end; then the next request with the same content runs the
   * work again, which must be harmless. One that outlives its lease cannot overwrite its successor's answer.
   *
   * A refusal that will stay (4xx) is stored and replayed too. One that may pass, such as an exhausted budget, a busy
   * warehouse or any 5xx, frees the key, so that a later retry can succeed.
   *
   * @throws DomainError 'idempotency-key-required', '-invalid', '-reused', 'idempotency-in-flight'; what the work throws.
   */
  async run(request: IdempotentRequest, work: () => Promise<Answer>): Promise<IdempotentAnswer> {
    const key = checkIdempotencyKey(request);
    if (key === undefined) return { ...(await work()), replayed: false };
    const claim = await this.#claim({ ...request, key });
    if ('outcome' in claim) return replay(claim.outcome);
    try {
      const answer = await work();
      await this.#store(this.#source.manager, claim, storedAnswer(answer));
      return { ...answer, replayed: false };
    } catch (error) {
      await this.#settleRefusal(claim, error);
      throw error;
    }
  }

  /**
   * For work of one transaction: the key, the effect and the stored answer are committed together or not at all. A
   * refusal rolls back all three. A second request waits for the first, as long as the lock time-out lets it.
   */
  async runInTransaction(
    request: IdempotentRequest,
    work: (manager: EntityManager) => Promise<Answer>,
  ): Promise<IdempotentAnswer> {
    const key = checkIdempotencyKey(request);
    return this.#source.transaction(async (manager) => {
      if (key === undefined) return { ...(await work(manager)), replayed: false };
      const claim = await this.#claim({ ...request, key }, manager);
      if ('outcome' in claim) return replay(claim.outcome);
      const answer = await work(manager);
      await this.#store(manager, claim, storedAnswer(answer));
      return { ...answer, replayed: false };
    });
  }

  /** Deletes what is older than the retention. @returns how many keys. */
  async purge(now: number = this.#clock.now()): Promise<number> {
    const deleted: unknown[] = await this.#source.manager.query(
      `WITH gone AS (DELETE FROM idempotency_key WHERE created_at <= $1 RETURNING 1) SELECT 1 FROM gone`,
      [new Date(now - IDEMPOTENCY_RETENTION_MS)],
    );
    return deleted.length;
  }

  /** Takes the key, or says what is stored under it. */
  async #claim(
    request: Claim['request'],
    manager: EntityManager = this.#source.manager,
  ): Promise<Claim | { readonly outcome: StoredOutcome }> {
    for (let round = 0; round < CLAIM_ROUNDS_MAX; round++) {
      const lease = randomBytes(16).toString('hex');
      if (await this.#tryClaim(manager, { request, lease })) return { request, lease };
      const row = await this.#read(manager, request);
      if (row === undefined) continue;
      if (row.request_hash !== request.requestHash) throw reused();
      if (row.state === 'done') return { outcome: outcomeOf(row.status, row.body) };
      throw inFlight((row.lease_until?.getTime() ?? 0) - this.#clock.now());
    }
    throw inFlight(1_000);
  }

  /** One statement: inserts the key, or takes over one that is past its retention or its lease. */
  async #tryClaim(manager: EntityManager, { request, lease }: Claim): Promise<boolean> {
    const now = this.#clock.now();
    try {
      const claimed: unknown[] = await manager.query(
        `INSERT INTO idempotency_key AS k
           (owner, route, key, request_hash, state, lease, lease_until, created_at)
         VALUES ($1, $2, $3, $4, 'in-flight', $5, $6, $7)
         ON CONFLICT (owner, route, key) DO UPDATE SET
           request_hash = excluded.request_hash, state = 'in-flight', status = NULL, body = NULL,
           lease = excluded.lease, lease_until = excluded.lease_until,
           created_at = CASE WHEN k.created_at <= $8 THEN excluded.created_at ELSE k.created_at END
         WHERE k.created_at <= $8
            OR (k.state = 'in-flight' AND k.lease_until <= $7 AND k.request_hash = excluded.request_hash)
         RETURNING 1`,
        [
          request.owner,
          request.route,
          request.key,
          request.requestHash,
          lease,
          new Date(now + IDEMPOTENCY_LEASE_MS),
          new Date(now),
          new Date(now - IDEMPOTENCY_RETENTION_MS),
        ],
      );
      return claimed.length > 0;
    } catch (error) {
      if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) throw inFlight(1_000);
      throw error;
    }
  }

  async #read(manager: EntityManager, request: Claim['request']): Promise<KeyRow | undefined> {
    const rows: KeyRow[] = await manager.query(
      `SELECT request_hash, state, status, body, lease_until
         FROM idempotency_key WHERE owner = $1 AND route = $2 AND key = $3`,
      [request.owner, request.route, request.key],
    );
    return rows[0];
  }

  async #store(manager: EntityManager, { request, lease }: Claim, outcome: StoredOutcome): Promise<void> {
    await manager.query(
      `UPDATE idempotency_key SET state = 'done', status = $5, body = $6, lease = NULL, lease_until = NULL
        WHERE owner = $1 AND route = $2 AND key = $3 AND lease = $4`,
      [request.owner, request.route, request.key, lease, outcome.status, outcome.body],
    );
  }

  async #settleRefusal(claim: Claim, error: unknown): Promise<void> {
    if (error instanceof DomainError && !PROBLEMS[error.code].retryable) {
      await this.#store(this.#source.manager, claim, storedRefusal(error));
      return;
    }
    await this.#source.manager.query(
      `DELETE FROM idempotency_key WHERE owner = $1 AND route = $2 AND key = $3 AND lease = $4`,
      [claim.request.owner, claim.request.route, claim.request.key, claim.lease],
    );
  }
}

const reused = (): DomainError =>
  new DomainError('idempotency-key-reused', {
    public: 'This "Idempotency-Key" was used for a request with another content, must be a new one.',
  });

const inFlight = (milliseconds: number): DomainError =>
  new DomainError('idempotency-in-flight', {
    public: 'The first request with this "Idempotency-Key" is still running.',
    retryAfterSeconds: Math.max(1, Math.ceil(milliseconds / 1_000)),
  });
