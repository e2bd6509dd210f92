import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { BrandsModule } from '../brands/brands.module.ts';
import { AdminBudgetsController } from './admin-budgets.controller.ts';
import { BudgetCapsService } from './budget-caps.service.ts';
import { BudgetFilterService } from './budget-filter.service.ts';
import { BudgetOdometerService } from './budget-odometer.service.ts';
import { BudgetOpeningService } from './budget-opening.service.ts';
import { BudgetsController } from './budgets.controller.ts';
import { LedgerEntriesService } from './ledger-entries.service.ts';
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
  controllers: [ReleasesController, BudgetsController, AdminBudgetsController],
  providers: [
    BudgetCapsService,
    BudgetFilterService,
    BudgetOdometerService,
    BudgetOpeningService,
    LedgerEntriesService,
    QuoteService,
    ReaperService,
    ReleaseContext,
    ReleaseSettlementService,
    ReleaseStoreService,
    ReleaseViewService,
    ReleaseWaitService,
    ReleasesService,
  ],
  exports: [QuoteService, ReleaseViewService, ReleasesService],
})
export class ReleasesModule {}
