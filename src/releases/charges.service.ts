import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CursorPosition } from '../common/cursor.ts';
import { ReleaseContext } from './release-context.ts';

/** What one release drew on one budget. */
export interface Charge {
  readonly releaseId: string;
  readonly kind: string;
  readonly country: string;
  readonly requestedBy: string;
  readonly nanoRho: number;
  readonly state: 'reserved' | 'committed' | 'refunded';
  readonly createdAt: string;
}

interface ChargeRow {
  readonly id: string;
  readonly kind: string;
  readonly country: string;
  readonly requested_by: string;
  readonly nano_rho: string;
  readonly state: Charge['state'];
  readonly created_at: Date;
}

/** Reads what was charged to a budget, release by release. */
@Injectable()
export class ChargesService {
  constructor(
    private readonly source: DataSource,
    private readonly context: ReleaseContext,
  ) {}

  /** A charge shows as reserved until the outcome of its release is visible. Newest first, after the given position; one more than `limit` where there are more. */
  async list(scopeId: string, limit: number, after?: CursorPosition): Promise<Charge[]> {
    const { clock, config } = this.context;
    const now = clock.now();
    const rows = await this.source.query<ChargeRow[]>(
      `SELECT r.id, r.kind, r.country, r.requested_by, c.nano_rho, r.created_at,
              CASE WHEN r.visible_at > $5 AND r.visible_at <= $6 THEN 'reserved' ELSE c.state END AS state
       FROM budget_charge c JOIN release r ON r.id = c.release_id
       WHERE c.scope_id = $1 AND ($2::timestamptz IS NULL OR (r.created_at, r.id) < ($2, $3))
       ORDER BY r.created_at DESC, r.id DESC LIMIT $4`,
      [
        scopeId,
        after?.sortKey ?? null,
        after?.id ?? null,
        limit + 1,
        new Date(now),
        new Date(now + config.releaseSlotMs),
      ],
    );
    return rows.map((row) => ({
      releaseId: row.id,
      kind: row.kind,
      country: row.country,
      requestedBy: row.requested_by,
      nanoRho: Number(row.nano_rho),
      state: row.state,
      createdAt: row.created_at.toISOString(),
    }));
  }
}
