import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { AuditService } from '../audit/audit.service.ts';
import { CONFIG } from '../config/config.ts';
import type { BudgetCaps, Config } from '../config/config.ts';
import { ConfigError } from '../config/environment.ts';
import { changed } from '../database/changed.ts';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { capTexts } from './budget-scope.ts';
import type { BudgetScope, ScopeKind } from './budget-scope.ts';
import { QuotaAdmissionService } from './quota-admission.service.ts';

/**
 * Makes the configured caps hold at the start for budgets that were opened under others, and writes down that it did.
 * Caps that an account manager set for one owner stay.
 */
@Injectable()
export class BudgetCapsService implements OnApplicationBootstrap {
  constructor(
    private readonly source: DataSource,
    private readonly audit: AuditService,
    private readonly opening: BudgetOpeningService,
    private readonly admission: QuotaAdmissionService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws ConfigError when the caps would let the quotas promise more than the budgets above them hold. */
  async onApplicationBootstrap(): Promise<void> {
    await this.source.transaction(async (manager) => {
      await this.admission.lockQuotas(manager);
      for (const [kind, caps] of Object.entries(capsOf(this.config.budgets))) {
        const scopes = await changed(
          manager,
          `UPDATE budget_scope SET month_cap_nrho = $2, year_cap_nrho = $3, total_cap_nrho = $4
           WHERE kind = $1 AND NOT own_caps
             AND (month_cap_nrho, year_cap_nrho, total_cap_nrho) IS DISTINCT FROM ($2::bigint, $3::bigint, $4::bigint)`,
          [kind, caps.month?.toString(), caps.year?.toString(), caps.total?.toString()],
        );
        if (scopes === 0) continue;
        await this.audit.record(manager, {
          stream: 'retailer',
          actor: 'configuration',
          action: 'budget.caps-changed',
          resource: `budget:${kind}`,
          details: { ...capTexts(caps), scopes },
        });
      }
      await this.#openAll(manager);
      await this.#requireKept(manager);
    });
  }

  /** Every tenant has a quota from the start, so that what is promised is known. */
  async #openAll(manager: EntityManager): Promise<void> {
    const rows = await manager.query<{ id: string }[]>('SELECT id FROM brand');
    await this.opening.openIn(
      manager,
      rows.map(({ id }) => ({ brandId: id })),
    );
  }

  /** An account manager may have promised more on purpose; a configuration must not by accident. */
  async #requireKept(manager: EntityManager): Promise<void> {
    const [row] = await manager.query<{ wanted: boolean }[]>(
      'SELECT coalesce(bool_or(overcommitted), false) AS wanted FROM budget_scope',
    );
    if (row?.wanted === true || this.config.budgets.allowOvercommit) return;
    const [broken] = await this.admission.brokenPromises(manager);
    if (broken === undefined) return;
    throw new ConfigError(
      `the quotas of ${broken.what} promise ${broken.promised} nano-ρ in one ${broken.period}, must be at most ` +
        `${broken.cap}: raise the cap above them, lower a quota, or set HAVEN_ALLOW_OVERCOMMIT=true`,
    );
  }
}

const capsOf = (budgets: BudgetCaps): Readonly<Record<ScopeKind, BudgetScope['caps']>> => ({
  global: { month: budgets.globalMonth, year: budgets.globalYear },
  agency: { month: budgets.agencyMonth },
  brand: { month: budgets.brandMonth, year: budgets.brandYear },
  campaign: { total: budgets.campaignTotal },
});
