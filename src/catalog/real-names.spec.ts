import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { resolveChip } from './chip-names.js';
import { distanceKm } from './geo.js';
import { resolveInstanceType } from './instance-types.data.js';
import { resolveRegion } from './region-names.js';

/*
 * Every name in real catalogues, traces and measurements is known. The files are not part of the product: without them these
 * tests are skipped, and say so.
 */
const DATA = process.env.FALLOW_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const present = existsSync(DATA);
const describeData = present ? describe : describe.skip;
const title = present
  ? 'names in real data'
  : `names in real data: SKIPPED, no folder ${DATA} (set FALLOW_DATA)`;

type Row = Record<string, string>;

function rows(file: string): Row[] {
  return parse(readFileSync(join(DATA, file)), { columns: true, relax_column_count: true }) as Row[];
}

function distinct(file: string, column: string): string[] {
  return [...new Set(rows(file).map((row) => row[column] ?? ''))].filter((value) => value !== '');
}

function offerFiles(column: string): string[] {
  const files = readdirSync(join(DATA, 'offers')).filter((file) => file.endsWith('.csv'));
  return files.map((file) => `offers/${file}`).filter((file) => column in (rows(file)[0] ?? {}));
}

function unresolved(names: readonly string[], resolve: (name: string) => unknown): string[] {
  return names.filter((name) => resolve(name) === undefined);
}

/** "Undisclosed internal GPU codes" in the words of the trace's own README: nobody outside can tell what they are. */
const UNDISCLOSED = ['G1', 'G2', 'G3'];

/** Where the file gives the middle of a state or country, or a mistaken sign, instead of the data centres. */
const COARSE_COORDINATES = `
  gcp:us-central1 gcp:us-west1 aws:us-west-2 azure:eastus azure:westcentralus azure:francecentral
  azure:francesouth azure:germanynorth azure:spaincentral azure:ukwest
`
  .trim()
  .split(/\s+/);

describeData(title, () => {
  it('resolves every accelerator of the offer catalogues to a chip with the memory they give', () => {
    for (const file of offerFiles('AcceleratorName'))
      for (const row of rows(file)) {
        const name = row['AcceleratorName'] ?? '';
        const memoryGib = Number(row['GpuMemoryGiBEach'] ?? NaN);
        const chip = resolveChip(name, Number.isNaN(memoryGib) ? {} : { memoryGib });
        expect([file, name, chip?.code]).toEqual([file, name, expect.any(String)]);
        if (!Number.isNaN(memoryGib)) expect([name, chip?.memoryGib]).toEqual([name, memoryGib]);
      }
  });

  it('resolves every instance type of the catalogues that name no accelerator', () => {
    const files = offerFiles('InstanceType').filter((file) => !offerFiles('AcceleratorName').includes(file));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      expect(unresolved(distinct(file, 'InstanceType'), resolveInstanceType)).toEqual([]);
  });

  it('resolves every region of the offer catalogues', () => {
    for (const file of offerFiles('Region'))
      for (const column of ['Region', 'AvailabilityZone'])
        expect(unresolved(distinct(file, column), resolveRegion)).toEqual([]);
  });

  it('resolves every accelerator of the specification table, with its memory where it is right', () => {
    // gpuhunt gives MI308X 128 GB, AMD 192.
    for (const row of rows('gpu-specs/gpuhunt_known_accelerators.csv')) {
      if (row['vendor'] === 'tenstorrent') continue;
      const memoryGib = Number(row['memory_gib']);
      const chip = resolveChip(row['name'] ?? '', { memoryGib });
      expect([row['name'], chip?.vendor.toLowerCase()]).toEqual([row['name'], row['vendor']]);
      if (!['MI308X', 'Gaudi'].includes(row['name'] ?? ''))
        expect([row['name'], Math.abs(chip!.memoryGib - memoryGib) / memoryGib < 0.13]).toEqual([
          row['name'],
          true,
        ]);
    }
  });

  it('resolves every chip of the job traces but the undisclosed ones, and of the throughput table', () => {
    const nodes = distinct('requests-openb/openb_node_list_gpu_node.csv', 'model');
    const pods = distinct('requests-openb/openb_pod_list_gpuspec33.csv', 'gpu_spec');
    const names = [...new Set([...nodes, ...pods.flatMap((spec) => spec.split('|'))])];
    for (const name of unresolved(names, resolveChip)) expect(UNDISCLOSED).toContain(name);
    const measured = distinct('chip-throughput/gavel_isolated_steps_per_s.csv', 'chip');
    expect(
      unresolved(
        measured.map((name) => name.replace('_unconsolidated', '')),
        resolveChip,
      ),
    ).toEqual([]);
  });

  it('resolves every region that round trips were measured between', () => {
    const file = 'rtt/skyplane_rtt_2022_dev.csv';
    expect(unresolved(distinct(file, 'src_region'), resolveRegion)).toEqual([]);
    expect(unresolved(distinct(file, 'dst_region'), resolveRegion)).toEqual([]);
  });

  it('places every cloud region within 200 km of where its coordinates say', () => {
    for (const { region = '', latitude, longitude } of rows('rtt/region_coordinates.csv')) {
      const metro = resolveRegion(region);
      expect([region, metro?.code]).toEqual([region, expect.any(String)]);
      if (COARSE_COORDINATES.includes(region)) continue;
      const km = distanceKm(metro!, { lat: Number(latitude), lon: Number(longitude) });
      expect([region, metro?.code, km < 200]).toEqual([region, metro?.code, true]);
    }
  });
});
