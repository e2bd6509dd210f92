import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one brand lets one agency do, until when. */
@Entity('agency_grant')
export class AgencyGrant {
  @PrimaryColumn('text')
  id: string;

  @Column('text', { name: 'agency_id' })
  agencyId: string;

  @Column('text', { name: 'brand_id' })
  brandId: string;

  @Column('text', { array: true })
  scopes: string[];

  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
