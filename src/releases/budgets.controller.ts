import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Warehouse } from '#warehouse';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal, brandFor } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { CursorSealer } from '../common/cursor.ts';
import { notFound } from '../common/not-found.ts';
import { WAREHOUSE } from '../database/warehouse.ts';
import { scopeId } from './budget-scope.ts';
import { BudgetListDto, BudgetsQuery, ChargePage, ChargesQuery } from './budgets.dto.ts';
import { LedgerEntriesService } from './ledger-entries.service.ts';
import { ReleaseViewService } from './release-view.service.ts';

/** What privacy budget there is, what is left of it and what it went on. */
@ApiTags('budgets')
@Controller('v1/budgets')
@Needs('budgets:read')
export class BudgetsController {
  constructor(
    private readonly view: ReleaseViewService,
    private readonly entries: LedgerEntriesService,
    private readonly sealer: CursorSealer,
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
  ) {}

  /** The brand's budget, the global budgets it stands under, and to an agency its own. */
  @Get()
  @ApiOkResponse({ type: BudgetListDto })
  @ApiProblems(400, 404)
  async list(@CurrentPrincipal() principal: Principal, @Query() query: BudgetsQuery): Promise<BudgetListDto> {
    const brandId = brandFor(principal, query.brandId);
    const countries = (await this.warehouse.dataVersions()).map(({ country }) => country);
    const wanted = countries.filter((country) => query.country === undefined || query.country === country);
    const own =
      principal.agencyId === undefined ? [] : await this.view.budgetsOf([scopeId('agency', principal.agencyId)]);
    return { data: [...(await this.view.budgets(wanted.map((country) => ({ country, brandId })))), ...own] };
  }

  /** What was charged to the brand's budget, newest first. */
  @Get(':id/charges')
  @ApiOkResponse({ type: ChargePage })
  @ApiProblems(400, 404)
  async listCharges(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: ChargesQuery,
  ): Promise<ChargePage> {
    if (!principal.brandIds.some((brandId) => id === `brand:${brandId}`)) {
      throw notFound();
    }
    return await this.entries.page(id, query, { filter: ['charges', id], sealer: this.sealer });
  }
}
