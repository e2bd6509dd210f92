import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsUrl, Matches } from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.ts';
import { TextLength } from '../common/text-length.decorator.ts';
import { PRINCIPAL_KINDS, ROLES } from './scopes.ts';
import type { PrincipalKind, Role } from './scopes.ts';
import { TOKEN_SUBJECT } from './token-verifier.ts';

/** What a subject of an outside identity provider is to be here. */
export class RegisterIdentityDto {
  /** `iss` of its tokens, exactly. Tokens of an issuer that is not configured are refused all the same. */
  @IsUrl({ require_tld: false, protocols: ['https', 'http'], require_protocol: true })
  @TextLength(1, 500)
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'https://id.example.com' })
  issuer: string;

  /** `sub` of its tokens. */
  @Matches(TOKEN_SUBJECT, { message: 'subject must be 1 to 255 visible ASCII characters' })
  @ApiProperty({ minLength: 1, maxLength: 255, example: '00u1a2b3c4' })
  subject: string;

  /** Its scopes are the role's. */
  @IsIn(ROLES)
  @ApiProperty({ enum: ROLES, example: 'brand_analyst' })
  role: Role;

  /** Shown to people. */
  @TextLength(1, 200)
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'C. Delmas' })
  label: string;

  /** Its brand; for an agency's the only brand it may act for, or none for each that grants the agency. */
  @MayBeAbsent()
  @Matches(/^brd_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'brd_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  brandId?: string;

  @MayBeAbsent()
  @Matches(/^agy_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'agy_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  agencyId?: string;
}

export class IdentityDto {
  @ApiProperty({ example: 'idn_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  id: string;

  issuer: string;

  subject: string;

  @ApiProperty({ enum: PRINCIPAL_KINDS })
  kind: PrincipalKind;

  @ApiProperty({ enum: ROLES })
  role: Role;

  label: string;

  @ApiProperty({ type: 'string', nullable: true })
  brandId: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  agencyId: string | null;

  /** When it was shut out, null while it works. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  disabledAt: string | null;
}

export class IdentityListDto {
  @ApiProperty({ type: () => [IdentityDto] })
  data: IdentityDto[];
}
