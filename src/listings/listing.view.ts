import { ApiProperty } from '@nestjs/swagger';
import { type MoneyView, moneyView } from '../kernel/money.js';
import { MINUTES_PER_HOUR, type Minute, isoInstant, isoMinute } from '../kernel/period.js';
import type { TermDiscount } from '../kernel/rate.js';
import { MoneyDto } from '../platform/http/fields.js';
import { withVersion } from '../platform/http/version.js';
import type { CalendarSegment } from './allocation/calendar.js';
import {
  INTERCONNECTS,
  type Interconnect,
  type Listing,
  type PriceUnit,
  WORKLOADS,
  type Workload,
} from './listing.entity.js';
import { LISTING_STATES, type ListingState } from './listing.states.js';
import { PriceDto, TermDiscountDto } from './listings.dto.js';

export interface PriceView extends MoneyView {
  per: PriceUnit;
}

export class ListingView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  siteId: string;
  @ApiProperty({ example: 'h100-sxm-80gb' })
  chip: string;
  @ApiProperty()
  nodes: number;
  @ApiProperty()
  gpusPerNode: number;
  @ApiProperty()
  totalGpus: number;
  @ApiProperty({ description: 'GPUs are sold in multiples of this' })
  gpuIncrement: number;
  @ApiProperty({ enum: INTERCONNECTS })
  interconnect: Interconnect;
  @ApiProperty({ type: Number, nullable: true })
  interconnectGbps: number | null;
  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'integer' }], nullable: true })
  cpu: string | number | null;
  @ApiProperty({ type: Number, nullable: true })
  ramGib: number | null;
  @ApiProperty({ type: Number, nullable: true })
  storageGib: number | null;
  @ApiProperty({ enum: WORKLOADS, isArray: true })
  workloads: Workload[];
  @ApiProperty({ type: PriceDto, description: 'as it was typed' })
  price: PriceView;
  @ApiProperty({ type: MoneyDto, description: 'normalised to the settlement currency' })
  pricePerGpuHour: MoneyView;
  @ApiProperty({ type: PriceDto, nullable: true, description: 'private to the operator' })
  floorPrice: PriceView | null;
  @ApiProperty({ type: [TermDiscountDto] })
  termDiscounts: TermDiscount[];
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  availableFrom: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  availableUntil: string | null;
  @ApiProperty()
  minHours: number;
  @ApiProperty({ type: Number, nullable: true })
  maxHours: number | null;
  @ApiProperty()
  minGpus: number;
  @ApiProperty()
  maxGpus: number;
  @ApiProperty({ enum: LISTING_STATES })
  state: ListingState;
  @ApiProperty({ type: String, nullable: true })
  stateReason: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  submittedAt: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class ListingPage {
  @ApiProperty({ type: [ListingView] })
  data: ListingView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

const hours = (minutes: number): number => minutes / MINUTES_PER_HOUR;
const timeOrNull = (minute: Minute | null): string | null => (minute === null ? null : isoMinute(minute));

/** What was typed as a whole number comes back as one. */
const cpuView = (cpu: string | null): string | number | null =>
  cpu !== null && /^[1-9]\d{0,14}$/.test(cpu) ? Number(cpu) : cpu;

/** A listing as its operator sees it, the private floor price included. */
export function listingView(listing: Listing, settlementCurrency: string): ListingView {
  const { floorPriceMicros, floorPriceCurrency, floorPricePer } = listing;
  const view: ListingView = {
    id: listing.id,
    siteId: listing.siteId,
    chip: listing.chipCode,
    nodes: listing.nodes,
    gpusPerNode: listing.gpusPerNode,
    totalGpus: listing.nodes * listing.gpusPerNode,
    gpuIncrement: listing.gpuIncrement,
    interconnect: listing.interconnect,
    interconnectGbps: listing.interconnectGbps,
    cpu: cpuView(listing.cpu),
    ramGib: listing.ramGib,
    storageGib: listing.storageGib,
    workloads: listing.workloads,
    price: { ...moneyView(listing.priceMicros, listing.priceCurrency), per: listing.pricePer },
    pricePerGpuHour: moneyView(listing.rateMicros, settlementCurrency),
    floorPrice:
      floorPriceMicros === null
        ? null
        : { ...moneyView(floorPriceMicros, floorPriceCurrency!), per: floorPricePer! },
    termDiscounts: listing.termDiscounts,
    availableFrom: timeOrNull(listing.availableFrom),
    availableUntil: timeOrNull(listing.availableUntil),
    minHours: hours(listing.minMinutes),
    maxHours: listing.maxMinutes === null ? null : hours(listing.maxMinutes),
    minGpus: listing.minGpus,
    maxGpus: listing.maxGpus,
    state: listing.state,
    stateReason: listing.stateReason,
    submittedAt: listing.submittedAt && isoInstant(listing.submittedAt),
    createdAt: isoInstant(listing.createdAt),
    updatedAt: isoInstant(listing.updatedAt),
  };
  return withVersion(view, listing.version);
}

export class CalendarSegmentView {
  @ApiProperty({ format: 'date-time' })
  start: string;
  @ApiProperty({ format: 'date-time' })
  end: string;
  @ApiProperty()
  freeGpus: number;
  @ApiProperty()
  bookedGpus: number;
}

export class CalendarView {
  @ApiProperty({ type: [CalendarSegmentView], description: 'contiguous, covering the asked window' })
  data: CalendarSegmentView[];
}

export const calendarView = (segments: readonly CalendarSegment[]): CalendarView => ({
  data: segments.map(({ start, end, freeGpus, bookedGpus }) => ({
    start: isoMinute(start),
    end: isoMinute(end),
    freeGpus,
    bookedGpus,
  })),
});
