import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { BrandsModule } from '../brands/brands.module.ts';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import type { Secret } from '../config/secret.ts';
import { AdminBudgetsController } from './admin-budgets.controller.ts';
import { AdminQuotasController } from './admin-quotas.controller.ts';
import { BudgetAdjustmentService } from './budget-adjustment.service.ts';
import { BudgetAuditService } from './budget-audit.service.ts';
import { BudgetCapsService } from './budget-caps.service.ts';
import { BudgetFilterService } from './budget-filter.service.ts';
import { BudgetOdometerService } from './budget-odometer.service.ts';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { BudgetQuotaService } from './budget-quota.service.ts';
import { BudgetsController } from './budgets.controller.ts';
import { HighWaterFolder } from './high-water-folder.ts';
import { HighWaterMarkService } from './high-water-mark.service.ts';
import { LedgerEntriesService } from './ledger-entries.service.ts';
import { LEDGER_MARK_KEY } from './ledger-mark-key.ts';
import { LedgerRestoreService } from './ledger-restore.service.ts';
import { LedgerStateController } from './ledger-state.controller.ts';
import { LedgerTotalsService } from './ledger-totals.service.ts';
import { QuotaAdmissionService } from './quota-admission.service.ts';
import { QuoteService } from './quote.service.ts';
import { ReaperService } from './reaper.service.ts';
import { ReleaseContext } from './release-context.ts';
import { ReleaseSettlementService } from './release-settlement.service.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import { ReleaseViewService } from './release-view.service.ts';
import { ReleaseWaitService } from './release-wait.service.ts';
import { ReleasesController } from './releases.controller.ts';
import { ReleasesService } from './releases.service.ts';

@Module({
  imports: [AuditModule, BrandsModule],
  controllers: [
    ReleasesController,
    BudgetsController,
    AdminBudgetsController,
    AdminQuotasController,
    LedgerStateController,
  ],
  providers: [
    BudgetAdjustmentService,
    BudgetAuditService,
    BudgetCapsService,
    BudgetFilterService,
    BudgetOdometerService,
    BudgetOpeningService,
    BudgetQuotaService,
    {
      provide: HighWaterFolder,
      useFactory: (config: Config, key: Secret<Buffer>): HighWaterFolder =>
        new HighWaterFolder(config.highWaterDir, key.reveal()),
      inject: [CONFIG, LEDGER_MARK_KEY],
    },
    HighWaterMarkService,
    LedgerEntriesService,
    LedgerRestoreService,
    LedgerTotalsService,
    QuotaAdmissionService,
    QuoteService,
    ReaperService,
    ReleaseContext,
    ReleaseSettlementService,
    ReleaseStoreService,
    ReleaseViewService,
    ReleaseWaitService,
    ReleasesService,
  ],
  exports: [HighWaterMarkService, QuoteService, ReleaseViewService, ReleasesService],
})
export class ReleasesModule {}
