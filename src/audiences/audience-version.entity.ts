import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One immutable definition of an audience. */
@Entity('audience_version')
export class AudienceVersion {
  @PrimaryColumn('text', { name: 'audience_id' })
  audienceId: string;

  @PrimaryColumn('integer')
  version: number;

  /** The definition as it was sent, language audience/1. */
  @Column('jsonb')
  definition: object;

  /** SHA-256 of its canonical form: equal for equivalent spellings. */
  @Column('text', { name: 'definition_hash' })
  definitionHash: string;

  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
