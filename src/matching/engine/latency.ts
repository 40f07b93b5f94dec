import type { Market, Origin, Rtt } from './market.js';

export interface RttFrom extends Rtt {
  region: string;
}

/** Round trips from where the users are, in ms with at most three decimals. */
export interface RttSummary {
  /** The mean by the origins' weights. */
  weighted: number;
  worst: number;
  byRegion: RttFrom[];
}

const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

/**
 * Round trips from each origin to the regions that serve it together (the worst of them counts); null without
 * origins.
 */
export function rttSummary(
  market: Pick<Market, 'rtt'>,
  origins: readonly Origin[],
  regions: readonly string[],
): RttSummary | null {
  if (origins.length === 0) return null;
  const byRegion = origins.map((origin): RttFrom => {
    const trips = regions.map((region) => market.rtt(origin.region, region));
    const worst = trips.reduce((a, b) => (b.rttMs > a.rttMs ? b : a));
    return { region: origin.region, rttMs: worst.rttMs, source: worst.source };
  });
  const weights = origins.reduce((sum, origin) => sum + origin.weight, 0);
  const weighted = byRegion.reduce((sum, from, i) => sum + from.rttMs * origins[i]!.weight, 0) / weights;
  return {
    weighted: toMicroseconds(weighted),
    worst: Math.max(...byRegion.map((from) => from.rttMs)),
    byRegion,
  };
}
