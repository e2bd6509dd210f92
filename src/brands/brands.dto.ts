import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Max,
  Min,
} from 'class-validator';
import { TextLength } from '../common/text-length.decorator.ts';
import { GRANTABLE_SCOPES } from './grantable-scopes.ts';

class AdmissionDto {
  /** Admits it although the quotas then promise more than the budget above them holds. */
  @IsBoolean()
  @ApiProperty({ default: false })
  allowOvercommit: boolean = false;
}

export class OpenBrandDto extends AdmissionDto {
  /** Shown to people. */
  @TextLength(1, 200)
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Alpage' })
  name: string;

  /** Manufacturer as the retailer's catalogue names it; its products become the brand's portfolio. */
  @TextLength(1, 200)
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Laiteries Vallombreuse' })
  manufacturer: string;
}

export class BrandDto {
  @ApiProperty({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  id: string;

  name: string;

  manufacturer: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;
}

export class BrandListDto {
  @ApiProperty({ type: () => [BrandDto] })
  data: BrandDto[];
}

export class OpenAgencyDto {
  /** Shown to people. */
  @TextLength(1, 200)
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Studio Media' })
  name: string;
}

export class AgencyDto {
  @ApiProperty({ example: 'agy_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  id: string;

  name: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;
}

export class GrantAgencyDto extends AdmissionDto {
  @IsString()
  @ApiProperty({ example: 'agy_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  agencyId: string;

  @IsString()
  @ApiProperty({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId: string;

  /** The most the agency's keys may do for this brand. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(GRANTABLE_SCOPES.length)
  @ArrayUnique()
  @IsIn(GRANTABLE_SCOPES, { each: true })
  @ApiProperty({ enum: GRANTABLE_SCOPES, isArray: true, example: ['catalog:read', 'audiences:read', 'sizes:create'] })
  scopes: string[];

  /** Days until it ends by itself. */
  @IsInt()
  @Min(1)
  @Max(365)
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 365, default: 90 })
  days: number = 90;
}

export class GrantDto {
  @ApiProperty({ example: 'grt_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  id: string;

  agencyId: string;

  brandId: string;

  @ApiProperty({ type: [String] })
  scopes: string[];

  @ApiProperty({ type: 'string', format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  expiresAt: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  revokedAt: string | null;
}

export class GrantListDto {
  @ApiProperty({ type: () => [GrantDto] })
  data: GrantDto[];
}
