import { ApiProperty } from '@nestjs/swagger';
import { type MoneyView, moneyView } from '../kernel/money.js';
import { isoInstant } from '../kernel/period.js';
import { MoneyDto } from '../platform/http/fields.js';
import { withVersion } from '../platform/http/version.js';
import type { Site } from './site.entity.js';

export class SiteView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ example: 'cn-zhengzhou' })
  region: string;
  @ApiProperty({ example: 'CN' })
  country: string;
  @ApiProperty()
  lat: number;
  @ApiProperty()
  lon: number;
  @ApiProperty({ type: Number, nullable: true })
  tier: number | null;
  @ApiProperty({ type: Number, nullable: true })
  pue: number | null;
  @ApiProperty({ type: MoneyDto, nullable: true })
  powerPricePerKwh: MoneyView | null;
  @ApiProperty({ type: MoneyDto, nullable: true })
  fixedCostPerHour: MoneyView | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class SitePage {
  @ApiProperty({ type: [SiteView] })
  data: SiteView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

const money = (micros: bigint | null, currency: string | null): MoneyView | null =>
  micros === null || currency === null ? null : moneyView(micros, currency);

/** A site as its operator sees it. */
export const siteView = (site: Site): SiteView =>
  withVersion(
    {
      id: site.id,
      name: site.name,
      region: site.regionCode,
      country: site.country,
      lat: site.lat,
      lon: site.lon,
      tier: site.tier,
      pue: site.pue,
      powerPricePerKwh: money(site.powerPriceMicros, site.powerPriceCurrency),
      fixedCostPerHour: money(site.fixedCostMicros, site.fixedCostCurrency),
      createdAt: isoInstant(site.createdAt),
      updatedAt: isoInstant(site.updatedAt),
    },
    site.version,
  );
