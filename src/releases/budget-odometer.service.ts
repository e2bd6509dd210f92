import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { ownScopeIds } from './budget-scope.ts';
import type { Payers } from './budget-scope.ts';
import { yearStart } from './budget-window.ts';
import type { OdometerReading } from './odometer.ts';
import { ReleaseContext } from './release-context.ts';
import { hiddenSpan } from './slot.ts';
import { readingsOf } from './scope-rows.ts';
import type { DayRow, ScopeRow } from './scope-rows.ts';

/**
 * The budgets with these ids and those of these brands' agencies, each with its days. What is settled but not visible yet
 * counts as reserved, refunds too. One statement, so one snapshot of all.
 */
const READ = `WITH scope AS (
    SELECT id, rank, kind, owner, month_cap_nrho, year_cap_nrho, total_cap_nrho FROM budget_scope
    WHERE id = ANY($1) OR id IN (
      SELECT 'agency:' || agency_id FROM agency_grant
      WHERE brand_id = ANY($2) AND revoked_at IS NULL AND expires_at > $3)
  ), hidden AS (
    SELECT c.scope_id, c.day, sum(c.nano_rho) AS settled, sum(c.quecto_theta) AS settled_theta,
      coalesce(sum(c.nano_rho) FILTER (WHERE c.state = 'committed'), 0) AS committed,
      coalesce(sum(c.quecto_theta) FILTER (WHERE c.state = 'committed'), 0) AS committed_theta
    FROM budget_charge c JOIN release r ON r.id = c.release_id
    WHERE c.scope_id IN (SELECT id FROM scope) AND c.state <> 'reserved' AND r.visible_at > $3 AND r.visible_at <= $4
    GROUP BY c.scope_id, c.day
  )
  SELECT s.id, s.kind, s.owner, s.month_cap_nrho, s.year_cap_nrho, s.total_cap_nrho, d.scope_id, d.day::text AS day,
    d.reserved_nrho + coalesce(h.settled, 0) AS reserved,
    d.committed_nrho - coalesce(h.committed, 0) AS committed,
    d.reserved_qtheta + coalesce(h.settled_theta, 0) AS reserved_theta,
    d.committed_qtheta - coalesce(h.committed_theta, 0) AS committed_theta
  FROM scope s
  LEFT JOIN budget_day d ON d.scope_id = s.id AND (d.day >= $5 OR s.kind = 'campaign')
  LEFT JOIN hidden h ON h.scope_id = d.scope_id AND h.day = d.day
  ORDER BY s.rank, s.id`;

/** A scope without days has one row, in which the columns of the day are null. */
type ReadRow = ScopeRow & (DayRow | { readonly scope_id: null });

/**
 * What is spent, of which budget: for showing. A charge whose outcome is not visible yet shows as reserved: when a query
 * ended must not be seen before its slot.
 */
@Injectable()
export class BudgetOdometerService {
  constructor(
    private readonly source: DataSource,
    private readonly opening: BudgetOpeningService,
    private readonly context: ReleaseContext,
  ) {}

  /**
   * Every budget that these payers draw on, in the order global, agency, brand, campaign. Budgets nobody has drawn on
   * yet are opened and show their full caps.
   */
  async readings(payers: readonly Payers[]): Promise<readonly OdometerReading[]> {
    await this.opening.open(payers);
    return await this.#read(
      payers.flatMap(ownScopeIds),
      payers.map(({ brandId }) => brandId),
    );
  }

  /** The readings of the budgets with these ids, where they are open. */
  async readingsOf(ids: readonly string[]): Promise<readonly OdometerReading[]> {
    return await this.#read(ids, []);
  }

  async #read(ids: readonly string[], brandIds: readonly string[]): Promise<readonly OdometerReading[]> {
    const now = this.context.clock.now();
    const hidden = hiddenSpan(now, this.context.config.releaseSlotMs);
    const rows = await this.source.query<ReadRow[]>(READ, [
      [...new Set(ids)],
      [...new Set(brandIds)],
      new Date(hidden.after),
      new Date(hidden.upTo),
      yearStart(now),
    ]);
    const scopes = new Map<string, ScopeRow>(rows.map((row) => [row.id, row]));
    const days = rows.flatMap((row) => (row.scope_id === null ? [] : [row as DayRow]));
    return readingsOf([...scopes.values()], days, now);
  }
}
