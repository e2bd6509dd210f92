import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A consumer-goods company: the tenant that owns audiences and a privacy budget. */
@Entity('brand')
export class Brand {
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  name: string;

  /** Manufacturer in the retailer's catalogue whose products are this brand's portfolio. */
  @Column('text')
  manufacturer: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
