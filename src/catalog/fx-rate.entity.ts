import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../platform/database/columns.js';

/** What one unit of a currency is worth in the settlement currency, from a day on. */
@Entity('fx_rates')
export class FxRate {
  @PrimaryColumn('text')
  currency: string;

  @PrimaryColumn('date')
  day: string;

  @Column('bigint', { name: 'rate_nanos', transformer: bigintColumn })
  rateNanos: bigint;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
