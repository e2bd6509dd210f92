import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Json } from '#core';
import type { CursorPosition, CursorSealer } from '../common/cursor.ts';
import { toPage } from '../common/page.ts';
import type { Page, PageQuery } from '../common/page.ts';
import { ReleaseContext } from './release-context.ts';
import { hiddenSpan } from './slot.ts';

/** One entry of the ledger in one budget: what a release drew, or what somebody entered by hand. */
export interface LedgerEntry {
  /** Null for an adjustment. */
  readonly releaseId: string | null;
  /** Null for a release's charge. */
  readonly adjustmentId: string | null;
  /** Kind of the release, or `adjustment-` and the adjustment's own. */
  readonly kind: string;
  /** Null for an adjustment. */
  readonly country: string | null;
  /** Actor id. */
  readonly requestedBy: string;
  /** Below zero for a credit. */
  readonly nanoRho: number;
  readonly state: 'reserved' | 'committed' | 'refunded';
  /** Why, of an adjustment. */
  readonly reason: string | null;
  readonly createdAt: string;
}

interface EntryRow {
  readonly id: string;
  readonly is_release: boolean;
  readonly kind: string;
  readonly country: string | null;
  readonly actor: string;
  readonly nano_rho: string;
  readonly state: LedgerEntry['state'];
  readonly reason: string | null;
  readonly created_at: Date;
}

/** Both halves are cut to one page before they are merged, so that a page reads no more than two. */
const READ_PAGE = `SELECT * FROM (
    (SELECT r.id, true AS is_release, r.kind, r.country, r.requested_by AS actor, c.nano_rho,
        CASE WHEN r.visible_at > $5 AND r.visible_at <= $6 THEN 'reserved' ELSE c.state END AS state,
        NULL AS reason, r.created_at
      FROM budget_charge c JOIN release r ON r.id = c.release_id
      WHERE c.scope_id = $1 AND ($2::timestamptz IS NULL OR (r.created_at, r.id) < ($2, $3))
      ORDER BY r.created_at DESC, r.id DESC LIMIT $4)
    UNION ALL
    (SELECT id, false, 'adjustment-' || kind, NULL, actor, nano_rho, 'committed', reason, created_at
      FROM budget_adjustment
      WHERE scope_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
      ORDER BY created_at DESC, id DESC LIMIT $4)
  ) entry ORDER BY created_at DESC, id DESC LIMIT $4`;

/** Reads what was spent of one budget, by whom and for what. */
@Injectable()
export class LedgerEntriesService {
  constructor(
    private readonly source: DataSource,
    private readonly context: ReleaseContext,
  ) {}

  /** One page of a budget's entries. @param filter what its cursors are sealed for. */
  async page(
    scopeId: string,
    query: PageQuery,
    rules: { readonly filter: Json; readonly sealer: CursorSealer },
  ): Promise<Page<LedgerEntry>> {
    const { filter, sealer } = rules;
    const after = query.cursor === undefined ? undefined : sealer.open(query.cursor, filter);
    return toPage(await this.list(scopeId, query.limit, after), {
      limit: query.limit,
      position: (entry) => ({ sortKey: entry.createdAt, id: entry.releaseId ?? entry.adjustmentId ?? '' }),
      item: (entry) => entry,
      sealer,
      filter,
    });
  }

  /**
   * Newest first, after the given position; one more than `limit` where there are more. A charge shows as reserved until
   * the outcome of its release is visible.
   */
  async list(scopeId: string, limit: number, after?: CursorPosition): Promise<LedgerEntry[]> {
    const { clock, config } = this.context;
    const hidden = hiddenSpan(clock.now(), config.releaseSlotMs);
    const slot = [new Date(hidden.after), new Date(hidden.upTo)];
    const position = [after?.sortKey ?? null, after?.id ?? null];
    const rows = await this.source.query<EntryRow[]>(READ_PAGE, [scopeId, ...position, limit + 1, ...slot]);
    return rows.map((row) => ({
      releaseId: row.is_release ? row.id : null,
      adjustmentId: row.is_release ? null : row.id,
      kind: row.kind,
      country: row.country,
      requestedBy: row.actor,
      nanoRho: Number(row.nano_rho),
      state: row.state,
      reason: row.reason,
      createdAt: row.created_at.toISOString(),
    }));
  }
}
