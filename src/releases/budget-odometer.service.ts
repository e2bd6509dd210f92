import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { ownScopeIds } from './budget-scope.ts';
import type { Payers } from './budget-scope.ts';
import { yearStart } from './budget-window.ts';
import type { OdometerReading } from './odometer.ts';
import { ReleaseContext } from './release-context.ts';
import { readingsOf } from './scope-rows.ts';
import type { DayRow, ScopeRow } from './scope-rows.ts';

const READ_SCOPES = `SELECT id, kind, owner, month_cap_nrho, year_cap_nrho, total_cap_nrho FROM budget_scope
  WHERE id = ANY($1) OR id IN (
    SELECT 'agency:' || agency_id FROM agency_grant
    WHERE brand_id = ANY($2) AND revoked_at IS NULL AND expires_at > $3)
  ORDER BY rank, id`;

/** What is settled but not visible yet counts as reserved, refunds too. One snapshot of both. */
const READ_SHOWN_DAYS = `SELECT d.scope_id, d.day::text AS day,
    d.reserved_nrho + coalesce(hidden.settled, 0) AS reserved,
    d.committed_nrho - coalesce(hidden.committed, 0) AS committed,
    d.reserved_qtheta + coalesce(hidden.settled_theta, 0) AS reserved_theta,
    d.committed_qtheta - coalesce(hidden.committed_theta, 0) AS committed_theta
  FROM budget_day d LEFT JOIN (
    SELECT c.scope_id, c.day, sum(c.nano_rho) AS settled, sum(c.quecto_theta) AS settled_theta,
      sum(c.nano_rho) FILTER (WHERE c.state = 'committed') AS committed,
      sum(c.quecto_theta) FILTER (WHERE c.state = 'committed') AS committed_theta
    FROM budget_charge c JOIN release r ON r.id = c.release_id
    WHERE c.scope_id = ANY($1) AND c.state <> 'reserved' AND r.visible_at > $3 AND r.visible_at <= $4
    GROUP BY c.scope_id, c.day
  ) hidden ON hidden.scope_id = d.scope_id AND hidden.day = d.day
  WHERE d.scope_id = ANY($1) AND (d.day >= $2 OR d.scope_id LIKE 'campaign:%')`;

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
    const now = this.context.clock.now();
    const scopes = await this.source.query<ScopeRow[]>(READ_SCOPES, [
      [...new Set(payers.flatMap(ownScopeIds))],
      [...new Set(payers.map(({ brandId }) => brandId))],
      new Date(now),
    ]);
    return await this.#read(scopes, now);
  }

  /** The readings of the budgets with these ids, where they are open. */
  async readingsOf(ids: readonly string[]): Promise<readonly OdometerReading[]> {
    const now = this.context.clock.now();
    const scopes = await this.source.query<ScopeRow[]>(READ_SCOPES, [ids, [], new Date(now)]);
    return await this.#read(scopes, now);
  }

  async #read(scopes: readonly ScopeRow[], now: number): Promise<readonly OdometerReading[]> {
    const slot = [new Date(now), new Date(now + this.context.config.releaseSlotMs)];
    const ids = scopes.map(({ id }) => id);
    const days = await this.source.query<DayRow[]>(READ_SHOWN_DAYS, [ids, yearStart(now), ...slot]);
    return readingsOf(scopes, days, now);
  }
}
