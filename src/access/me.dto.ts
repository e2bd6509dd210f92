import { ApiProperty } from '@nestjs/swagger';
import { PRINCIPAL_KINDS } from './scopes.ts';
import type { Principal } from './principal.ts';
import type { PrincipalKind } from './scopes.ts';

/** A brand you may act for. */
export class MyBrandDto {
  @ApiProperty({ example: 'brd_01j9z8y7x6w5v4t3s2r1q0p9n8' })
  id: string;

  name: string;

  /** What you may do for it. */
  @ApiProperty({ type: [String] })
  scopes: string[];
}

/** Who you are to the service. */
export class MeDto {
  @ApiProperty({ enum: PRINCIPAL_KINDS, enumName: 'PrincipalKind' })
  kind: PrincipalKind;

  /** The actor named in the audit: a key's or an identity's id. A key's is also its OAuth client id. */
  @ApiProperty({ example: 'key_01j9z8y7x6w5v4t3s2r1q0p9n8' })
  id: string;

  label: string;

  @ApiProperty({ enum: ['api-key', 'token'] })
  credential: 'api-key' | 'token';

  /** The agency you belong to; null for others. */
  @ApiProperty({ type: 'string', nullable: true })
  agencyId: string | null;

  @ApiProperty({ type: [MyBrandDto] })
  brands: MyBrandDto[];

  /** What you may do for at least one brand or, for the retailer, at all. */
  @ApiProperty({ type: [String] })
  scopes: string[];

  /** When the credential ends; null when that is not known. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  expiresAt: string | null;
}

/** @param names of brands by id. */
export function toMeDto(principal: Principal, names: ReadonlyMap<string, string>): MeDto {
  return {
    kind: principal.kind,
    id: principal.id,
    label: principal.label,
    credential: principal.credential,
    agencyId: principal.agencyId ?? null,
    brands: principal.grants.map(({ brandId, scopes }) => ({
      id: brandId,
      name: names.get(brandId) ?? brandId,
      scopes: [...scopes],
    })),
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt === undefined ? null : new Date(principal.expiresAt).toISOString(),
  };
}
