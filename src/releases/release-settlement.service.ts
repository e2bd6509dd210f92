import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError } from '#core';
import type { ErrorCode } from '#core';
import { BudgetLedgerService } from './budget-ledger.service.ts';
import { ReleaseContext } from './release-context.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import type { ReleaseRow } from './release-store.service.ts';
import { nextSlot } from './slot.ts';

/**
 * Failures that cannot depend on rows: the query was not admitted, the data version had moved on, or the warehouse
 * could not be reached. Every other failure, a time-out or an overflow among them, may say something about rows, and a
 * refund would make it a free question.
 */
const INDEPENDENT_OF_ROWS: ReadonlySet<ErrorCode> = new Set([
  'warehouse-busy',
  'warehouse-unavailable',
  'data-version-changed',
]);

/** Expired reservations settled in one go. */
const BATCH = 100;

/** Ends releases that have no answer: failed ones, and those whose process died. */
@Injectable()
export class ReleaseSettlementService {
  readonly #log = new Logger(ReleaseSettlementService.name);

  constructor(
    private readonly source: DataSource,
    private readonly store: ReleaseStoreService,
    private readonly ledger: BudgetLedgerService,
    private readonly context: ReleaseContext,
  ) {}

  /** Settles a running release whose query or commit failed: refunded when no row can have mattered, else burned. */
  async settleFailure(id: string, error: unknown): Promise<void> {
    const row = await this.store.find(id);
    if (row === undefined || row.state === 'committed') return;
    const code: ErrorCode = error instanceof DomainError ? error.code : 'internal';
    const refundable = row.state === 'reserved' || INDEPENDENT_OF_ROWS.has(code);
    if (!refundable) this.#log.error({ msg: 'a release failed and keeps its charge', releaseId: id, code, err: error });
    await this.#end(row, refundable ? 'refunded' : 'burned', code);
  }

  /**
   * Settles a release whose worker stopped renewing its lease. A query that never began is refunded; one that began
   * keeps its charge, since how it ended is not known.
   *
   * @returns whether the lease had ended.
   */
  async settleIfExpired(row: ReleaseRow): Promise<boolean> {
    const open = row.state === 'reserved' || row.state === 'running';
    if (!open || row.leaseUntil > this.context.clock.now()) return false;
    await this.#end(row, row.state === 'reserved' ? 'refunded' : 'burned', 'service-unavailable');
    return true;
  }

  /** Settles every release whose lease has ended; returns how many. */
  async reap(): Promise<number> {
    const expired = await this.store.expired(this.context.clock.now(), BATCH);
    for (const row of expired) await this.settleIfExpired(row);
    return expired.length;
  }

  async #end(row: ReleaseRow, to: 'burned' | 'refunded', failure: ErrorCode): Promise<void> {
    if (row.state !== 'reserved' && row.state !== 'running') return;
    const from = row.state;
    const { clock, config, audit } = this.context;
    const now = clock.now();
    await this.source.transaction(async (manager) => {
      const change = { from, to, failure, now, visibleAt: nextSlot(now, config.releaseSlotMs) };
      if (!(await this.store.fail(manager, row.id, change))) return;
      if (to === 'burned') await this.ledger.commit(manager, row.id);
      else await this.ledger.refund(manager, row.id);
      await audit.record(manager, {
        stream: row.brandId,
        actor: row.requestedBy,
        action: `release.${to}`,
        resource: row.id,
        details: { kind: row.kind, country: row.country, nanoRho: row.nanoRho.toString(), failure },
      });
    });
  }
}
