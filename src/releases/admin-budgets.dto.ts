import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { TextLength } from '../common/text-length.decorator.ts';

/** Most that a cap or an entry may be: 100 ρ. */
const MOST_NANO_RHO = 100_000_000_000;

/** New caps of a quota, for exactly the windows of its kind: month and year of a brand, month of an agency, total of a campaign. */
export class SetQuotaDto {
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_NANO_RHO)
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_NANO_RHO, example: 50_000_000 })
  monthNanoRho?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_NANO_RHO)
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_NANO_RHO, example: 300_000_000 })
  yearNanoRho?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_NANO_RHO)
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_NANO_RHO })
  totalNanoRho?: number;

  /** Why; kept in the audit. */
  @TextLength(1, 500)
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'Launch year, agreed on 3 November' })
  reason: string;

  /** Sets it although the quotas then promise more than the budget above them holds. */
  @IsBoolean()
  @ApiProperty({ default: false })
  allowOvercommit: boolean = false;
}

export class EnterAdjustmentDto {
  /** `charge`: something left outside the gate. `credit`: a quota gives back; a global budget never does. */
  @IsIn(['charge', 'credit'])
  @ApiProperty({ enum: ['charge', 'credit'] })
  kind: 'charge' | 'credit';

  @IsInt()
  @Min(1)
  @Max(MOST_NANO_RHO)
  @ApiProperty({ type: 'integer', minimum: 1, maximum: MOST_NANO_RHO, example: 50_000 })
  nanoRho: number;

  /** UTC day it counts for; of a credit the day of what it gives back. Today by default. */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  @ApiPropertyOptional({ type: 'string', format: 'date', example: '2026-11-20' })
  day?: string;

  /** Why; kept in the ledger and the audit. */
  @TextLength(1, 500)
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'Size told by phone while the service was down' })
  reason: string;
}

export class AdjustmentDto {
  @ApiProperty({ example: 'adj_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  id: string;

  @ApiProperty({ example: 'brand:brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  budgetId: string;

  @ApiProperty({ enum: ['charge', 'credit'] })
  kind: 'charge' | 'credit';

  @ApiProperty({ type: 'integer', example: 50_000 })
  nanoRho: number;

  @ApiProperty({ type: 'string', format: 'date' })
  day: string;

  reason: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;
}
