import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A partner that works for the brands that granted it. */
@Entity('agency')
export class Agency {
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  name: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
