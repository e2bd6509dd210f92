import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString } from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.ts';

// Fields have no rule of form but being a text: a refusal would quote the value, which may be a key put in the wrong place.
/** Request of an access token (RFC 6749 §4.4.2). Names are the RFC's. */
export class TokenRequestDto {
  @ApiProperty({ enum: ['client_credentials'] })
  @IsIn(['client_credentials'])
  grant_type: 'client_credentials';

  /** Id of the API key (`key_…`). */
  @ApiPropertyOptional({ example: 'key_01j9z8y7x6w5v4t3s2r1q0p9n8' })
  @MayBeAbsent()
  @IsString()
  client_id?: string;

  /** The API key. Absent when it stands in the `Authorization` header. */
  @ApiPropertyOptional({ format: 'password' })
  @MayBeAbsent()
  @IsString()
  client_secret?: string;

  /** Scopes the token is to be narrowed to, separated by blanks. Absent: all of the key's. */
  @ApiPropertyOptional({ example: 'catalog:read audiences:read' })
  @MayBeAbsent()
  @IsString()
  scope?: string;
}

/** An access token (RFC 6749 §5.1). */
export class TokenDto {
  /** JWT for `Authorization: Bearer`. */
  access_token: string;

  @ApiProperty({ enum: ['Bearer'] })
  token_type: 'Bearer';

  /** Seconds it is valid. */
  @ApiProperty({ type: 'integer', example: 600 })
  expires_in: number;

  /** What it may do, separated by blanks. */
  scope: string;
}

/** A public signing key (RFC 8037). */
export class PublicKeyDto {
  kty: string;
  crv: string;
  x: string;
  kid: string;
  alg: string;
  use: string;
}

/** The public keys of the service's own issuer (RFC 7517 §5). */
export class KeySetDto {
  @ApiProperty({ type: [PublicKeyDto] })
  keys: PublicKeyDto[];
}

/** What the service's own issuer offers (RFC 8414 §2). */
export class IssuerMetadataDto {
  issuer: string;
  token_endpoint: string;
  jwks_uri: string;

  @ApiProperty({ type: [String] })
  grant_types_supported: string[];

  /** Empty: there is no authorization endpoint. */
  @ApiProperty({ type: [String] })
  response_types_supported: string[];

  @ApiProperty({ type: [String] })
  token_endpoint_auth_methods_supported: string[];

  @ApiProperty({ type: [String] })
  scopes_supported: string[];
}
