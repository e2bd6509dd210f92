import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { COUNTRIES, PURPOSES } from '#core';
import type { Country, Purpose } from '#core';
import { MayBeAbsent } from '../common/may-be-absent.decorator.ts';
import { PageQuery } from '../common/page.ts';
import { FromDigits, FromFlag } from '../common/query-values.ts';
import { TextLength } from '../common/text-length.decorator.ts';
import { WAIT_SECONDS_MAX } from '../common/wait-query.ts';
import { QuoteDto, ReleaseViewDto } from '../releases/release-view.dto.ts';
import { PRECISIONS } from '../releases/releases.service.ts';
import type { Precision } from '../releases/releases.service.ts';

const DEFINITION_EXAMPLE = {
  version: 'audience/1',
  country: 'FR',
  rule: {
    all: [
      { frequency: { products: { categories: ['dairy.yoghurt'] }, window: { lastMonths: 6 }, min: 2 } },
      { notPurchased: { products: { brands: ['alpage'] }, window: { lastMonths: 12 } } },
      { region: { in: ['FR-IDF', 'FR-ARA', 'FR-OCC'] } },
    ],
  },
};

const DEFINITION = {
  type: 'object',
  description: 'Who is meant, in the language audience/1: a tree of all, any, none, atLeast and leaves.',
  additionalProperties: true,
  example: DEFINITION_EXAMPLE,
} as const;

export class CreateAudienceDto {
  /** Shown to people. */
  @TextLength(1, 200)
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Yoghurt buyers who have not tried Alpage' })
  name: string;

  @IsObject()
  @ApiProperty(DEFINITION)
  definition: Record<string, unknown>;

  /** Whose audience, for a caller that acts for several brands. */
  @MayBeAbsent()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;
}

export class AddVersionDto {
  @IsObject()
  @ApiProperty(DEFINITION)
  definition: Record<string, unknown>;
}

/** How a size is asked for. */
class SizingOptions {
  /** `coarse`: σ 200, a quarter of a read. `standard`: σ 100, one read. `fine`: σ 25, sixteen reads. */
  @MayBeAbsent()
  @IsIn(PRECISIONS)
  @ApiPropertyOptional({ enum: PRECISIONS, default: 'standard' })
  precision: Precision = 'standard';

  /** What the audience is meant for: only members who consented to each are counted. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(PURPOSES.length)
  @ArrayUnique()
  @IsIn(PURPOSES, { each: true })
  @ApiPropertyOptional({ enum: PURPOSES, isArray: true, example: ['ads_social'] })
  purposes: Purpose[] = [];
}

export class SizeAudienceDto extends SizingOptions {
  /** Which version; the newest by default. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1_000_000 })
  version?: number;
}

export class EstimateAudienceDto extends SizingOptions {
  @IsObject()
  @ApiProperty(DEFINITION)
  definition: Record<string, unknown>;

  /** Whose budget, for a caller that acts for several brands. */
  @MayBeAbsent()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;
}

export class SizingQuery {
  /** Only tell the price and the expected error: no member data is read and nothing is charged. */
  @IsOptional()
  @FromFlag()
  @IsBoolean()
  @ApiPropertyOptional({ type: 'boolean', default: false })
  dryRun: boolean = false;

  /** Seconds to wait for the outcome; past them the answer is 202 with a `Location` to read it from. */
  @IsOptional()
  @FromDigits()
  @IsInt()
  @Min(0)
  @Max(WAIT_SECONDS_MAX)
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: WAIT_SECONDS_MAX, default: 20 })
  wait: number = 20;
}

export class ListAudiencesQuery extends PageQuery {
  /** Archived ones too. */
  @IsOptional()
  @FromFlag()
  @IsBoolean()
  @ApiPropertyOptional({ type: 'boolean', default: false })
  archived: boolean = false;
}

/** A definition in words. */
export class SentenceDto {
  en: string;

  fr: string;
}

export class WarningDto {
  /** The window reaches beyond the history and was cut. */
  @ApiProperty({ enum: ['LOOKBACK_TRUNCATED'] })
  code: 'LOOKBACK_TRUNCATED';

  /** Where in the definition. */
  @ApiProperty({ example: '/rule/all/0/frequency/window' })
  pointer: string;

  /** Days of the window for which there are data. */
  @ApiProperty({ type: 'integer', example: 700 })
  effectiveDays: number;
}

export class AudienceVersionDto {
  @ApiProperty({ example: 'aud_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  audienceId: string;

  @ApiProperty({ type: 'integer', example: 1 })
  version: number;

  /** As it was sent. It never changes. */
  @ApiProperty(DEFINITION)
  definition: object;

  /** Equal for equivalent spellings of one definition. */
  @ApiProperty({
    pattern: '^[0-9a-f]{64}$',
    example: '3f6b0d0f6f4f5c1f4ad1d1a4f0e61c2d8c9d6f3f2a1b0c9d8e7f6a5b4c3d2e1f',
  })
  definitionHash: string;

  sentence: SentenceDto;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;

  /** Key or identity that saved it. */
  createdBy: string;
}

export class AudienceDto {
  @ApiProperty({ example: 'aud_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  id: string;

  brandId: string;

  name: string;

  @ApiProperty({ enum: COUNTRIES })
  country: Country;

  /** The newest version. */
  current: AudienceVersionDto;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  updatedAt: string;

  /** When it was archived: it can be read but not sized again. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  archivedAt: string | null;

  /** What changes must name in `If-Match`; also the `ETag` header of a single read. */
  @ApiProperty({ example: '"1-1767225600000"' })
  etag: string;
}

export class AudiencePage {
  @ApiProperty({ type: () => [AudienceDto] })
  data: readonly AudienceDto[];

  /** Opens the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}

export class AudienceSizeDto extends ReleaseViewDto {
  @ApiProperty({ example: 'aud_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  audienceId: string;

  @ApiProperty({ type: 'integer', example: 1 })
  audienceVersion: number;

  @ApiProperty({ type: () => [WarningDto] })
  warnings: readonly WarningDto[];
}

export class AudienceEstimateDto extends ReleaseViewDto {
  @ApiProperty({ type: () => [WarningDto] })
  warnings: readonly WarningDto[];
}

/** The answer to a dry run. */
export class SizingQuoteDto {
  quote: QuoteDto;

  @ApiProperty({ type: () => [WarningDto] })
  warnings: readonly WarningDto[];
}
