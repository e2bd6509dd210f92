import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Warehouse } from '#warehouse';
import { Needs } from '../access/needs.decorator.ts';
import { BrandsService } from '../brands/brands.service.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { CursorSealer } from '../common/cursor.ts';
import { notFound } from '../common/not-found.ts';
import { WAREHOUSE } from '../database/warehouse.ts';
import { BudgetListDto, ChargePage, ChargesQuery } from './budgets.dto.ts';
import { LedgerEntriesService } from './ledger-entries.service.ts';
import { ReleaseViewService } from './release-view.service.ts';

/** The account manager's view of all budgets: what is spent, by whom, for what. */
@ApiTags('admin')
@Controller('admin/v1/budgets')
@Needs('admin:budgets')
export class AdminBudgetsController {
  constructor(
    private readonly view: ReleaseViewService,
    private readonly brands: BrandsService,
    private readonly entries: LedgerEntriesService,
    private readonly sealer: CursorSealer,
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
  ) {}

  /** The global budget of every country with data, the budget of every agency and of every brand, in this order. */
  @Get()
  @ApiOkResponse({ type: BudgetListDto })
  @ApiProblems()
  async list(): Promise<BudgetListDto> {
    const countries = (await this.warehouse.dataVersions()).map(({ country }) => country);
    const brands = await this.brands.list();
    const payers = brands.flatMap(({ id: brandId }) => countries.map((country) => ({ country, brandId })));
    return { data: await this.view.allBudgets(payers) };
  }

  /** What was charged to one budget, newest first, entries made by hand included. */
  @Get(':id/charges')
  @ApiOkResponse({ type: ChargePage })
  @ApiProblems(400, 404)
  async listCharges(@Param('id') id: string, @Query() query: ChargesQuery): Promise<ChargePage> {
    if ((await this.view.budgetsOf([id])).length === 0) throw notFound();
    return await this.entries.page(id, query, { filter: ['admin-charges', id], sealer: this.sealer });
  }
}
