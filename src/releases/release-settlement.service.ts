import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError } from '#core';
import type { ErrorCode } from '#core';
import { BudgetFilterService } from './budget-filter.service.ts';
import { INDEPENDENT_OF_ROWS } from './independent-of-rows.ts';
import { ReleaseContext } from './release-context.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import type { ReleaseRow } from './release-store.service.ts';
import { outcomeSlot } from './slot.ts';

interface Ending {
  readonly to: 'burned' | 'refunded';
  readonly failure: ErrorCode;
  /** The worker may be alive: end the release only if its lease is over at this very moment. */
  readonly onlyIfExpired: boolean;
}

/** Expired reservations settled in one go. */
const BATCH = 100;

/**
 * What every failure that keeps its charge is called outside the log: which it was, an overflow, a time-out or a process
 * that died, may depend on rows.
 */
const KEPT: ErrorCode = 'release-failed';

/** Ends releases that have no answer: failed ones, and those whose process died. */
@Injectable()
export class ReleaseSettlementService {
  readonly #log = new Logger(ReleaseSettlementService.name);

  constructor(
    private readonly source: DataSource,
    private readonly store: ReleaseStoreService,
    private readonly filter: BudgetFilterService,
    private readonly context: ReleaseContext,
  ) {}

  /** Settles a running release whose query or commit failed: refunded when no row can have mattered, else burned. */
  async settleFailure(id: string, error: unknown): Promise<void> {
    const row = await this.store.find(id);
    if (row === undefined || row.state === 'committed') return;
    const code: ErrorCode = error instanceof DomainError ? error.code : 'internal';
    const refundable = row.state === 'reserved' || INDEPENDENT_OF_ROWS.includes(code);
    if (!refundable) this.#log.error({ msg: 'a release failed and keeps its charge', releaseId: id, code, err: error });
    if (refundable) await this.#end(row, { to: 'refunded', failure: code, onlyIfExpired: false });
    else await this.#end(row, { to: 'burned', failure: KEPT, onlyIfExpired: false });
  }

  /**
   * Settles a release whose worker stopped renewing its lease. A query that never began is refunded; one that began
   * keeps its charge, since how it ended is not known. One whose worker renews the lease at the last moment is left
   * alone.
   *
   * @returns whether the lease had ended when the row was read.
   * @throws DomainError `ledger-read-only`: what is settled would stand for charges that the ledger has forgotten.
   */
  async settleIfExpired(row: ReleaseRow): Promise<boolean> {
    const open = row.state === 'reserved' || row.state === 'running';
    if (!open || row.leaseUntil > this.context.clock.now()) return false;
    this.context.highWater.requireWritable(false);
    if (row.state === 'running') {
      this.#log.error({ msg: 'a release whose process died keeps its charge', releaseId: row.id });
      await this.#end(row, { to: 'burned', failure: KEPT, onlyIfExpired: true });
    } else {
      await this.#end(row, { to: 'refunded', failure: 'service-unavailable', onlyIfExpired: true });
    }
    return true;
  }

  /**
   * Settles the releases whose lease has ended, oldest first; none while the ledger is read-only. One that cannot be
   * settled is logged and does not stand in the way of the others.
   *
   * @returns how many were seen.
   */
  async reap(): Promise<number> {
    if (this.context.highWater.mismatch !== null) return 0;
    const expired = await this.store.expired(this.context.clock.now(), BATCH);
    for (const row of expired) {
      await this.settleIfExpired(row).catch((error: unknown) =>
        this.#log.error({ msg: 'an expired release could not be settled', releaseId: row.id, err: error }),
      );
    }
    return expired.length;
  }

  async #end(row: ReleaseRow, ending: Ending): Promise<void> {
    if (row.state !== 'reserved' && row.state !== 'running') return;
    const from = row.state;
    const { to, failure } = ending;
    const { clock, config, audit } = this.context;
    const now = clock.now();
    const visibleAt = outcomeSlot(row.createdAt, now, config.releaseSlotMs);
    await this.source.transaction(async (manager) => {
      const change = { from, ...ending, now, visibleAt };
      if (!(await this.store.fail(manager, row.id, change))) return;
      if (to === 'burned') await this.filter.commit(manager, row.id);
      else await this.filter.refund(manager, row.id);
      await audit.record(manager, {
        stream: row.brandId,
        actor: row.requestedBy,
        actingFor: row.actingFor,
        action: `release.${to}`,
        at: visibleAt,
        resource: row.id,
        details: { kind: row.kind, country: row.country, nanoRho: row.nanoRho.toString(), failure },
      });
    });
  }
}
