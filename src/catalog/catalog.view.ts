import type { ChipView, LatencyView, RegionView } from './catalog.dto.js';
import type { Chip } from './chip.js';
import type { RoundTrip } from './latency/round-trips.js';
import type { Region } from './region.js';

export function chipView(chip: Chip): ChipView {
  return {
    code: chip.code,
    vendor: chip.vendor,
    name: chip.name,
    architecture: chip.architecture,
    memoryGib: chip.memoryGib,
    memoryBandwidthGbps: chip.memoryBandwidthGbps,
    bf16Tflops: chip.bf16Tflops,
    fp16Tflops: chip.fp16Tflops,
    fp8Tflops: chip.fp8Tflops,
    tdpWatts: chip.tdpWatts,
    interconnect: chip.interconnect,
    formFactor: chip.formFactor,
    exportClass: chip.exportClass,
    aliases: [...chip.aliases],
  };
}

export function regionView(region: Region): RegionView {
  return { code: region.code, name: region.name, country: region.country, lat: region.lat, lon: region.lon };
}

export function roundTripView(region: string, { rttMs, source, measuredAt }: RoundTrip): LatencyView {
  return { region, rttMs, source, ...(measuredAt && { measuredAt: measuredAt.toISOString() }) };
}
