import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '#core';
import type { Clock } from '#core';
import { BrandsService } from '../brands/brands.service.ts';
import type { AdmissionWish, TenantAdmission } from '../brands/brands.service.ts';
import { CLOCK } from '../config/clock.ts';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { scopeId } from './budget-scope.ts';
import { monthStart } from './budget-window.ts';
import { safeNumber } from './release-answer.ts';

/** Advisory lock under which quotas are promised, so that two that fit alone cannot both be admitted. */
const ADMISSION_LOCK = 7_203_915;

const PROMISED_TO_BRANDS = `SELECT coalesce(sum(month_cap_nrho), 0) AS month, coalesce(sum(year_cap_nrho), 0) AS year
  FROM budget_scope WHERE kind = 'brand'`;

/** The month's quotas of the brands that let each agency in, beside what the agency may see. */
const PROMISED_TO_AGENCIES = `SELECT a.owner AS agency, a.month_cap_nrho AS cap, sum(b.month_cap_nrho) AS month
  FROM budget_scope a
  JOIN (SELECT DISTINCT agency_id, brand_id FROM agency_grant WHERE revoked_at IS NULL AND expires_at > $2) g
    ON g.agency_id = a.owner
  JOIN budget_scope b ON b.kind = 'brand' AND b.owner = g.brand_id
  WHERE a.kind = 'agency' AND ($1::text IS NULL OR a.owner = $1) GROUP BY a.owner, a.month_cap_nrho ORDER BY a.owner`;

/** What a brand was charged so far becomes readable to the agency, so the agency's odometer takes it over. */
const TAKE_OVER = `WITH taken AS (
    INSERT INTO budget_charge (release_id, scope_id, day, nano_rho, quecto_theta, state)
    SELECT release_id, $1, day, nano_rho, quecto_theta, state FROM budget_charge
      WHERE scope_id = $2 AND state <> 'refunded'
    ON CONFLICT DO NOTHING RETURNING day, nano_rho, quecto_theta, state
  ), days AS (
    INSERT INTO budget_day (scope_id, day, reserved_nrho, committed_nrho, reserved_qtheta, committed_qtheta)
    SELECT $1, day,
      coalesce(sum(nano_rho) FILTER (WHERE state = 'reserved'), 0),
      coalesce(sum(nano_rho) FILTER (WHERE state = 'committed'), 0),
      coalesce(sum(quecto_theta) FILTER (WHERE state = 'reserved'), 0),
      coalesce(sum(quecto_theta) FILTER (WHERE state = 'committed'), 0)
    FROM taken GROUP BY day
    ON CONFLICT (scope_id, day) DO UPDATE SET
      reserved_nrho = budget_day.reserved_nrho + excluded.reserved_nrho,
      committed_nrho = budget_day.committed_nrho + excluded.committed_nrho,
      reserved_qtheta = budget_day.reserved_qtheta + excluded.reserved_qtheta,
      committed_qtheta = budget_day.committed_qtheta + excluded.committed_qtheta
  )
  UPDATE budget_scope SET settled_charges = settled_charges + final.charges,
    settled_nrho = settled_nrho + final.nrho, settled_qtheta = settled_qtheta + final.qtheta
  FROM (SELECT count(*) AS charges, coalesce(sum(nano_rho), 0) AS nrho, coalesce(sum(quecto_theta), 0) AS qtheta
    FROM taken WHERE state = 'committed') AS final
  WHERE id = $1`;

/** What quotas promise together in one period, beside what the budget above them holds; nano-ρ. */
export interface Promised {
  readonly what: string;
  readonly period: 'month' | 'year';
  readonly promised: bigint;
  readonly cap: bigint;
}

/**
 * Admits quotas only where the budget above can keep all of them: the brands' within every country's global budget, and
 * within an agency's those of the brands that let it in. Then nobody can use up what another was promised.
 */
@Injectable()
export class QuotaAdmissionService implements TenantAdmission {
  constructor(
    private readonly opening: BudgetOpeningService,
    brands: BrandsService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    brands.admitWith(this);
  }

  /** @throws DomainError `budget-overcommitted`, unless the wish or the configuration allows it. */
  async brandOpened(manager: EntityManager, brandId: string, wish: AdmissionWish): Promise<void> {
    await this.lockQuotas(manager);
    await this.opening.openIn(manager, [{ brandId }]);
    await this.requireKept(manager, scopeId('brand', brandId), wish);
  }

  /**
   * The agency's budget takes over what the brand was charged, since it may now read it.
   *
   * @throws DomainError `budget-overcommitted`, unless the wish or the configuration allows it.
   */
  async granted(
    manager: EntityManager,
    grant: { agencyId: string; brandId: string },
    wish: AdmissionWish,
  ): Promise<void> {
    await this.lockQuotas(manager);
    await this.opening.openIn(manager, [{ brandId: grant.brandId }], [grant.agencyId]);
    const [agency, brand] = [scopeId('agency', grant.agencyId), scopeId('brand', grant.brandId)];
    // A settlement that runs has its row; one that comes finds the agency's charge beside the others.
    await manager.query(
      `SELECT id FROM release WHERE brand_id = $1 AND state IN ('reserved', 'running') ORDER BY id FOR UPDATE`,
      [grant.brandId],
    );
    await manager.query('SELECT id FROM budget_scope WHERE id = ANY($1) ORDER BY rank, id FOR NO KEY UPDATE', [
      [agency, brand],
    ]);
    await manager.query(TAKE_OVER, [agency, brand]);
    await this.requireKept(manager, agency, wish);
  }

  /**
   * Requires that every promise is kept with the quotas as they now stand in the transaction, and marks the scope that
   * asks for more.
   *
   * @throws DomainError `budget-overcommitted`, unless the wish or the configuration allows it.
   */
  async requireKept(manager: EntityManager, scope: string, wish: AdmissionWish): Promise<void> {
    const [kind, owner = ''] = scope.split(':');
    const seen = kind === 'agency' ? await this.#seenBy(manager, owner) : [];
    const [first] = [
      ...seen.filter(isBroken),
      ...(await this.brokenPromises(manager, kind === 'agency' ? owner : null)),
    ];
    const allowed = wish.allowOvercommit || this.config.budgets.allowOvercommit;
    if (first !== undefined && !allowed) throw overcommitted(first);
    await manager.query('UPDATE budget_scope SET overcommitted = $2 WHERE id = $1', [scope, first !== undefined]);
  }

  /** What is promised beyond what a budget holds; of one agency alone where one is named. */
  async brokenPromises(manager: EntityManager, agencyId: string | null = null): Promise<Promised[]> {
    const ofBrands = agencyId === null ? await this.#ofBrands(manager) : [];
    return [...ofBrands, ...(await this.#ofAgencies(manager, agencyId))].filter(isBroken);
  }

  /** Quotas change under this lock alone. */
  async lockQuotas(manager: EntityManager): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [ADMISSION_LOCK]);
  }

  /** What the brands' quotas promise, beside the global caps. Every country has the same. */
  async #ofBrands(manager: EntityManager): Promise<Promised[]> {
    const [sums] = await manager.query<{ month: string; year: string }[]>(PROMISED_TO_BRANDS);
    const { globalMonth, globalYear } = this.config.budgets;
    const what = 'all brands together in one country';
    return [
      { what, period: 'month', promised: BigInt(sums?.month ?? 0), cap: globalMonth },
      { what, period: 'year', promised: BigInt(sums?.year ?? 0), cap: globalYear },
    ];
  }

  async #ofAgencies(manager: EntityManager, agencyId: string | null): Promise<Promised[]> {
    const rows = await manager.query<{ cap: string; month: string }[]>(PROMISED_TO_AGENCIES, [
      agencyId,
      new Date(this.clock.now()),
    ]);
    return rows.map(({ cap, month }) => ({
      what: 'the brands that let an agency in',
      period: 'month',
      promised: BigInt(month),
      cap: BigInt(cap),
    }));
  }

  /** What the agency has come to see this month, of brands that took their grants back as well. */
  async #seenBy(manager: EntityManager, agencyId: string): Promise<Promised[]> {
    const rows = await manager.query<{ cap: string; month: string }[]>(
      `SELECT s.month_cap_nrho AS cap, coalesce(sum(d.committed_nrho + d.reserved_nrho), 0) AS month
       FROM budget_scope s LEFT JOIN budget_day d ON d.scope_id = s.id AND d.day >= $2 WHERE s.id = $1
       GROUP BY s.month_cap_nrho`,
      [scopeId('agency', agencyId), monthStart(this.clock.now())],
    );
    return rows.map(({ cap, month }) => ({
      what: 'what an agency has come to see',
      period: 'month',
      promised: BigInt(month),
      cap: BigInt(cap),
    }));
  }
}

const isBroken = ({ promised, cap }: Promised): boolean => promised > cap;

const overcommitted = ({ what, period, promised, cap }: Promised): DomainError =>
  new DomainError('budget-overcommitted', {
    public:
      `The quotas of ${what} would promise ${rho(promised)} ρ in one ${period}, must be at most the ${rho(cap)} ρ of the ` +
      `budget above them. Lower a quota, or send "allowOvercommit": true; the budget above still stops everybody.`,
    extensions: { budget: { period, promisedNanoRho: safeNumber(promised), capNanoRho: safeNumber(cap) } },
  });

const rho = (nanoRho: bigint): number => Number(nanoRho) / 1e9;
