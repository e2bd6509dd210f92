import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  buildMessage,
  IsIn,
  IsInt,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.ts';
import { PageQuery } from '../common/page.ts';
import { TextLength } from '../common/text-length.decorator.ts';
import { keyHint } from './api-key.ts';
import type { ApiKey } from './api-key.entity.ts';
import { isCidr } from './cidr.ts';
import { PRINCIPAL_KINDS, SCOPES } from './scopes.ts';
import type { PrincipalKind, Scope } from './scopes.ts';

const KEY_DAYS_DEFAULT = 90;
const KEY_DAYS_MAX = 365;
const OVERLAP_MINUTES_DEFAULT = 60;
const OVERLAP_MINUTES_MAX = 1_440;

const BRAND_ID = /^brd_[0-9a-z]{26}$/;
const AGENCY_ID = /^agy_[0-9a-z]{26}$/;

const IsEachCidr = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isCidr',
      validator: {
        validate: isCidr,
        defaultMessage: buildMessage((each) => `${each}$property must be an address or a network in CIDR form`),
      },
    },
    { each: true },
  );

/** A new API key. */
export class CreateApiKeyDto {
  /** What people call it. */
  @ApiProperty({ minLength: 1, maxLength: 80, example: 'Nightly size refresh' })
  @TextLength(1, 80)
  @Matches(/^\P{Cc}*$/u, { message: 'label must not hold control characters' })
  label: string;

  /** What it may do; never more than its maker may. */
  @ApiProperty({ enum: SCOPES, enumName: 'Scope', isArray: true, example: ['catalog:read', 'audiences:read'] })
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: Scope[];

  /** The agency it is for, which then acts for this brand within what the brand granted. Absent: for the brand. */
  @ApiPropertyOptional({ example: 'agy_01j9z8y7x6w5v4t3s2r1q0p9n8' })
  @MayBeAbsent()
  @Matches(AGENCY_ID, { message: 'agencyId must be the id of an agency (agy_…)' })
  agencyId?: string;

  /** Days until it ends by itself. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: KEY_DAYS_MAX, default: KEY_DAYS_DEFAULT })
  @IsInt()
  @Min(1)
  @Max(KEY_DAYS_MAX)
  expiresInDays: number = KEY_DAYS_DEFAULT;

  /** Networks it may be used from, in CIDR form. Absent or empty: from anywhere. */
  @ApiPropertyOptional({ type: [String], example: ['203.0.113.0/24'] })
  @ArrayMaxSize(50)
  @IsEachCidr()
  allowedIps: string[] = [];
}

/**
 * A new API key made by the retailer. With `brandId` alone it is the brand's; with `agencyId` alone the agency's, for
 * every brand that grants it; with both the agency's, for that brand only. One of them must be there.
 */
export class AdminCreateApiKeyDto extends CreateApiKeyDto {
  /** The brand it is for, or to which an agency's key is limited. */
  @ApiPropertyOptional({ example: 'brd_01j9z8y7x6w5v4t3s2r1q0p9n8' })
  @MayBeAbsent()
  @Matches(BRAND_ID, { message: 'brandId must be the id of a brand (brd_…)' })
  brandId?: string;
}

/** A new secret for a key. */
export class RotateApiKeyDto {
  /** Minutes for which the secret before this one goes on working. 0 ends it at once. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: OVERLAP_MINUTES_MAX, default: OVERLAP_MINUTES_DEFAULT })
  @IsInt()
  @Min(0)
  @Max(OVERLAP_MINUTES_MAX)
  overlapMinutes: number = OVERLAP_MINUTES_DEFAULT;

  /** Days until the key ends by itself, from now. Absent: its end stays as it is. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: KEY_DAYS_MAX })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(KEY_DAYS_MAX)
  expiresInDays?: number;
}

/** Which keys to list. */
export class AdminApiKeysQuery extends PageQuery {
  /** Keys of this brand and agencies' keys limited to it. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @Matches(BRAND_ID, { message: 'brandId must be the id of a brand (brd_…)' })
  brandId?: string;

  /** Keys of this agency. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @Matches(AGENCY_ID, { message: 'agencyId must be the id of an agency (agy_…)' })
  agencyId?: string;
}

/** An API key without its secret, which is kept nowhere. */
export class ApiKeyDto {
  @ApiProperty({ example: 'key_01j9z8y7x6w5v4t3s2r1q0p9n8' })
  id: string;

  /** What the key text begins with, to find it in one's own vault. */
  @ApiProperty({ example: 'crk_live_7Qd2xB9k' })
  hint: string;

  @ApiProperty({ enum: PRINCIPAL_KINDS, enumName: 'PrincipalKind' })
  kind: PrincipalKind;

  /** The brand it is for, or to which an agency's key is limited; null for an agency's key that is not. */
  @ApiProperty({ type: 'string', nullable: true })
  brandId: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  agencyId: string | null;

  label: string;

  @ApiProperty({ type: [String] })
  scopes: string[];

  /** Networks it may be used from; empty for anywhere. */
  @ApiProperty({ type: [String] })
  allowedIps: string[];

  @ApiProperty({ enum: ['active', 'expired', 'revoked'] })
  status: 'active' | 'expired' | 'revoked';

  /** Actor that made it. */
  createdBy: string;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  expiresAt: string;

  /** Until when the secret before the last rotation works; null when there is none. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  previousSecretValidUntil: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  revokedAt: string | null;

  /** When it was last used, to about a minute; null when never. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  lastUsedAt: string | null;
}

/** An API key with its secret, which is shown this once. */
export class IssuedApiKeyDto extends ApiKeyDto {
  /** The key itself, for `Authorization: Bearer`. */
  @ApiProperty({ example: 'crk_live_7Qd2xB9k_…' })
  key: string;
}

/** A page of API keys, the newest first. */
export class ApiKeyPage {
  @ApiProperty({ type: [ApiKeyDto] })
  readonly data: readonly ApiKeyDto[];

  /** Null on the last page. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly nextCursor: string | null;
}

/** @param now milliseconds since the epoch. */
export function toApiKeyDto(key: ApiKey, now: number): ApiKeyDto {
  const isExpired = key.expiresAt.getTime() <= now;
  return {
    id: key.id,
    hint: keyHint(key.mode, key.publicId),
    kind: key.kind,
    brandId: key.brandId,
    agencyId: key.agencyId,
    label: key.label,
    scopes: key.scopes,
    allowedIps: key.allowedIps,
    status: key.revokedAt !== null ? 'revoked' : isExpired ? 'expired' : 'active',
    createdBy: key.createdBy,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    previousSecretValidUntil: key.previousValidUntil?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  };
}

/** @param now milliseconds since the epoch. */
export const toIssuedApiKeyDto = ({ key, text }: { key: ApiKey; text: string }, now: number): IssuedApiKeyDto =>
  Object.assign(toApiKeyDto(key, now), { key: text });
