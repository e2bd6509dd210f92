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

const READ_SCOPES = `SELECT id, kind, owner, month_cap_nrho, year_cap_nrho FROM budget_scope
  WHERE id = ANY($1) ORDER BY rank, id`;
/** In the one order in which all spenders lock: global before brand. */
const LOCK_SCOPES = `SELECT id, kind, owner, month_cap_nrho, year_cap_nrho FROM budget_scope
  WHERE id = ANY($1) ORDER BY rank, id FOR NO KEY UPDATE`;

const READ_DAYS = `SELECT scope_id, day::text AS day, reserved_nrho AS reserved, committed_nrho AS committed
  FROM budget_day WHERE scope_id = ANY($1) AND day >= $2 ORDER BY day`;
/** The same for showing: what is settled but not visible yet counts as reserved, refunds too. One snapshot of both. */
const READ_SHOWN_DAYS = `SELECT d.scope_id, d.day::text AS day,
    d.reserved_nrho + coalesce(hidden.settled, 0) AS reserved,
    d.committed_nrho - coalesce(hidden.committed, 0) AS committed
  FROM budget_day d LEFT JOIN (
    SELECT c.scope_id, c.day, sum(c.nano_rho) AS settled,
      sum(c.nano_rho) FILTER (WHERE c.state = 'committed') AS committed
    FROM budget_charge c JOIN release r ON r.id = c.release_id
    WHERE c.scope_id = ANY($1) AND c.state <> 'reserved' AND r.visible_at > $3 AND r.visible_at <= $4
    GROUP BY c.scope_id, c.day
  ) hidden ON hidden.scope_id = d.scope_id AND hidden.day = d.day
  WHERE d.scope_id = ANY($1) AND d.day >= $2 ORDER BY d.day`;

/** What a release draws, on whom, and when it was authorised. */
export interface Draw {
  readonly releaseId: string;
  readonly payers: Payers;
  readonly nanoRho: bigint;
  /** Milliseconds since the epoch: the charge is dated by its UTC day. */
  readonly at: number;
}

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

interface Day {
  readonly scopeId: string;
  readonly day: string;
  readonly committed: bigint;
  readonly reserved: bigint;
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
  /** Budgets known to be open; none is ever closed. */
  readonly #open = new Set<string>();

  constructor(source: DataSource, @Inject(CONFIG) config: Config, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#config = config;
    this.#clock = clock;
  }

  /** Opens the budgets of these payers that nobody has drawn on yet. Call it before the transaction that reserves. */
  async open(payers: readonly Payers[]): Promise<void> {
    const missing = [...new Set(payers.flatMap(scopeIds))].filter((id) => !this.#open.has(id));
    if (missing.length === 0) return;
    const { budgets } = this.#config;
    await this.#source.query(
      `INSERT INTO budget_scope (id, rank, kind, owner, month_cap_nrho, year_cap_nrho)
       SELECT 'global:' || country, 0, 'global', country, $2::bigint, $3::bigint FROM unnest($1::text[]) AS country
       UNION ALL
       SELECT 'brand:' || brand, 1, 'brand', brand, $5, $6 FROM unnest($4::text[]) AS brand
       ON CONFLICT (id) DO NOTHING`,
      [
        [...new Set(payers.map(({ country }) => country))],
        budgets.globalMonth.toString(),
        budgets.globalYear.toString(),
        [...new Set(payers.map(({ brandId }) => brandId))],
        budgets.brandMonth.toString(),
        budgets.brandYear.toString(),
      ],
    );
    for (const id of missing) this.#open.add(id);
  }

  /**
   * Reserves a price in every scope of the payers, inside the caller's transaction. The budgets must be open.
   *
   * @throws DomainError `privacy-budget-exhausted`, naming the scope that stands in the way longest, what is left in it,
   * what is needed and when it resets.
   */
  async reserve(manager: EntityManager, draw: Draw): Promise<void> {
    const { releaseId, payers, nanoRho, at } = draw;
    const ids = scopeIds(payers);
    const scopes = await this.#lockScopes(manager, ids);
    const days = await manager.query<DayRow[]>(READ_DAYS, [ids, yearStart(at)]);
    const refusal = budgetRefusal(scopeSpends(scopes, days, at), nanoRho, at);
    if (refusal !== null) throw new DomainError('privacy-budget-exhausted', refusal);
    await manager.query(
      `WITH charge AS (
         INSERT INTO budget_charge (release_id, scope_id, day, nano_rho, state)
         SELECT $1, unnest($2::text[]), $3::date, $4::bigint, 'reserved' RETURNING scope_id, day, nano_rho
       )
       INSERT INTO budget_day (scope_id, day, reserved_nrho, committed_nrho)
       SELECT scope_id, day, nano_rho, 0 FROM charge
       ON CONFLICT (scope_id, day) DO UPDATE SET reserved_nrho = budget_day.reserved_nrho + excluded.reserved_nrho`,
      [releaseId, ids, dayOf(at), nanoRho.toString()],
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
    // The days are locked global before brand, as in reserve: parallel settlements never wait for each other in a ring.
    const days = await changed(
      manager,
      `WITH charge AS (
         UPDATE budget_charge SET state = $2 WHERE release_id = $1 AND state = 'reserved'
         RETURNING scope_id, day, nano_rho
       ), held AS (
         SELECT d.scope_id, d.day, c.nano_rho, CASE $2 WHEN 'committed' THEN c.nano_rho ELSE 0 END AS committed
         FROM charge c JOIN budget_scope s ON s.id = c.scope_id
         JOIN budget_day d ON d.scope_id = c.scope_id AND d.day = c.day
         ORDER BY s.rank, s.id FOR UPDATE OF d
       )
       UPDATE budget_day d SET reserved_nrho = d.reserved_nrho - held.nano_rho,
                               committed_nrho = d.committed_nrho + held.committed
       FROM held WHERE d.scope_id = held.scope_id AND d.day = held.day`,
      [releaseId, state],
    );
    // An answer without a charge, or a second settlement, must not pass as success.
    if (days === 0) throw new Error(`release ${releaseId} has no reserved charge`);
  }

  /**
   * What the scopes of these payers have given out, for showing. Scopes nobody has drawn on yet show their full caps. A
   * charge whose outcome is not visible yet shows as reserved: when a query ended must not be seen before its slot.
   */
  async spends(payers: readonly Payers[]): Promise<readonly ScopeSpend[]> {
    const ids = [...new Set(payers.flatMap(scopeIds))];
    const { manager } = this.#source;
    await this.open(payers);
    const now = this.#clock.now();
    const slot = [new Date(now), new Date(now + this.#config.releaseSlotMs)];
    const [scopes, days] = await Promise.all([
      manager.query<ScopeRow[]>(READ_SCOPES, [ids]),
      manager.query<DayRow[]>(READ_SHOWN_DAYS, [ids, yearStart(now), ...slot]),
    ]);
    return scopeSpends(scopes, days, now);
  }

  /** Locks the scopes, global before brand. They must be open: opening them here would lock them out of order. */
  async #lockScopes(manager: EntityManager, ids: readonly string[]): Promise<readonly ScopeRow[]> {
    const locked = await manager.query<ScopeRow[]>(LOCK_SCOPES, [ids]);
    if (locked.length === ids.length) return locked;
    for (const id of ids) this.#open.delete(id);
    throw new Error(`of the budgets ${ids.join(', ')} only ${locked.length} are open`);
  }
}

const scopeIds = (payers: Payers): readonly string[] => [`global:${payers.country}`, `brand:${payers.brandId}`];

function scopeSpends(scopes: readonly ScopeRow[], rows: readonly DayRow[], now: number): readonly ScopeSpend[] {
  const month = monthStart(now);
  const days = rows.map((row) => ({
    scopeId: row.scope_id,
    day: row.day,
    committed: BigInt(row.committed),
    reserved: BigInt(row.reserved),
  }));
  return scopes.map((row) => {
    const its = days.filter(({ scopeId }) => scopeId === row.id);
    return scopeSpend(row, its, month);
  });
}

function scopeSpend(row: ScopeRow, all: readonly Day[], month: string): ScopeSpend {
  const days = all.filter(({ committed, reserved }) => committed + reserved > 0n);
  const sum = (part: readonly Day[]): { committed: bigint; reserved: bigint } => ({
    committed: part.reduce((total, day) => total + day.committed, 0n),
    reserved: part.reduce((total, day) => total + day.reserved, 0n),
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
    days: days.map(({ day, reserved, committed }) => ({ day, nanoRho: reserved + committed })),
  };
}
