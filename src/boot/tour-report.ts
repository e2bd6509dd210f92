import type { AudienceDto, AudienceEstimateDto, AudienceSizeDto, SizingQuoteDto } from '../audiences/audiences.dto.ts';
import type { CatalogCategoryPage, CatalogRegionPage } from '../catalog/catalog.dto.ts';
import type { ProblemDto } from '../common/problem.dto.ts';
import type { ConsentReceiptDto } from '../consent/consent.dto.ts';
import type { BudgetListDto, ChargePage } from '../releases/budgets.dto.ts';
import type { HttpAnswer } from './tour-client.ts';

/** The answers of a walk, step by step. */
export interface TourReport {
  readonly categories: HttpAnswer<CatalogCategoryPage>;
  readonly regions: HttpAnswer<CatalogRegionPage>;
  readonly audience: HttpAnswer<AudienceDto>;
  /** The dry run. */
  readonly quote: HttpAnswer<SizingQuoteDto>;
  readonly size: HttpAnswer<AudienceSizeDto>;
  /** The same question again. */
  readonly again: HttpAnswer<AudienceSizeDto>;
  /** An equivalent definition in other words. */
  readonly otherwise: HttpAnswer<AudienceEstimateDto>;
  readonly tiny: HttpAnswer<AudienceEstimateDto>;
  /** Another tenant asks for the audience, and for one that nobody has. */
  readonly foreign: HttpAnswer<ProblemDto>;
  readonly unknown: HttpAnswer<ProblemDto>;
  readonly budgets: HttpAnswer<BudgetListDto>;
  readonly charges: HttpAnswer<ChargePage>;
  /** A member's withdrawal of consent. */
  readonly receipt: HttpAnswer<ConsentReceiptDto>;
  /** The first question after the withdrawal. */
  readonly fresh: HttpAnswer<AudienceSizeDto>;
}
