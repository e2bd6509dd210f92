import { Body, Controller, Get, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { applyAnswer, requestHash } from '../common/idempotency.ts';
import { IdempotencyService } from '../common/idempotency.service.ts';
import { HighWaterMarkService } from './high-water-mark.service.ts';
import type { Shortfall } from './ledger-mismatch.ts';
import { LedgerRestoreService } from './ledger-restore.service.ts';
import { LedgerStateDto, ReconcileLedgerDto, ReconciledLedgerDto } from './ledger-state.dto.ts';
import type { LedgerShortfallDto } from './ledger-state.dto.ts';
import { LedgerTotalsService } from './ledger-totals.service.ts';
import { safeNumber } from './release-answer.ts';

/** The ledger as a whole: whether an older one was put in its place, and what to do then. */
@ApiTags('admin')
@Controller('admin/v1/ledger')
@Needs('admin:budgets')
export class LedgerStateController {
  constructor(
    private readonly highWater: HighWaterMarkService,
    private readonly totals: LedgerTotalsService,
    private readonly restore: LedgerRestoreService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Whether the database has everything that was marked outside it, looked at now. */
  @Get()
  @ApiOkResponse({ type: LedgerStateDto })
  @ApiProblems()
  async read(): Promise<LedgerStateDto> {
    await this.highWater.look();
    const { ledgerId, markedAt } = await this.totals.read();
    const { mismatch } = this.highWater;
    return {
      ledgerId,
      state: mismatch === null ? 'WRITABLE' : 'READ_ONLY',
      reason: mismatch?.reasons[0] ?? null,
      behind: (mismatch?.shortfalls ?? []).map(shortfallDto),
      markedAt: markedAt === null ? null : new Date(markedAt).toISOString(),
    };
  }

  /**
   * Charges what the ledger has forgotten, dated today, and lets new questions in again. Do this only when the database
   * that was lost cannot be put back.
   */
  @Post('reconcile')
  @HttpCode(200)
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 128 visible ASCII characters' })
  @ApiOkResponse({ type: ReconciledLedgerDto })
  @ApiProblems(400, 409, 413, 415, 422)
  async reconcile(
    @CurrentPrincipal() principal: Principal,
    @Body() body: ReconcileLedgerDto,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const request = {
      owner: principal.id,
      route: 'POST /admin/v1/ledger/reconcile',
      key,
      required: true,
      requestHash: requestHash({ ...body }),
    };
    const answer = await this.idempotency.run(request, async () => {
      const { charged, unknownScopes } = await this.restore.reconcile({ actor: principal.id, reason: body.reason });
      const done: ReconciledLedgerDto = { charged: charged.map(shortfallDto), unknownBudgets: unknownScopes };
      return { status: 200, body: done };
    });
    return applyAnswer(response, answer);
  }
}

const shortfallDto = ({ scopeId, missing }: Shortfall): LedgerShortfallDto => ({
  budgetId: scopeId,
  missingCharges: safeNumber(missing.charges),
  missingNanoRho: safeNumber(missing.nanoRho),
  missingTheta: Number(missing.quectoTheta) / 1e30,
});
