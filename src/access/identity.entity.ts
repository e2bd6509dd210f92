import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PrincipalKind, Role } from './scopes.ts';

/** A person or service of an outside identity provider, and what it is here. */
@Entity('identity')
export class Identity {
  @PrimaryColumn('text')
  id: string;

  /** `iss` of its tokens. */
  @Column('text')
  issuer: string;

  /** `sub` of its tokens. */
  @Column('text')
  subject: string;

  @Column('text')
  kind: PrincipalKind;

  @Column('text', { name: 'brand_id', nullable: true })
  brandId: string | null;

  @Column('text', { name: 'agency_id', nullable: true })
  agencyId: string | null;

  @Column('text')
  role: Role;

  @Column('text')
  label: string;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;
}
