import { Body, Controller, Headers, Param, Post, Put, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Json } from '#core';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { applyAnswer, requestHash } from '../common/idempotency.ts';
import { IdempotencyService } from '../common/idempotency.service.ts';
import { AdjustmentDto, EnterAdjustmentDto, SetQuotaDto } from './admin-budgets.dto.ts';
import { BudgetAdjustmentService } from './budget-adjustment.service.ts';
import type { Adjustment } from './budget-adjustment.service.ts';
import { BudgetQuotaService } from './budget-quota.service.ts';
import type { QuotaChange } from './budget-quota.service.ts';
import { BudgetListDto } from './budgets.dto.ts';
import { safeNumber } from './release-answer.ts';
import { ReleaseViewService } from './release-view.service.ts';

/** The account manager's hand on the budgets. Everything done here stands in the audit with its reason. */
@ApiTags('admin')
@Controller('admin/v1/budgets/:id')
@Needs('admin:budgets')
export class AdminQuotasController {
  constructor(
    private readonly view: ReleaseViewService,
    private readonly quotas: BudgetQuotaService,
    private readonly adjustments: BudgetAdjustmentService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Sets what one brand, agency or campaign may spend. The quotas together never promise more than the budget above. */
  @Put('quota')
  @ApiOkResponse({ type: BudgetListDto })
  @ApiProblems(400, 404, 409, 413, 415)
  async setQuota(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: SetQuotaDto,
  ): Promise<BudgetListDto> {
    const { reason, allowOvercommit } = body;
    await this.quotas.set({ actor: principal.id, scopeId: id, caps: capsOf(body), reason, allowOvercommit });
    return { data: await this.view.budgetsOf([id]) };
  }

  /** Enters a charge or a credit by hand. With an `Idempotency-Key` a repeated request gives the first one's answer. */
  @Post('adjustments')
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 128 visible ASCII characters' })
  @ApiCreatedResponse({ type: AdjustmentDto })
  @ApiProblems(400, 404, 409, 413, 415, 422)
  async adjust(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: EnterAdjustmentDto,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const route = 'POST /admin/v1/budgets/:id/adjustments';
    const request = {
      owner: principal.id,
      route,
      key,
      required: true,
      requestHash: requestHash([id, { ...body }] as Json),
    };
    const answer = await this.idempotency.runInTransaction(request, async (manager) => {
      const wish = { ...body, actor: principal.id, scopeId: id, nanoRho: BigInt(body.nanoRho) };
      return { status: 201, body: adjustmentDto(await this.adjustments.enter(manager, wish)) };
    });
    return applyAnswer(response, answer);
  }
}

const capsOf = (body: SetQuotaDto): QuotaChange['caps'] => ({
  ...(body.monthNanoRho !== undefined && { month: BigInt(body.monthNanoRho) }),
  ...(body.yearNanoRho !== undefined && { year: BigInt(body.yearNanoRho) }),
  ...(body.totalNanoRho !== undefined && { total: BigInt(body.totalNanoRho) }),
});

const adjustmentDto = (entry: Adjustment): AdjustmentDto => ({
  id: entry.id,
  budgetId: entry.scopeId,
  kind: entry.kind,
  nanoRho: safeNumber(entry.nanoRho),
  day: entry.day,
  reason: entry.reason,
  createdAt: new Date(entry.createdAt).toISOString(),
});
