import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsRFC3339,
  Matches,
  ValidateNested,
} from 'class-validator';
import { PURPOSES } from '#core';
import type { Purpose } from '#core';
import { TextLength } from '../common/text-length.decorator.ts';

/** What one member decided about one purpose. */
export class ConsentEventDto {
  /** SHA-256 of the loyalty number, 64 hex digits. It is keyed at once and never stored as it is. */
  @Matches(/^[0-9a-fA-F]{64}$/)
  @ApiProperty({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
  loyaltyIdSha256: string;

  @IsIn(PURPOSES)
  @ApiProperty({ enum: PURPOSES, example: 'audience_measurement' })
  purpose: Purpose;

  @IsIn(['granted', 'withdrawn'])
  @ApiProperty({ enum: ['granted', 'withdrawn'], example: 'withdrawn' })
  status: 'granted' | 'withdrawn';

  /** Where the member said it. */
  @TextLength(1, 64)
  @ApiProperty({ example: 'app' })
  source: string;

  /** Which wording the member saw. */
  @TextLength(1, 64)
  @ApiProperty({ example: '2026-03' })
  textVersion: string;

  /** When the member said it. */
  @IsRFC3339()
  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-06-30T09:30:00Z' })
  at: string;
}

export class RecordConsentDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ConsentEventDto)
  @ApiProperty({ type: () => [ConsentEventDto] })
  events: ConsentEventDto[];
}

/** The version of one country's data after a change. */
export class DataVersionDto {
  @ApiProperty({ example: 'FR' })
  country: string;

  @ApiProperty({ type: 'integer', example: 2 })
  version: number;

  @ApiProperty({ type: 'string', format: 'date', example: '2026-06-30' })
  dataThrough: string;

  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-06-30T09:30:01.000Z' })
  consentAsOf: string;
}

/** The events are in force. It does not say which of them named a member. */
export class ConsentReceiptDto {
  /** Events received. */
  @ApiProperty({ type: 'integer', example: 1 })
  received: number;

  /** Countries whose data changed. */
  @ApiProperty({ type: () => [DataVersionDto] })
  dataVersions: DataVersionDto[];
}
