import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A named audience of one brand in one country. Its definitions are `AudienceVersion`s. */
@Entity('audience')
export class Audience {
  @PrimaryColumn('text')
  id: string;

  @Column('text', { name: 'brand_id' })
  brandId: string;

  @Column('text')
  name: string;

  @Column('text')
  country: string;

  @Column('integer', { name: 'current_version' })
  currentVersion: number;

  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'archived_at', nullable: true })
  archivedAt: Date | null;
}
