import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../audit/audit.service.ts';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { changed } from '../database/changed.ts';

/** Makes the configured caps hold at the start for budgets that were opened under others, and writes down that it did. */
@Injectable()
export class BudgetCapsService implements OnApplicationBootstrap {
  constructor(
    private readonly source: DataSource,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { globalMonth, globalYear, brandMonth, brandYear } = this.config.budgets;
    const caps = {
      global: { month: globalMonth.toString(), year: globalYear.toString() },
      brand: { month: brandMonth.toString(), year: brandYear.toString() },
    };
    await this.source.transaction(async (manager) => {
      for (const kind of ['global', 'brand'] as const) {
        const { month, year } = caps[kind];
        const scopes = await changed(
          manager,
          `UPDATE budget_scope SET month_cap_nrho = $2, year_cap_nrho = $3
           WHERE kind = $1 AND (month_cap_nrho, year_cap_nrho) <> ($2::bigint, $3::bigint)`,
          [kind, month, year],
        );
        if (scopes === 0) continue;
        await this.audit.record(manager, {
          stream: 'retailer',
          actor: 'configuration',
          action: 'budget.caps-changed',
          resource: `budget:${kind}`,
          details: { monthNanoRho: month, yearNanoRho: year, scopes },
        });
      }
    });
  }
}
