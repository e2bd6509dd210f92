import { Injectable } from '@nestjs/common';
import { previewCount } from '#privacy';
import { BudgetOdometerService } from './budget-odometer.service.ts';
import { budgetPeriods } from './budget-period.ts';
import type { BudgetPeriod } from './budget-period.ts';
import { shownToBrand } from './odometer.ts';
import { obstaclesTo } from './privacy-filter.ts';
import { READ_NANO_RHO, audienceSizePlan } from './precision.ts';
import { ReleaseContext } from './release-context.ts';
import type { CountQuestion } from './release-question.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import { releaseKey } from './release-question.ts';
import { hiddenSpan } from './slot.ts';

/** Price and expected error of a question, from its parameters and the ledger alone. */
export interface Quote {
  readonly nanoRho: bigint;
  readonly reads: number;
  readonly sigma: number;
  readonly interval95HalfWidth: bigint;
  readonly tau: bigint;
  readonly shown95: bigint;
  /** The question was answered before on this data: asking again costs nothing. */
  readonly replay: boolean;
  readonly affordable: boolean;
  /** The budgets as they would stand after the answer. */
  readonly budgetAfter: readonly BudgetPeriod[];
  readonly etaSeconds: number;
  /** Null where the engine does not bill by bytes. */
  readonly bytesEstimate: number | null;
  readonly costEur: number;
}

/** Tells what a question would cost. Reads no member data and charges nothing. */
@Injectable()
export class QuoteService {
  constructor(
    private readonly odometer: BudgetOdometerService,
    private readonly store: ReleaseStoreService,
    private readonly context: ReleaseContext,
  ) {}

  async quote(question: CountQuestion): Promise<Quote> {
    const preview = previewCount(audienceSizePlan(question.precision));
    const now = this.context.clock.now();
    const hidden = hiddenSpan(now, this.context.config.releaseSlotMs);
    const replay = (await this.store.findJoinable(releaseKey(question), hidden)) !== undefined;
    const nanoRho = replay ? 0n : preview.nanoRho;
    const readings = await this.odometer.readings([question]);
    const price = { nanoRho, quectoTheta: 0n };
    return {
      ...preview,
      nanoRho,
      reads: Number(nanoRho) / Number(READ_NANO_RHO),
      replay,
      affordable: obstaclesTo(price, readings, now).length === 0,
      budgetAfter: budgetPeriods(shownToBrand(readings), now, nanoRho),
      etaSeconds: Math.ceil((hidden.upTo - hidden.after) / 1_000) + 1,
      bytesEstimate: null,
      costEur: 0,
    };
  }
}
