import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { Json } from '#core';
import { PageQuery } from '../common/page.ts';

export class AuditQuery extends PageQuery {
  /** Whose audit, for a caller that acts for several brands. */
  @IsOptional()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;
}

export class AuditVerifyQuery {
  /** Whose audit, for a caller that acts for several brands. */
  @IsOptional()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;
}

export class AuditEntryDto {
  /** Brand id, or `retailer`. */
  stream: string;

  /** From 1, without gaps. */
  @ApiProperty({ example: '12' })
  seq: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  at: string;

  /** Key or identity id. */
  actor: string;

  /** Brand id when somebody else acts for it. */
  @ApiProperty({ type: 'string', nullable: true })
  actingFor: string | null;

  @ApiProperty({ example: 'release.committed' })
  action: string;

  /** Id of what it was done to. */
  resource: string;

  /** Parameters and decision. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  details: Json;

  @ApiProperty({ pattern: '^[0-9a-f]{64}$' })
  previousHash: string;

  /** SHA-256 of the canonical JSON of all other members. */
  @ApiProperty({ pattern: '^[0-9a-f]{64}$' })
  hash: string;
}

export class AuditPage {
  @ApiProperty({ type: () => [AuditEntryDto] })
  data: readonly AuditEntryDto[];

  /** Opens the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}

export class AuditVerdictDto {
  /** Entries in the chain. */
  @ApiProperty({ example: '12' })
  entries: string;

  /** The first entry that does not fit, or null when all do. */
  @ApiProperty({ type: 'string', nullable: true, example: null })
  firstBrokenSeq: string | null;
}
