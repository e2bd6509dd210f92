import { Injectable } from '@nestjs/common';
import { DomainError } from '#core';
import type { Json } from '#core';
import type { CursorSealer } from '../common/cursor.ts';
import { toPage } from '../common/page.ts';
import { BudgetOdometerService } from './budget-odometer.service.ts';
import { budgetPeriods } from './budget-period.ts';
import type { BudgetPeriod } from './budget-period.ts';
import type { Payers } from './budget-scope.ts';
import { INDEPENDENT_OF_ROWS } from './independent-of-rows.ts';
import { shownToBrand } from './odometer.ts';
import type { OdometerReading } from './odometer.ts';
import { READ_NANO_RHO } from './precision.ts';
import type { Quote } from './quote.service.ts';
import { safeNumber } from './release-answer.ts';
import { ReleaseContext } from './release-context.ts';
import type { ReleaseOutcome } from './releases.service.ts';
import type { ReleaseRow } from './release-store.service.ts';
import { untilVisible } from './slot.ts';
import type { BudgetPeriodDto, QuoteDto, ReleasePage, ReleaseSummaryDto, ReleaseViewDto } from './release-view.dto.ts';

/** Puts releases, quotes and budgets into the form in which the API shows them. */
@Injectable()
export class ReleaseViewService {
  constructor(
    private readonly odometer: BudgetOdometerService,
    private readonly context: ReleaseContext,
  ) {}

  /** The answer to a call that may have been charged, with the budgets as they stand after it. */
  async outcome(outcome: ReleaseOutcome): Promise<ReleaseViewDto> {
    const { row, visible, replayed, chargedNanoRho } = outcome;
    // A refund shows only when its outcome does: until then the charge stands.
    const charged = visible && row.state === 'refunded' ? 0n : chargedNanoRho;
    return {
      releaseId: row.id,
      state: viewState(row, visible),
      release: visible && row.answer !== null ? JSON.parse(row.answer) : null,
      failure: visible ? row.failure : null,
      replayed,
      charged: { nanoRho: safeNumber(charged), reads: Number(charged) / Number(READ_NANO_RHO) },
      chargedTo: row.brandId,
      budget: await this.budgets([row]),
    };
  }

  /** A release that is read again, at no charge. */
  async reread(found: Pick<ReleaseOutcome, 'row' | 'visible'>): Promise<ReleaseViewDto> {
    return await this.outcome({ ...found, replayed: true, chargedNanoRho: 0n });
  }

  /** One page of releases; `rows` holds one more than `limit` where there are more. */
  page(rows: readonly ReleaseRow[], rules: { limit: number; sealer: CursorSealer; filter: Json }): ReleasePage {
    return toPage(rows, {
      ...rules,
      position: (row) => ({ sortKey: new Date(row.createdAt).toISOString(), id: row.id }),
      item: (row) => this.#summary(row),
    });
  }

  #summary(row: ReleaseRow): ReleaseSummaryDto {
    const { clock, config } = this.context;
    const visible = row.visibleAt !== null && untilVisible(row.visibleAt, clock.now(), config.releaseSlotMs) === 0;
    return {
      releaseId: row.id,
      state: viewState(row, visible),
      release: visible && row.answer !== null ? JSON.parse(row.answer) : null,
      chargedTo: row.brandId,
      requestedBy: row.requestedBy,
      createdAt: new Date(row.createdAt).toISOString(),
    };
  }

  /** Every window of the budgets these payers draw on, global ones first, as a brand may read them. */
  async budgets(payers: readonly Payers[]): Promise<BudgetPeriodDto[]> {
    return this.#periods(shownToBrand(await this.odometer.readings(payers)));
  }

  /** Every window of the budgets these payers draw on, global ones first, those of agencies too. */
  async allBudgets(payers: readonly Payers[]): Promise<BudgetPeriodDto[]> {
    return this.#periods(await this.odometer.readings(payers));
  }

  /** Every window of the budgets with these ids, where they are open. */
  async budgetsOf(ids: readonly string[]): Promise<BudgetPeriodDto[]> {
    return this.#periods(await this.odometer.readingsOf(ids));
  }

  #periods(readings: readonly OdometerReading[]): BudgetPeriodDto[] {
    return budgetPeriods(readings, this.context.clock.now()).map(budgetDto);
  }

  quote(quote: Quote): QuoteDto {
    return {
      ...quote,
      nanoRho: safeNumber(quote.nanoRho),
      interval95HalfWidth: safeNumber(quote.interval95HalfWidth),
      tau: safeNumber(quote.tau),
      shown95: safeNumber(quote.shown95),
      budgetAfter: quote.budgetAfter.map(budgetDto),
    };
  }

  /**
   * The problem that a failed release is to its caller.
   *
   * @param chargedNanoRho what this caller was charged when the release was opened.
   */
  failure(row: ReleaseRow, chargedNanoRho: bigint): DomainError {
    if (row.state === 'burned' && chargedNanoRho > 0n) {
      return new DomainError('release-failed', {
        public:
          'The answer could not be produced. The charge stays: whether a failure happened may depend on the data.',
        extensions: { charged: true, releaseId: row.id },
      });
    }
    return new DomainError(INDEPENDENT_OF_ROWS.find((code) => code === row.failure) ?? 'service-unavailable', {
      public: 'The answer could not be produced. Nothing was charged; try again.',
      extensions: { charged: false, releaseId: row.id },
      retryAfterSeconds: 2,
    });
  }
}

function viewState(row: ReleaseRow, visible: boolean): ReleaseViewDto['state'] {
  if (!visible) return 'RUNNING';
  return row.state === 'committed' ? 'SUCCEEDED' : 'FAILED';
}

function budgetDto(period: BudgetPeriod): BudgetPeriodDto {
  return {
    id: `${period.kind}:${period.owner}`,
    kind: period.kind,
    owner: period.owner,
    period: period.period,
    capNanoRho: safeNumber(period.capNanoRho),
    committedNanoRho: safeNumber(period.committedNanoRho),
    reservedNanoRho: safeNumber(period.reservedNanoRho),
    leftNanoRho: safeNumber(period.leftNanoRho),
    leftReads: Math.max(0, Math.floor(Number(period.leftNanoRho) / Number(READ_NANO_RHO))),
    capEpsilon: period.capEpsilon,
    spentEpsilon: period.spentEpsilon,
    spentDelta: period.spentDelta,
    leftEpsilon: period.leftEpsilon,
    resetsAt: period.resetsAt,
    displayUnit: { name: 'read', nanoRho: safeNumber(READ_NANO_RHO) },
  };
}
