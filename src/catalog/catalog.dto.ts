import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CurrencyCode, NestedList, Text } from '../platform/http/fields.js';

export class LatencyQuery {
  @Text({ max: 80, about: 'region code or alias to measure from', example: 'de-frankfurt' })
  from: string;
}

export class FxRateDto {
  @CurrencyCode()
  currency: string;

  @Text({
    max: 24,
    pattern: /^\d{1,9}(\.\d{1,9})?$/,
    about: 'settlement-currency units per unit of the currency',
    example: '0.140000000',
  })
  rate: string;
}

export class SetFxRatesDto {
  @NestedList(() => FxRateDto, { min: 1, max: 200 })
  rates: FxRateDto[];
}

export class ChipView {
  @ApiProperty({ example: 'h100-sxm-80gb' })
  code: string;
  @ApiProperty()
  vendor: string;
  @ApiProperty()
  name: string;
  @ApiProperty()
  architecture: string;
  @ApiProperty({ description: 'GiB of memory' })
  memoryGib: number;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'GB/s; null where the vendor has published none',
  })
  memoryBandwidthGbps: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'dense bf16 TFLOPS' })
  bf16Tflops: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'dense fp16 TFLOPS' })
  fp16Tflops: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'dense fp8 TFLOPS' })
  fp8Tflops: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'board or module power limit, W' })
  tdpWatts: number | null;
  @ApiProperty()
  interconnect: string;
  @ApiProperty()
  formFactor: string;
  @ApiProperty({ description: 'an example classification; counsel decides' })
  exportClass: string;
  @ApiProperty({ type: [String] })
  aliases: string[];
}

export class ChipList {
  @ApiProperty({ type: [ChipView] })
  data: ChipView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class RegionView {
  @ApiProperty({ example: 'cn-zhengzhou' })
  code: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ example: 'CN' })
  country: string;
  @ApiProperty()
  lat: number;
  @ApiProperty()
  lon: number;
}

export class RegionList {
  @ApiProperty({ type: [RegionView] })
  data: RegionView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class LatencyView {
  @ApiProperty()
  region: string;
  @ApiProperty({ description: 'round trip, ms' })
  rttMs: number;
  @ApiProperty({ enum: ['measured', 'modelled'] })
  source: 'measured' | 'modelled';
  @ApiPropertyOptional({ format: 'date-time', description: 'present on measured round trips' })
  measuredAt?: string;
}

export class LatencyList {
  @ApiProperty({ type: [LatencyView] })
  data: LatencyView[];
}

export class FxRateView {
  @ApiProperty()
  currency: string;
  @ApiProperty({ description: 'settlement-currency units per unit of the currency' })
  rate: string;
  @ApiProperty({ description: 'the day the rate is of' })
  day: string;
}

export class FxRateList {
  @ApiProperty()
  settlementCurrency: string;
  @ApiProperty({ type: [FxRateView] })
  data: FxRateView[];
}
