import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { COUNTRIES } from '#core';
import type { Country } from '#core';
import { PageQuery } from '../common/page.ts';
import { TextLength } from '../common/text-length.decorator.ts';

/** Query of a catalogue list. */
export class CatalogQuery extends PageQuery {
  /** Text that code or name contains, whatever the case. */
  @IsOptional()
  @TextLength(1, 100)
  @ApiPropertyOptional({ minLength: 1, maxLength: 100, example: 'yog' })
  q?: string;
}

/** Query of a list that is cut to a brand's portfolio. */
export class PortfolioQuery extends CatalogQuery {
  /** Whose portfolio, for a caller that acts for several brands. */
  @IsOptional()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;
}

/** Query of a list of places. */
export class PlacesQuery extends CatalogQuery {
  /** Country, ISO 3166-1 alpha-2. */
  @IsOptional()
  @IsIn(COUNTRIES)
  @ApiPropertyOptional({ enum: COUNTRIES, example: 'FR' })
  country?: Country;
}

export class CatalogCategoryDto {
  @ApiProperty({ example: 'dairy.yoghurt' })
  code: string;

  @ApiProperty({ example: 'Yoghurt' })
  name: string;

  /** Category above it, null for a department. */
  @ApiProperty({ type: 'string', nullable: true, example: 'dairy' })
  parentCode: string | null;
}

export class CatalogBrandDto {
  @ApiProperty({ example: 'alpage' })
  code: string;

  @ApiProperty({ example: 'Alpage' })
  name: string;
}

export class CatalogProductDto {
  /** GTIN-13. */
  @ApiProperty({ example: '4006381333931' })
  gtin: string;

  name: string;

  @ApiProperty({ example: 'alpage' })
  brandCode: string;

  @ApiProperty({ example: 'dairy.yoghurt.plain' })
  categoryCode: string;
}

export class CatalogStoreDto {
  @ApiProperty({ example: 'FR-0001' })
  code: string;

  name: string;

  @ApiProperty({ enum: COUNTRIES, example: 'FR' })
  country: Country;

  @ApiProperty({ example: 'FR-IDF' })
  regionCode: string;
}

export class CatalogRegionDto {
  /** ISO 3166-2. */
  @ApiProperty({ example: 'FR-IDF' })
  code: string;

  @ApiProperty({ example: 'Île-de-France' })
  name: string;

  @ApiProperty({ enum: COUNTRIES, example: 'FR' })
  country: Country;
}

export class CatalogTierDto {
  @ApiProperty({ example: 'gold' })
  code: string;

  @ApiProperty({ example: 'Gold' })
  name: string;
}

class CatalogPage {
  /** Opens the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}

export class CatalogCategoryPage extends CatalogPage {
  @ApiProperty({ type: () => [CatalogCategoryDto] })
  data: readonly CatalogCategoryDto[];
}

export class CatalogBrandPage extends CatalogPage {
  @ApiProperty({ type: () => [CatalogBrandDto] })
  data: readonly CatalogBrandDto[];
}

export class CatalogProductPage extends CatalogPage {
  @ApiProperty({ type: () => [CatalogProductDto] })
  data: readonly CatalogProductDto[];
}

export class CatalogStorePage extends CatalogPage {
  @ApiProperty({ type: () => [CatalogStoreDto] })
  data: readonly CatalogStoreDto[];
}

export class CatalogRegionPage extends CatalogPage {
  @ApiProperty({ type: () => [CatalogRegionDto] })
  data: readonly CatalogRegionDto[];
}

export class CatalogTierPage extends CatalogPage {
  @ApiProperty({ type: () => [CatalogTierDto] })
  data: readonly CatalogTierDto[];
}
