import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError, newId } from '#core';
import type { Clock } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import { CLOCK } from '../config/clock.ts';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { dayOf } from './budget-window.ts';
import { NOTHING_SETTLED, reaches, shortOf } from './high-water-mark.ts';
import type { SettledTotals } from './high-water-mark.ts';
import { HighWaterMarkService } from './high-water-mark.service.ts';
import type { LedgerMismatch } from './high-water-mark.service.ts';
import type { Shortfall } from './ledger-mismatch.ts';

const KNOWN_TENANTS = `SELECT 'brand' AS kind, id FROM brand WHERE id = ANY($1)
  UNION ALL SELECT 'agency', id FROM agency WHERE id = ANY($2)`;

/** In the one order of all spenders. */
const LOCK_SCOPES = `SELECT id, settled_charges AS charges, settled_nrho AS nano_rho, settled_qtheta AS quecto_theta
  FROM budget_scope WHERE id = ANY($1) ORDER BY rank, id FOR NO KEY UPDATE`;

const CHARGE = `WITH lacking AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
      AS t (id, scope_id, charges, nano_rho, quecto_theta)
  ), entry AS (
    INSERT INTO budget_adjustment (id, scope_id, day, nano_rho, quecto_theta, kind, reason, actor, created_at)
    SELECT id, scope_id, $6::date, nano_rho, quecto_theta, 'restore', $7, $8, $9 FROM lacking
      WHERE nano_rho + quecto_theta > 0
  ), day AS (
    INSERT INTO budget_day (scope_id, day, reserved_nrho, committed_nrho, committed_qtheta)
    SELECT scope_id, $6::date, 0, nano_rho, quecto_theta FROM lacking
    ON CONFLICT (scope_id, day) DO UPDATE SET
      committed_nrho = budget_day.committed_nrho + excluded.committed_nrho,
      committed_qtheta = budget_day.committed_qtheta + excluded.committed_qtheta
  )
  UPDATE budget_scope s SET settled_charges = s.settled_charges + l.charges,
    settled_nrho = s.settled_nrho + l.nano_rho, settled_qtheta = s.settled_qtheta + l.quecto_theta
  FROM lacking l WHERE s.id = l.scope_id`;

interface ScopeRow {
  readonly id: string;
  readonly charges: string;
  readonly nano_rho: string;
  readonly quecto_theta: string;
}

/** Who reconciles, and why. */
export interface Reconciliation {
  readonly actor: string;
  readonly reason: string;
}

/** What a reconciliation did. */
export interface Reconciled {
  readonly charged: readonly Shortfall[];
  /** Budgets of the marks that the database knows no owner of. */
  readonly unknownScopes: readonly string[];
}

/** Charges a ledger what it has forgotten. */
@Injectable()
export class LedgerRestoreService {
  constructor(
    private readonly source: DataSource,
    private readonly highWater: HighWaterMarkService,
    private readonly opening: BudgetOpeningService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Raises every budget to its high-water mark and makes the ledger writable.
   *
   * What is missing counts for today: it stays in every window for as long as anything can, and where a cap is passed,
   * nothing more is spent until it leaves. Of marks that are lost or cannot be read nothing is known; that they count no
   * more is written down.
   *
   * @throws DomainError `conflict` when nothing is to be reconciled.
   */
  async reconcile(wish: Reconciliation): Promise<Reconciled> {
    let result: Reconciled | undefined;
    await this.highWater.reconcile(async (due, mismatch) => {
      await this.#openKnown([...due.keys()]);
      result = await this.source.transaction((manager) => this.#charge(manager, { ...wish, due, mismatch }));
    });
    if (result !== undefined) return result;
    throw new DomainError('conflict', {
      public: 'The ledger has everything that was marked and can be written to: there is nothing to reconcile.',
    });
  }

  async #openKnown(ids: readonly string[]): Promise<void> {
    const owners = (kind: string): string[] =>
      ids.flatMap((id) => (id.startsWith(`${kind}:`) ? [id.slice(kind.length + 1)] : []));
    const tenants = await this.source.query<{ kind: string; id: string }[]>(KNOWN_TENANTS, [
      owners('brand'),
      owners('agency'),
    ]);
    const known = (kind: string): string[] => tenants.flatMap((tenant) => (tenant.kind === kind ? [tenant.id] : []));
    const payers = [
      ...owners('global').map((country) => ({ country })),
      ...known('brand').map((brandId) => ({ brandId })),
    ];
    await this.opening.openIn(this.source.manager, payers, known('agency'));
  }

  async #charge(
    manager: EntityManager,
    {
      actor,
      reason,
      due,
      mismatch,
    }: Reconciliation & { due: ReadonlyMap<string, SettledTotals>; mismatch: LedgerMismatch },
  ): Promise<Reconciled> {
    const rows = await manager.query<ScopeRow[]>(LOCK_SCOPES, [[...due.keys()]]);
    const charged = rows.flatMap((row): Shortfall[] => {
      const missing = shortOf(totalsOf(row), due.get(row.id) ?? NOTHING_SETTLED);
      return reaches(NOTHING_SETTLED, missing) ? [] : [{ scopeId: row.id, missing }];
    });
    const now = this.clock.now();
    const column = (part: keyof SettledTotals): string[] => charged.map(({ missing }) => missing[part].toString());
    await manager.query(CHARGE, [
      charged.map(() => newId('adjustment', now)),
      charged.map(({ scopeId }) => scopeId),
      column('charges'),
      column('nanoRho'),
      column('quectoTheta'),
      dayOf(now),
      reason,
      actor,
      new Date(now),
    ]);
    const known = new Set(rows.map(({ id }) => id));
    const unknownScopes = [...due.keys()].filter((id) => !known.has(id));
    await this.audit.record(manager, {
      stream: 'retailer',
      actor,
      action: 'ledger.reconciled',
      resource: 'ledger',
      details: { reason, found: mismatch.reasons, charged: charged.map(shortfallJson), unknownScopes },
    });
    return { charged, unknownScopes };
  }
}

const totalsOf = (row: ScopeRow): SettledTotals => ({
  charges: BigInt(row.charges),
  nanoRho: BigInt(row.nano_rho),
  quectoTheta: BigInt(row.quecto_theta),
});

const shortfallJson = ({ scopeId, missing }: Shortfall): Record<string, string> => ({
  scopeId,
  charges: missing.charges.toString(),
  nanoRho: missing.nanoRho.toString(),
  quectoTheta: missing.quectoTheta.toString(),
});
