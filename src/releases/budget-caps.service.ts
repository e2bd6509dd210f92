import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../audit/audit.service.ts';
import { CONFIG } from '../config/config.ts';
import type { BudgetCaps, Config } from '../config/config.ts';
import { changed } from '../database/changed.ts';
import type { BudgetScope, ScopeKind } from './budget-scope.ts';

/**
 * Makes the configured caps hold at the start for budgets that were opened under others, and writes down that it did.
 * Caps that an account manager set for one owner stay.
 */
@Injectable()
export class BudgetCapsService implements OnApplicationBootstrap {
  constructor(
    private readonly source: DataSource,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.source.transaction(async (manager) => {
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
          details: { ...texts(caps), scopes },
        });
      }
    });
  }
}

const capsOf = (budgets: BudgetCaps): Readonly<Record<ScopeKind, BudgetScope['caps']>> => ({
  global: { month: budgets.globalMonth, year: budgets.globalYear },
  agency: { month: budgets.agencyMonth },
  brand: { month: budgets.brandMonth, year: budgets.brandYear },
  campaign: { total: budgets.campaignTotal },
});

const texts = (caps: BudgetScope['caps']): Record<string, string> =>
  Object.fromEntries(Object.entries(caps).map(([window, cap]) => [`${window}NanoRho`, cap.toString()]));
