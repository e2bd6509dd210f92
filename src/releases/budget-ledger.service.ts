import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError } from '#core';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { changed } from '../database/changed.ts';
import { budgetRefusal } from './budget-refusal.ts';
import { dayOf, monthStart, yearStart } from './budget-window.ts';
import type { ScopeSpend } from './scope-spend.ts';

/** Which budgets one release draws on. */
export interface Payers {
  readonly country: string;
  readonly brandId: string;
}

interface ScopeRow {
  readonly id: string;
  readonly kind: 'global' | 'brand';
  readonly owner: string;
  readonly month_cap_nrho: string;
  readonly year_cap_nrho: string;
}

interface DayRow {
  readonly scope_id: string;
  readonly day: string;
  readonly reserved: string;
  readonly committed: string;
}

/**
 * The privacy budget: per country over all brands (the guarantee) and per brand (a quota beneath it), each by calendar
 * month and by rolling year, in integer nano-ρ.
 *
 * A charge hits all its scopes or none. Scope rows are locked in one fixed order, so parallel spenders queue up, never
 * pass a cap and never deadlock. Charges are dated by authorisation, UTC.
 */
@Injectable()
export class BudgetLedgerService {
  readonly #source: DataSource;
  readonly #config: Config;
  readonly #clock: Clock;

  constructor(source: DataSource, @Inject(CONFIG) config: Config, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#config = config;
    this.#clock = clock;
  }

  /**
   * Reserves a price in every scope of the payers, inside the caller's transaction.
   *
   * @throws DomainError `privacy-budget-exhausted`, naming the scope, what is left, what is needed and when it resets.
   */
  async reserve(manager: EntityManager, releaseId: string, payers: Payers, nanoRho: bigint): Promise<void> {
    const now = this.#clock.now();
    await this.#ensureScopes(manager, payers);
    const ids = scopeIds(payers);
    await manager.query(`SELECT 1 FROM budget_scope WHERE id = ANY($1) ORDER BY rank, id FOR NO KEY UPDATE`, [ids]);
    for (const spend of await this.#spends(manager, ids, now)) {
      const refusal = budgetRefusal(spend, nanoRho, now);
      if (refusal !== null) throw new DomainError('privacy-budget-exhausted', refusal);
    }
    await manager.query(
      `INSERT INTO budget_charge (release_id, scope_id, day, nano_rho, state)
       SELECT $1, unnest($2::text[]), $3, $4, 'reserved'`,
      [releaseId, ids, dayOf(now), nanoRho.toString()],
    );
    await manager.query(
      `INSERT INTO budget_day (scope_id, day, reserved_nrho, committed_nrho)
       SELECT unnest($1::text[]), $2, $3, 0
       ON CONFLICT (scope_id, day) DO UPDATE SET reserved_nrho = budget_day.reserved_nrho + excluded.reserved_nrho`,
      [ids, dayOf(now), nanoRho.toString()],
    );
  }

  /** Makes a release's reserved charges final, inside the caller's transaction. */
  async commit(manager: EntityManager, releaseId: string): Promise<void> {
    await this.#settle(manager, releaseId, 'committed');
  }

  /** Gives a release's reserved charges back, inside the caller's transaction. Only where no row can have been read. */
  async refund(manager: EntityManager, releaseId: string): Promise<void> {
    await this.#settle(manager, releaseId, 'refunded');
  }

  async #settle(manager: EntityManager, releaseId: string, state: 'committed' | 'refunded'): Promise<void> {
    // Global before brand, as in reserve: the rows of budget_day are then always locked in the same order.
    const charges = await manager.query<{ scope_id: string; day: string; nano_rho: string }[]>(
      `SELECT c.scope_id, c.day::text AS day, c.nano_rho FROM budget_charge c JOIN budget_scope s ON s.id = c.scope_id
       WHERE c.release_id = $1 AND c.state = 'reserved' ORDER BY s.rank, s.id`,
      [releaseId],
    );
    for (const charge of charges) {
      await changed(
        manager,
        `UPDATE budget_day SET reserved_nrho = reserved_nrho - $3, committed_nrho = committed_nrho + $4
         WHERE scope_id = $1 AND day = $2`,
        [charge.scope_id, charge.day, charge.nano_rho, state === 'committed' ? charge.nano_rho : '0'],
      );
    }
    await changed(manager, `UPDATE budget_charge SET state = $2 WHERE release_id = $1 AND state = 'reserved'`, [
      releaseId,
      state,
    ]);
  }

  /** What the scopes of these payers have given out. Scopes nobody has drawn on yet show their full caps. */
  async spends(payers: readonly Payers[]): Promise<readonly ScopeSpend[]> {
    const ids = [...new Set(payers.flatMap(scopeIds))];
    for (const payer of payers) await this.#ensureScopes(this.#source.manager, payer);
    return await this.#spends(this.#source.manager, ids, this.#clock.now());
  }

  async #ensureScopes(manager: EntityManager, payers: Payers): Promise<void> {
    const { budgets } = this.#config;
    await manager.query(
      `INSERT INTO budget_scope (id, rank, kind, owner, month_cap_nrho, year_cap_nrho)
       VALUES ($1, 0, 'global', $2, $3, $4), ($5, 1, 'brand', $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
      [
        `global:${payers.country}`,
        payers.country,
        budgets.globalMonth.toString(),
        budgets.globalYear.toString(),
        `brand:${payers.brandId}`,
        payers.brandId,
        budgets.brandMonth.toString(),
        budgets.brandYear.toString(),
      ],
    );
  }

  async #spends(manager: EntityManager, ids: readonly string[], now: number): Promise<readonly ScopeSpend[]> {
    const scopes = await manager.query<ScopeRow[]>(
      `SELECT id, kind, owner, month_cap_nrho, year_cap_nrho FROM budget_scope WHERE id = ANY($1) ORDER BY rank, id`,
      [ids],
    );
    const days = await manager.query<DayRow[]>(
      `SELECT scope_id, day::text AS day, reserved_nrho AS reserved, committed_nrho AS committed FROM budget_day
       WHERE scope_id = ANY($1) AND day >= $2 AND reserved_nrho + committed_nrho > 0 ORDER BY day`,
      [ids, yearStart(now)],
    );
    return scopes.map((row) =>
      scopeSpend(
        row,
        days.filter((day) => day.scope_id === row.id),
        monthStart(now),
      ),
    );
  }
}

const scopeIds = (payers: Payers): readonly string[] => [`global:${payers.country}`, `brand:${payers.brandId}`];

function scopeSpend(row: ScopeRow, days: readonly DayRow[], month: string): ScopeSpend {
  const sum = (part: readonly DayRow[]): { committed: bigint; reserved: bigint } => ({
    committed: part.reduce((total, day) => total + BigInt(day.committed), 0n),
    reserved: part.reduce((total, day) => total + BigInt(day.reserved), 0n),
  });
  return {
    scope: {
      id: row.id,
      kind: row.kind,
      owner: row.owner,
      monthCap: BigInt(row.month_cap_nrho),
      yearCap: BigInt(row.year_cap_nrho),
    },
    month: sum(days.filter((day) => day.day >= month)),
    year: sum(days),
    days: days.map((day) => ({ day: day.day, nanoRho: BigInt(day.reserved) + BigInt(day.committed) })),
  };
}
