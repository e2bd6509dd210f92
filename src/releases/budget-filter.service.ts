import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '#core';
import type { PrivacyLoss } from '#privacy';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { budgetRefusal } from './budget-refusal.ts';
import { ownScopeIds } from './budget-scope.ts';
import type { Payers } from './budget-scope.ts';
import { dayOf, yearStart } from './budget-window.ts';
import { obstaclesTo } from './privacy-filter.ts';
import { readingsOf } from './scope-rows.ts';
import type { DayRow, ScopeRow } from './scope-rows.ts';

/**
 * Locks the budgets that pay in the one order of all spenders, those of the agencies that may see the release among
 * them. The row of the release, inserted before, holds the brand: a grant that is just being given waits or is seen.
 */
const LOCK_SCOPES = `WITH payer AS (
    SELECT unnest($1::text[]) AS id
    UNION SELECT 'agency:' || agency_id FROM agency_grant
      WHERE brand_id = $2 AND revoked_at IS NULL AND expires_at > $3
  )
  SELECT s.id, s.kind, s.owner, s.month_cap_nrho, s.year_cap_nrho, s.total_cap_nrho,
    (SELECT count(*) FROM payer)::int AS payers
  FROM budget_scope s WHERE s.id IN (SELECT id FROM payer) ORDER BY s.rank, s.id FOR NO KEY UPDATE OF s`;

const READ_DAYS = `SELECT scope_id, day::text AS day, reserved_nrho AS reserved, committed_nrho AS committed,
    reserved_qtheta AS reserved_theta, committed_qtheta AS committed_theta
  FROM budget_day WHERE scope_id = ANY($1) AND (day >= $2 OR scope_id LIKE 'campaign:%')`;

const CHARGE = `WITH charge AS (
    INSERT INTO budget_charge (release_id, scope_id, day, nano_rho, quecto_theta, state)
    SELECT $1, unnest($2::text[]), $3::date, $4::bigint, $5::bigint, 'reserved'
    RETURNING scope_id, day, nano_rho, quecto_theta
  )
  INSERT INTO budget_day (scope_id, day, reserved_nrho, committed_nrho, reserved_qtheta, committed_qtheta)
  SELECT scope_id, day, nano_rho, 0, quecto_theta, 0 FROM charge
  ON CONFLICT (scope_id, day) DO UPDATE SET
    reserved_nrho = budget_day.reserved_nrho + excluded.reserved_nrho,
    reserved_qtheta = budget_day.reserved_qtheta + excluded.reserved_qtheta`;

/** The scopes are locked first, in the order of reserve; their days are changed by nobody who does not hold them. */
const SETTLE = `WITH locked AS MATERIALIZED (
    SELECT s.id FROM budget_charge c JOIN budget_scope s ON s.id = c.scope_id
    WHERE c.release_id = $1 AND c.state = 'reserved' ORDER BY s.rank, s.id FOR NO KEY UPDATE OF s
  ), charge AS (
    UPDATE budget_charge c SET state = $2 FROM locked
    WHERE c.release_id = $1 AND c.scope_id = locked.id AND c.state = 'reserved'
    RETURNING c.scope_id, c.day, c.nano_rho, c.quecto_theta,
      CASE $2 WHEN 'committed' THEN 1 ELSE 0 END AS final
  ), day AS (
    UPDATE budget_day d SET
      reserved_nrho = d.reserved_nrho - c.nano_rho, committed_nrho = d.committed_nrho + c.final * c.nano_rho,
      reserved_qtheta = d.reserved_qtheta - c.quecto_theta,
      committed_qtheta = d.committed_qtheta + c.final * c.quecto_theta
    FROM charge c WHERE d.scope_id = c.scope_id AND d.day = c.day
  ), total AS (
    UPDATE budget_scope s SET settled_charges = s.settled_charges + 1,
      settled_nrho = s.settled_nrho + c.nano_rho, settled_qtheta = s.settled_qtheta + c.quecto_theta
    FROM charge c WHERE s.id = c.scope_id AND c.final = 1 RETURNING s.kind, s.settled_charges
  )
  UPDATE release SET settled_position = (SELECT settled_charges FROM total WHERE kind = 'global')
  WHERE id = $1 AND EXISTS (SELECT FROM charge) RETURNING settled_position AS position`;

/** What a release draws, on whom, and when it was authorised. */
export interface Draw {
  readonly releaseId: string;
  readonly payers: Payers;
  readonly price: PrivacyLoss;
  /** Milliseconds since the epoch: the charge is dated by its UTC day. */
  readonly at: number;
}

/**
 * What stops a spend: per country over all brands (the guarantee), and beneath it per agency, brand and campaign, each
 * over its windows, in integer nano-ρ and θ.
 *
 * A charge hits all its scopes or none. Scope rows are locked in one fixed order, so parallel spenders queue up, never
 * pass a cap and never deadlock. Charges are dated by authorisation, UTC.
 */
@Injectable()
export class BudgetFilterService {
  constructor(private readonly opening: BudgetOpeningService) {}

  /** Opens the budgets of these payers that nobody has drawn on yet. Call it before the transaction that reserves. */
  async open(payers: Payers): Promise<void> {
    await this.opening.open([payers]);
  }

  /**
   * Reserves a price in every scope of the payers, inside the caller's transaction, after the row of the release was
   * inserted in it. The budgets must be open.
   *
   * @throws DomainError `privacy-budget-exhausted`, naming the scope that stands in the way longest, what is left in it,
   * what is needed and when it resets.
   */
  async reserve(manager: EntityManager, draw: Draw): Promise<void> {
    const { releaseId, payers, price, at } = draw;
    const scopes = await this.#lockScopes(manager, payers, at);
    const ids = scopes.map(({ id }) => id);
    const days = await manager.query<DayRow[]>(READ_DAYS, [ids, yearStart(at)]);
    const refusal = budgetRefusal(obstaclesTo(price, readingsOf(scopes, days, at), at), price);
    if (refusal !== null) throw new DomainError('privacy-budget-exhausted', refusal);
    const { nanoRho, quectoTheta } = price;
    await manager.query(CHARGE, [releaseId, ids, dayOf(at), nanoRho.toString(), quectoTheta.toString()]);
  }

  /**
   * Makes a release's reserved charges final, inside the caller's transaction.
   *
   * @returns which of the final charges of its country it is, from 1.
   */
  async commit(manager: EntityManager, releaseId: string): Promise<bigint> {
    return BigInt((await this.#settle(manager, releaseId, 'committed')) ?? 0);
  }

  /** Gives a release's reserved charges back, inside the caller's transaction. Only where no row can have been read. */
  async refund(manager: EntityManager, releaseId: string): Promise<void> {
    await this.#settle(manager, releaseId, 'refunded');
  }

  async #settle(manager: EntityManager, releaseId: string, state: 'committed' | 'refunded'): Promise<string | null> {
    type Settled = readonly { readonly position: string | null }[];
    const [[settled]] = await manager.query<[Settled, number]>(SETTLE, [releaseId, state]);
    // An answer without a charge, or a second settlement, must not pass as success.
    if (settled === undefined) throw new Error(`release ${releaseId} has no reserved charge`);
    return settled.position;
  }

  /** Locks the scopes in their order. All must be open: one that is not would go uncharged. */
  async #lockScopes(manager: EntityManager, payers: Payers, at: number): Promise<readonly ScopeRow[]> {
    type Locked = ScopeRow & { readonly payers: number };
    const locked = await manager.query<Locked[]>(LOCK_SCOPES, [ownScopeIds(payers), payers.brandId, new Date(at)]);
    if (locked.length === locked[0]?.payers) return locked;
    this.opening.forget(payers);
    throw new Error(`of the budgets of ${payers.brandId} only ${locked.length} are open`);
  }
}
