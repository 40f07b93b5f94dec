import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import { bigintColumn, numberColumn } from '../platform/database/columns.js';

/** A data centre of an operator: where its listings' nodes stand, and what running them costs. */
@Entity('sites')
export class Site {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'region_code' })
  regionCode: string;

  /** ISO 3166-1 alpha-2, in capitals. */
  @Column('text')
  country: string;

  @Column('double precision')
  lat: number;

  @Column('double precision')
  lon: number;

  /** The Uptime Institute's tier, 1 to 4. */
  @Column('integer', { nullable: true })
  tier: number | null;

  /** Power usage effectiveness: the site's power over its servers' power. */
  @Column('numeric', { precision: 4, scale: 2, nullable: true, transformer: numberColumn })
  pue: number | null;

  @Column('bigint', { name: 'power_price_micros', nullable: true, transformer: bigintColumn })
  powerPriceMicros: bigint | null;

  @Column('text', { name: 'power_price_currency', nullable: true })
  powerPriceCurrency: string | null;

  @Column('bigint', { name: 'fixed_cost_micros', nullable: true, transformer: bigintColumn })
  fixedCostMicros: bigint | null;

  @Column('text', { name: 'fixed_cost_currency', nullable: true })
  fixedCostCurrency: string | null;

  @VersionColumn({ default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
