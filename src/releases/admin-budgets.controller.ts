import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Warehouse } from '#warehouse';
import { Needs } from '../access/needs.decorator.ts';
import { BrandsService } from '../brands/brands.service.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { WAREHOUSE } from '../database/warehouse.ts';
import { BudgetListDto } from './budgets.dto.ts';
import { ReleaseViewService } from './release-view.service.ts';

/** The account manager's view of all budgets. */
@ApiTags('admin')
@Controller('admin/v1/budgets')
@Needs('admin:budgets')
export class AdminBudgetsController {
  constructor(
    private readonly view: ReleaseViewService,
    private readonly brands: BrandsService,
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
  ) {}

  /** The global budget of every country with data and the budget of every brand, global ones first. */
  @Get()
  @ApiOkResponse({ type: BudgetListDto })
  @ApiProblems()
  async list(): Promise<BudgetListDto> {
    const countries = (await this.warehouse.dataVersions()).map(({ country }) => country);
    const brands = await this.brands.list();
    const payers = brands.flatMap(({ id: brandId }) => countries.map((country) => ({ country, brandId })));
    return { data: await this.view.budgets(payers) };
  }
}
