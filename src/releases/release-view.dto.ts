import { ApiProperty } from '@nestjs/swagger';
import { BUDGET_WINDOWS, SCOPE_KINDS } from './budget-scope.ts';
import type { BudgetWindow, ScopeKind } from './budget-scope.ts';

/** The unit in which people read budgets. */
export class DisplayUnitDto {
  @ApiProperty({ enum: ['read'] })
  name: 'read';

  /** One read: the price of one standard audience size. */
  @ApiProperty({ type: 'integer', example: 50_000 })
  nanoRho: number;
}

/** One privacy budget over one period. Amounts are nano-ρ (1 ρ = 1,000,000,000); ε is at δ = 1e-9. */
export class BudgetPeriodDto {
  /** Name for reading the charges, e.g. `brand:brd_…`. */
  id: string;

  /**
   * `global`: all brands together in one country, the guarantee. The others are quotas beneath it: what one `agency` may
   * come to see, what one `brand` may ask, what one `campaign` may cost.
   */
  @ApiProperty({ enum: SCOPE_KINDS })
  kind: ScopeKind;

  /** Country of a global budget, else the id of the agency, brand or campaign. */
  owner: string;

  /** `month`: calendar month, UTC. `year`: the last 365 days, today included. `total`: since it was opened. */
  @ApiProperty({ enum: BUDGET_WINDOWS })
  period: BudgetWindow;

  /** Most that may be spent in the period. */
  @ApiProperty({ type: 'integer', example: 20_000_000 })
  capNanoRho: number;

  /** Spent for good. */
  @ApiProperty({ type: 'integer', example: 50_000 })
  committedNanoRho: number;

  /** Held by questions that are being answered. */
  @ApiProperty({ type: 'integer', example: 0 })
  reservedNanoRho: number;

  /** Cap less committed less reserved. Negative only in a quote that cannot be afforded. */
  @ApiProperty({ type: 'integer', example: 19_950_000 })
  leftNanoRho: number;

  /** Standard questions that still fit. */
  @ApiProperty({ example: 399 })
  leftReads: number;

  /** ε of the cap. */
  @ApiProperty({ example: 1.17 })
  capEpsilon: number;

  /** ε of what is committed and reserved, rounded up. */
  @ApiProperty({ example: 0.06 })
  spentEpsilon: number;

  /** δ of what is committed and reserved: 1e-9, and more only where a mechanism may fail. */
  @ApiProperty({ example: 1e-9 })
  spentDelta: number;

  /** ε of what is left, rounded down. */
  @ApiProperty({ example: 1.16 })
  leftEpsilon: number;

  /** When the month starts anew, or when the oldest charge leaves the rolling year; null when nothing is spent. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  resetsAt: string | null;

  /** What people count this budget in. */
  displayUnit: DisplayUnitDto;
}

/** The noised answer, stored once and served byte for byte ever after. Counts are loyalty members. */
export class ReleaseAnswerDto {
  /** Id under which it can be read again at no charge. */
  @ApiProperty({ example: 'rel_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  releaseId: string;

  @ApiProperty({ enum: ['audience-size'] })
  kind: 'audience-size';

  /** `SUPPRESSED`: the noisy count lay below τ. It says no more than that. */
  @ApiProperty({ enum: ['RELEASED', 'SUPPRESSED'] })
  verdict: 'RELEASED' | 'SUPPRESSED';

  @ApiProperty({ type: 'string', enum: ['BELOW_MINIMUM_COHORT', null], nullable: true })
  reason: 'BELOW_MINIMUM_COHORT' | null;

  /** Noisy count, null when suppressed. */
  @ApiProperty({ type: 'integer', nullable: true, example: 12_480 })
  value: number | null;

  /** The exact count lies within with probability 95 %; null when suppressed. */
  @ApiProperty({
    type: 'array',
    items: { type: 'integer' },
    minItems: 2,
    maxItems: 2,
    nullable: true,
    example: [12_284, 12_676],
  })
  interval95: readonly [number, number] | null;

  /** Standard deviation of the noise. */
  @ApiProperty({ example: 100 })
  sigma: number;

  /** Price in each budget, nano-ρ. Suppressed answers cost the same. */
  @ApiProperty({ type: 'integer', example: 50_000 })
  nanoRho: number;

  /** Price as zCDP ρ. */
  @ApiProperty({ example: 0.00005 })
  rho: number;

  /** ε of this answer alone at δ = 1e-9, rounded up. */
  @ApiProperty({ example: 0.06 })
  epsilon: number;

  /** Minimum cohort. */
  @ApiProperty({ type: 'integer', example: 1000 })
  k: number;

  /** Smallest noisy count that is shown. */
  @ApiProperty({ type: 'integer', example: 1475 })
  tau: number;

  /** Probability that a cohort below k is shown is at most this. */
  @ApiProperty({ example: 1e-6 })
  beta: number;

  /** Whom the guarantee protects. */
  @ApiProperty({ enum: ['member'] })
  unit: 'member';

  @ApiProperty({ enum: ['discrete-gaussian'] })
  mechanism: 'discrete-gaussian';

  /** Country whose members were counted. */
  @ApiProperty({ example: 'FR' })
  country: string;

  /** Purposes each counted member had consented to. */
  @ApiProperty({ type: [String], example: ['audience_measurement'] })
  purposes: readonly string[];

  /** Version of the country's data. */
  @ApiProperty({ type: 'integer', example: 1 })
  dataVersion: number;

  /** Last complete business day in the data. */
  @ApiProperty({ type: 'string', format: 'date', example: '2026-06-30' })
  dataThrough: string;

  /** Consents and withdrawals recorded up to here are obeyed. */
  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-06-30T22:00:00.000Z' })
  consentAsOf: string;

  /** When the answer became visible. */
  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-07-01T08:00:01.000Z' })
  releasedAt: string;
}

/** What one call was charged. */
export class ChargedDto {
  /** 0 for a replay. */
  @ApiProperty({ type: 'integer', example: 50_000 })
  nanoRho: number;

  @ApiProperty({ example: 1 })
  reads: number;
}

/** A release as its owner sees it. */
export class ReleaseViewDto {
  @ApiProperty({ example: 'rel_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  releaseId: string;

  /** `FAILED` keeps its charge unless the failure cannot depend on rows; `charged` says which. */
  @ApiProperty({ enum: ['RUNNING', 'SUCCEEDED', 'FAILED'] })
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED';

  /** The answer, null while running and when failed. */
  @ApiProperty({ type: () => ReleaseAnswerDto, nullable: true })
  release: ReleaseAnswerDto | null;

  /** Error code of a failure. */
  @ApiProperty({ type: 'string', nullable: true, example: null })
  failure: string | null;

  /** The answer existed already, or another call was producing it: this call was charged nothing. */
  @ApiProperty({ example: false })
  replayed: boolean;

  /** What this call was charged. */
  charged: ChargedDto;

  /** Brand that is charged. */
  @ApiProperty({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  chargedTo: string;

  /** Budgets as they stand now. */
  @ApiProperty({ type: () => [BudgetPeriodDto] })
  budget: BudgetPeriodDto[];
}

/** Price and expected error of a question. No member data is read and nothing is charged. */
export class QuoteDto {
  /** Price in each budget, nano-ρ; 0 for a replay. */
  @ApiProperty({ type: 'integer', example: 50_000 })
  nanoRho: number;

  @ApiProperty({ example: 1 })
  reads: number;

  /** Standard deviation of the noise, members. */
  @ApiProperty({ example: 100 })
  sigma: number;

  /** The answer lies within ± this of the exact count with probability 95 %, members. */
  @ApiProperty({ type: 'integer', example: 196 })
  interval95HalfWidth: number;

  /** Smallest noisy count that is shown, members. */
  @ApiProperty({ type: 'integer', example: 1475 })
  tau: number;

  /** Smallest audience that is shown with probability 95 %, members. */
  @ApiProperty({ type: 'integer', example: 1640 })
  shown95: number;

  /** The question was answered before on this data: asking again is free. */
  @ApiProperty({ example: false })
  replay: boolean;

  /** Whether the price fits into every budget now. */
  @ApiProperty({ example: true })
  affordable: boolean;

  /** The budgets as they would stand after the answer. */
  @ApiProperty({ type: () => [BudgetPeriodDto] })
  budgetAfter: BudgetPeriodDto[];

  /** How long the answer will take, by the parameters of the service alone. */
  @ApiProperty({ type: 'integer', example: 2 })
  etaSeconds: number;

  /** Bytes the warehouse will bill; null where the engine does not bill by bytes. */
  @ApiProperty({ type: 'integer', nullable: true, example: null })
  bytesEstimate: number | null;

  @ApiProperty({ example: 0 })
  costEur: number;
}

/** A release in a list. */
export class ReleaseSummaryDto {
  @ApiProperty({ example: 'rel_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  releaseId: string;

  @ApiProperty({ enum: ['RUNNING', 'SUCCEEDED', 'FAILED'] })
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED';

  @ApiProperty({ type: () => ReleaseAnswerDto, nullable: true })
  release: ReleaseAnswerDto | null;

  /** Brand that was charged. */
  chargedTo: string;

  /** Key or identity that asked first. */
  requestedBy: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;
}

export class ReleasePage {
  @ApiProperty({ type: () => [ReleaseSummaryDto] })
  data: readonly ReleaseSummaryDto[];

  /** Opens the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}
