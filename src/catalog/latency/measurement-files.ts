import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { resolveRegion } from '../region-names.js';
import type { PingSeries, Place } from './measurements.js';

type Row = Readonly<Record<string, string>>;

/** `gcp:asia-east1-a` is a zone of `gcp:asia-east1`. */
const withoutZone = (region: string): string => region.replace(/(?<=\d)-[a-z]$/, '');

/** Where measured regions are said to be, and where this market's catalogue has them. */
export type Locate = 'catalogue' | 'as given';

export interface MeasurementFiles {
  readonly series: readonly PingSeries[];
  /**
   * `catalogue`: the metro a region is really in, where the catalogue knows it, for some coordinates in circulation are
   * those of a country's or state's middle; else `as given` in the files. Undefined where nobody knows.
   */
  placeOf(region: string, locate?: Locate): Place | undefined;
}

function seriesOf(row: Row): PingSeries | undefined {
  const premium = row['src_tier'] === 'PREMIUM' && row['dst_tier'] === 'PREMIUM';
  const { src_region: from, dst_region: to } = row;
  if (!premium || !from || !to) return undefined;
  return {
    from: withoutZone(from),
    to: withoutZone(to),
    minMs: Number(row['min_rtt']),
    avgMs: Number(row['avg_rtt']),
  };
}

/**
 * Reads every CSV file of a folder in the format of Skyplane's ping profiles (`src_region, src_tier, …, min_rtt,
 * avg_rtt, …`, ms; only series between premium-tier addresses) and every list of coordinates (`region, latitude,
 * longitude`), whatever the files are called.
 * @returns undefined where the folder holds no such measurement, or does not exist.
 */
export async function readMeasurementFiles(folder: string): Promise<MeasurementFiles | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const series: PingSeries[] = [];
  const given = new Map<string, Place>();
  for (const name of names.filter((file) => file.endsWith('.csv')).sort()) {
    const rows = parse<Row>(await readFile(join(folder, name)), { columns: true, skipEmptyLines: true });
    for (const row of rows) {
      const ping = seriesOf(row);
      if (ping) series.push(ping);
      const { region: id, latitude, longitude } = row;
      if (id && latitude && longitude) given.set(id, { id, lat: Number(latitude), lon: Number(longitude) });
    }
  }
  if (series.length === 0) return undefined;
  return {
    series,
    placeOf: (region, locate = 'catalogue') => {
      const metro = resolveRegion(region);
      const ours = metro && { id: region, lat: metro.lat, lon: metro.lon };
      return locate === 'catalogue' ? (ours ?? given.get(region)) : (given.get(region) ?? ours);
    },
  };
}
