import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { COUNTRIES } from '#core';
import type { Country } from '#core';
import { PageQuery } from '../common/page.ts';
import { BudgetPeriodDto } from './release-view.dto.ts';

export class BudgetsQuery {
  /** Whose budget, for a caller that acts for several brands. */
  @IsOptional()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;

  /** Only this country's global budget; by default that of every country with data. */
  @IsOptional()
  @IsIn(COUNTRIES)
  @ApiPropertyOptional({ enum: COUNTRIES, example: 'FR' })
  country?: Country;
}

export class BudgetListDto {
  /** Month and rolling year of each budget, global ones first. */
  @ApiProperty({ type: () => [BudgetPeriodDto] })
  data: BudgetPeriodDto[];
}

export class ChargesQuery extends PageQuery {}

export class ChargeDto {
  /** The release that was charged; null for an entry made by hand. */
  @ApiProperty({ type: 'string', nullable: true, example: 'rel_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  releaseId: string | null;

  /** The entry made by hand; null for the charge of a release. */
  @ApiProperty({ type: 'string', nullable: true, example: null })
  adjustmentId: string | null;

  /** Kind of the release; of an entry made by hand `adjustment-charge`, `adjustment-credit` or `adjustment-restore`. */
  @ApiProperty({ example: 'audience-size' })
  kind: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'FR' })
  country: string | null;

  /** Key or identity that asked first, or that made the entry. */
  requestedBy: string;

  /** Below zero for a credit. */
  @ApiProperty({ type: 'integer', example: 50_000 })
  nanoRho: number;

  /** Why, of an entry made by hand. */
  @ApiProperty({ type: 'string', nullable: true, example: null })
  reason: string | null;

  @ApiProperty({ enum: ['reserved', 'committed', 'refunded'] })
  state: 'reserved' | 'committed' | 'refunded';

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;
}

export class ChargePage {
  @ApiProperty({ type: () => [ChargeDto] })
  data: readonly ChargeDto[];

  /** Opens the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}
