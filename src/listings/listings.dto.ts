import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';
import {
  Decimal,
  Flag,
  Instant,
  MoneyDto,
  Nested,
  NestedList,
  OneOf,
  PageQuery,
  Text,
  TextList,
  Uuid,
  WholeNumber,
  fromQuery,
} from '../platform/http/fields.js';
import {
  INTERCONNECTS,
  type Interconnect,
  PRICE_UNITS,
  type PriceUnit,
  WORKLOADS,
  type Workload,
} from './listing.entity.js';
import { LIMITS } from './listing-terms.js';
import { LISTING_STATES, type ListingState } from './listing.states.js';

const MAX_MINUTES_IN_HOURS = LIMITS.hours;

/** The processor's name, or the number of its cores. */
const Cpu = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined && value !== null),
    ApiProperty({
      required: false,
      nullable: true,
      oneOf: [
        { type: 'string', maxLength: 200 },
        { type: 'integer', minimum: 1 },
      ],
      description: 'the processor, or how many of them',
      example: '2 x Xeon 8480+',
    }),
    ValidateBy({
      name: 'cpu',
      validator: {
        validate: (value) =>
          (Number.isSafeInteger(value) && (value as number) >= 1) ||
          (typeof value === 'string' &&
            /\S/.test(value) &&
            value.length <= 200 &&
            !/\0|[\ud800-\udfff]/u.test(value)),
        defaultMessage: () => '$property must be a text of at most 200 characters or a whole number',
      },
    }),
  ) as PropertyDecorator;

export class PriceDto extends MoneyDto {
  @OneOf(PRICE_UNITS, { optional: true, about: 'per GPU-hour by default' })
  per?: PriceUnit;
}

export class TermDiscountDto {
  @Decimal({ min: 0.01, max: LIMITS.hours, about: 'from this length on' })
  minHours: number;

  @Decimal({ min: 0.01, max: 99, about: 'per cent off the price, at most two decimals' })
  percentOff: number;
}

export class CreateSiteDto {
  @Text({ max: 200 })
  name: string;

  @Text({
    max: 100,
    about: 'a region code, or any name of it that the catalogue knows',
    example: 'cn-zhengzhou',
  })
  region: string;

  @Text({
    max: 2,
    min: 2,
    pattern: /^[A-Z]{2}$/,
    optional: true,
    about: "ISO 3166-1; the region's by default",
  })
  country?: string;

  @Decimal({ min: -90, max: 90, optional: true, about: "the region's by default" })
  lat?: number;

  @Decimal({ min: -180, max: 180, optional: true, about: "the region's by default" })
  lon?: number;

  @WholeNumber({ min: 1, max: 4, optional: true, nullable: true })
  tier?: number | null;

  @Decimal({ min: 1, max: 5, optional: true, nullable: true, about: 'power usage effectiveness' })
  pue?: number | null;

  @Nested(() => MoneyDto, { optional: true, nullable: true })
  powerPricePerKwh?: MoneyDto | null;

  @Nested(() => MoneyDto, { optional: true, nullable: true })
  fixedCostPerHour?: MoneyDto | null;
}

export class UpdateSiteDto {
  @Text({ max: 200, optional: true })
  name?: string;

  @Text({ max: 100, optional: true })
  region?: string;

  @Text({ max: 2, min: 2, pattern: /^[A-Z]{2}$/, optional: true })
  country?: string;

  @Decimal({ min: -90, max: 90, optional: true })
  lat?: number;

  @Decimal({ min: -180, max: 180, optional: true })
  lon?: number;

  @WholeNumber({ min: 1, max: 4, optional: true, nullable: true })
  tier?: number | null;

  @Decimal({ min: 1, max: 5, optional: true, nullable: true })
  pue?: number | null;

  @Nested(() => MoneyDto, { optional: true, nullable: true })
  powerPricePerKwh?: MoneyDto | null;

  @Nested(() => MoneyDto, { optional: true, nullable: true })
  fixedCostPerHour?: MoneyDto | null;
}

/** What is the same, and optional, when a listing is made and when it is edited. */
class ListingOptions {
  @WholeNumber({
    min: 1,
    max: LIMITS.gpusPerNode,
    optional: true,
    about: '1 by default; gpusPerNode: whole nodes only',
  })
  gpuIncrement?: number;

  @OneOf(INTERCONNECTS, { optional: true })
  interconnect?: Interconnect;

  @WholeNumber({ min: 1, max: 1_000_000, optional: true, nullable: true })
  interconnectGbps?: number | null;

  @Cpu()
  cpu?: string | number | null;

  @WholeNumber({ min: 1, max: 1_000_000, optional: true, nullable: true })
  ramGib?: number | null;

  @WholeNumber({ min: 0, max: 100_000_000, optional: true, nullable: true })
  storageGib?: number | null;

  @TextList({ min: 1, max: 2, values: WORKLOADS, optional: true, about: 'both by default' })
  workloads?: Workload[];

  @Nested(() => PriceDto, {
    optional: true,
    nullable: true,
    about: 'the lowest acceptable price; never shown',
  })
  floorPrice?: PriceDto | null;

  @NestedList(() => TermDiscountDto, { max: LIMITS.discounts, optional: true })
  termDiscounts?: TermDiscountDto[];

  @Instant({ optional: true, nullable: true })
  availableFrom?: string | null;

  @Instant({ optional: true, nullable: true })
  availableUntil?: string | null;

  @Decimal({ min: 0.01, max: MAX_MINUTES_IN_HOURS, optional: true })
  minHours?: number;

  @Decimal({ min: 0.01, max: MAX_MINUTES_IN_HOURS, optional: true, nullable: true })
  maxHours?: number | null;

  @WholeNumber({ min: 1, max: LIMITS.nodes * LIMITS.gpusPerNode, optional: true })
  minGpus?: number;

  @WholeNumber({ min: 1, max: LIMITS.nodes * LIMITS.gpusPerNode, optional: true })
  maxGpus?: number;
}

export class CreateListingDto extends ListingOptions {
  @Uuid({ about: 'one of your sites' })
  siteId: string;

  @Text({
    max: 100,
    about: 'a chip code, or any name of it that the catalogue knows',
    example: 'h100-sxm-80gb',
  })
  chip: string;

  @WholeNumber({ min: 1, max: LIMITS.nodes })
  nodes: number;

  @WholeNumber({ min: 1, max: LIMITS.gpusPerNode })
  gpusPerNode: number;

  @Nested(() => PriceDto)
  price: PriceDto;
}

export class UpdateListingDto extends ListingOptions {
  @Uuid({ optional: true })
  siteId?: string;

  @Text({ max: 100, optional: true })
  chip?: string;

  @WholeNumber({ min: 1, max: LIMITS.nodes, optional: true })
  nodes?: number;

  @WholeNumber({ min: 1, max: LIMITS.gpusPerNode, optional: true })
  gpusPerNode?: number;

  @Nested(() => PriceDto, { optional: true })
  price?: PriceDto;
}

export class ListingsQuery extends PageQuery {
  @fromQuery.list()
  @TextList({ min: 1, max: LISTING_STATES.length, values: LISTING_STATES, optional: true })
  state?: ListingState[];

  @Uuid({ optional: true })
  siteId?: string;

  @Instant({ optional: true, about: 'made at or after' })
  from?: string;

  @Instant({ optional: true, about: 'made before' })
  to?: string;
}

export class CalendarQuery {
  @Instant({ optional: true, about: 'now by default' })
  from?: string;

  @Instant({ optional: true, about: '30 days after `from` by default; 400 days at most' })
  to?: string;
}

export class ImportQuery {
  @fromQuery.flag()
  @Flag({ optional: true, about: 'check only; nothing is written' })
  dryRun?: boolean;

  @fromQuery.flag()
  @Flag({ optional: true, about: 'submit each new listing for review' })
  submit?: boolean;
}
