import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sha256Hex } from '#core';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { describeState, gcraSpacing } from './rate-limit.ts';
import type { RateLimitDecision, RateLimitPolicy } from './rate-limit.ts';

const PURGE_BATCH = 10_000;

/**
 * Counts requests for all replicas together: `gcraStep` in PostgreSQL, one statement and one row per key, so that two
 * requests at the same moment cannot take the same place. The table is not logged: after a crash every quota is full.
 */
@Injectable()
export class RateLimitService {
  readonly #source: DataSource;
  readonly #clock: Clock;

  constructor(source: DataSource, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** @param who whose quota it is; kept as a digest only, because it may be a client's address. */
  async take(policy: RateLimitPolicy, who: string): Promise<RateLimitDecision> {
    const spacing = gcraSpacing(policy);
    const nowMicros = this.#clock.now() * 1_000;
    const rows: { tat: string; allowed: boolean }[] = await this.#source.manager.query(
      `INSERT INTO rate_limit AS r (key, tat, allowed) VALUES ($1, $2::bigint + $3::bigint, true)
       ON CONFLICT (key) DO UPDATE SET
         tat = CASE WHEN greatest(r.tat, $2::bigint) + $3::bigint - $2::bigint <= $4::bigint
                    THEN greatest(r.tat, $2::bigint) + $3::bigint ELSE r.tat END,
         allowed = greatest(r.tat, $2::bigint) + $3::bigint - $2::bigint <= $4::bigint
       RETURNING tat, allowed`,
      [`${policy.name}:${sha256Hex(who)}`, nowMicros, spacing.intervalMicros, spacing.burstMicros],
    );
    const row = rows[0];
    if (row === undefined) throw new Error('the rate limit statement returned no row');
    return describeState({ allowed: row.allowed, tatMicros: Number(row.tat) }, nowMicros, spacing);
  }

  /** Deletes keys whose quota is full again, a bounded number at once. @returns how many. */
  async purge(now: number = this.#clock.now()): Promise<number> {
    const deleted: unknown[] = await this.#source.manager.query(
      `WITH gone AS (
         DELETE FROM rate_limit WHERE key IN (SELECT key FROM rate_limit WHERE tat <= $1::bigint LIMIT $2) RETURNING 1
       ) SELECT 1 FROM gone`,
      [now * 1_000, PURGE_BATCH],
    );
    return deleted.length;
  }
}
