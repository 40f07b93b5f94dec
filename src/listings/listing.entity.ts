import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { Minute } from '../kernel/period.js';
import type { TermDiscount } from '../kernel/rate.js';
import { bigintColumn, minuteColumn } from '../platform/database/columns.js';
import type { ListingState } from './listing.states.js';

export const INTERCONNECTS = ['none', 'pcie', 'nvlink', 'infiniband', 'roce'] as const;
export type Interconnect = (typeof INTERCONNECTS)[number];

export const WORKLOADS = ['training', 'inference'] as const;
export type Workload = (typeof WORKLOADS)[number];

export const PRICE_UNITS = ['gpu_hour', 'server_month'] as const;
export type PriceUnit = (typeof PRICE_UNITS)[number];

/** An operator's published terms for a pool of identical nodes at one site. GPUs are numbered from 0. */
@Entity('listings')
export class Listing {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'site_id' })
  siteId: string;

  @Column('text', { name: 'chip_code' })
  chipCode: string;

  @Column('integer')
  nodes: number;

  @Column('integer', { name: 'gpus_per_node' })
  gpusPerNode: number;

  /** GPUs are sold in multiples of this; equal to `gpusPerNode` where only whole nodes are. */
  @Column('integer', { name: 'gpu_increment' })
  gpuIncrement: number;

  @Column('text')
  interconnect: Interconnect;

  @Column('integer', { name: 'interconnect_gbps', nullable: true })
  interconnectGbps: number | null;

  @Column('text', { nullable: true })
  cpu: string | null;

  @Column('integer', { name: 'ram_gib', nullable: true })
  ramGib: number | null;

  @Column('integer', { name: 'storage_gib', nullable: true })
  storageGib: number | null;

  @Column('text', { array: true })
  workloads: Workload[];

  /** The price as it was typed. */
  @Column('bigint', { name: 'price_micros', transformer: bigintColumn })
  priceMicros: bigint;

  @Column('text', { name: 'price_currency' })
  priceCurrency: string;

  @Column('text', { name: 'price_per' })
  pricePer: PriceUnit;

  /** The price normalised: micro-units of the settlement currency per GPU-hour. */
  @Column('bigint', { name: 'rate_micros', transformer: bigintColumn })
  rateMicros: bigint;

  @Column('bigint', { name: 'floor_price_micros', nullable: true, transformer: bigintColumn })
  floorPriceMicros: bigint | null;

  @Column('text', { name: 'floor_price_currency', nullable: true })
  floorPriceCurrency: string | null;

  @Column('text', { name: 'floor_price_per', nullable: true })
  floorPricePer: PriceUnit | null;

  @Column('jsonb', { name: 'term_discounts', default: [] })
  termDiscounts: TermDiscount[];

  @Column('timestamptz', { name: 'available_from', nullable: true, transformer: minuteColumn })
  availableFrom: Minute | null;

  @Column('timestamptz', { name: 'available_until', nullable: true, transformer: minuteColumn })
  availableUntil: Minute | null;

  @Column('integer', { name: 'min_minutes' })
  minMinutes: number;

  @Column('integer', { name: 'max_minutes', nullable: true })
  maxMinutes: number | null;

  @Column('integer', { name: 'min_gpus' })
  minGpus: number;

  @Column('integer', { name: 'max_gpus' })
  maxGpus: number;

  @Column('text')
  state: ListingState;

  @Column('text', { name: 'state_reason', nullable: true })
  stateReason: string | null;

  @Column('timestamptz', { name: 'submitted_at', nullable: true })
  submittedAt: Date | null;

  @VersionColumn({ default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
