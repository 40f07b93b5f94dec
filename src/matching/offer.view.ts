import { ApiProperty } from '@nestjs/swagger';
import { type MoneyView, moneyView } from '../kernel/money.js';
import { MINUTES_PER_HOUR, type Minute, isoMinute } from '../kernel/period.js';
import { INTERCONNECTS, type Interconnect, WORKLOADS, type Workload } from '../listings/listing.entity.js';
import { MoneyDto } from '../platform/http/fields.js';
import type { Facet, Facets, Offer } from './engine/search.js';

export class OfferSiteView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty()
  lat: number;
  @ApiProperty()
  lon: number;
}

export class OfferOperatorView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ description: '0 to 4' })
  verificationTier: number;
}

export class OfferView {
  @ApiProperty({ format: 'uuid' })
  listingId: string;
  @ApiProperty({ example: 'h100-sxm-80gb' })
  chip: string;
  @ApiProperty({ example: 'cn-zhengzhou' })
  region: string;
  @ApiProperty({ example: 'CN' })
  country: string;
  @ApiProperty({ type: OfferSiteView })
  site: OfferSiteView;
  @ApiProperty({ type: OfferOperatorView })
  operator: OfferOperatorView;
  @ApiProperty()
  gpusPerNode: number;
  @ApiProperty()
  gpuIncrement: number;
  @ApiProperty({ enum: INTERCONNECTS })
  interconnect: Interconnect;
  @ApiProperty({ type: Number, nullable: true })
  interconnectGbps: number | null;
  @ApiProperty({ enum: WORKLOADS, isArray: true })
  workloads: Workload[];
  @ApiProperty({ description: 'the largest booking that fits for the whole window' })
  freeGpus: number;
  @ApiProperty({ type: MoneyDto, description: 'after the term discount that the window earns' })
  pricePerGpuHour: MoneyView;
  @ApiProperty({ required: false, description: 'ms from `near`, where it was asked' })
  rttMs?: number;
  @ApiProperty({ required: false, enum: ['measured', 'modelled'] })
  rttSource?: 'measured' | 'modelled';
  @ApiProperty({ description: '0 to 1' })
  reliability: number;
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
}

export class OfferPage {
  @ApiProperty({ type: [OfferView] })
  data: OfferView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class PriceQuantilesView {
  @ApiProperty({ type: MoneyDto })
  min: MoneyView;
  @ApiProperty({ type: MoneyDto })
  p25: MoneyView;
  @ApiProperty({ type: MoneyDto })
  median: MoneyView;
  @ApiProperty({ type: MoneyDto })
  p75: MoneyView;
  @ApiProperty({ type: MoneyDto })
  max: MoneyView;
}

export class FacetView {
  @ApiProperty()
  code: string;
  @ApiProperty()
  name: string;
  @ApiProperty()
  count: number;
  @ApiProperty({ type: PriceQuantilesView, description: 'per GPU-hour' })
  price: PriceQuantilesView;
}

export class FacetsView {
  @ApiProperty()
  total: number;
  @ApiProperty({ type: [FacetView] })
  chips: FacetView[];
  @ApiProperty({ type: [FacetView] })
  regions: FacetView[];
  @ApiProperty({ type: [FacetView] })
  countries: FacetView[];
}

const timeOrNull = (minute: Minute | null): string | null => (minute === null ? null : isoMinute(minute));

export function offerView(offer: Offer, currency: string): OfferView {
  const { listing } = offer;
  return {
    listingId: listing.id,
    chip: listing.chip.code,
    region: listing.region,
    country: listing.country,
    site: { id: listing.siteId, name: listing.siteName, lat: listing.lat, lon: listing.lon },
    operator: {
      id: listing.operatorId,
      name: listing.operatorName,
      verificationTier: listing.verificationTier,
    },
    gpusPerNode: listing.gpusPerNode,
    gpuIncrement: listing.gpuIncrement,
    interconnect: listing.interconnect,
    interconnectGbps: listing.interconnectGbps,
    workloads: [...listing.workloads],
    freeGpus: offer.freeGpus,
    pricePerGpuHour: moneyView(offer.rateMicros, currency),
    ...(offer.rtt ? { rttMs: offer.rtt.rttMs, rttSource: offer.rtt.source } : {}),
    reliability: listing.reliability,
    availableFrom: timeOrNull(listing.availableFrom),
    availableUntil: timeOrNull(listing.availableUntil),
    minHours: listing.minMinutes / MINUTES_PER_HOUR,
    maxHours: listing.maxMinutes === null ? null : listing.maxMinutes / MINUTES_PER_HOUR,
    minGpus: listing.minGpus,
    maxGpus: listing.maxGpus,
  };
}

/** @param nameOf what people call a code. */
export function facetsView(
  facets: Facets,
  currency: string,
  nameOf: {
    chip: (code: string) => string;
    region: (code: string) => string;
    country: (code: string) => string;
  },
): FacetsView {
  const view =
    (name: (code: string) => string) =>
    ({ code, count, price }: Facet): FacetView => ({
      code,
      name: name(code),
      count,
      price: {
        min: moneyView(price.min, currency),
        p25: moneyView(price.p25, currency),
        median: moneyView(price.median, currency),
        p75: moneyView(price.p75, currency),
        max: moneyView(price.max, currency),
      },
    });
  return {
    total: facets.total,
    chips: facets.chips.map(view(nameOf.chip)),
    regions: facets.regions.map(view(nameOf.region)),
    countries: facets.countries.map(view(nameOf.country)),
  };
}
