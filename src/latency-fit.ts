import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distanceKm } from './catalog/geo.js';
import { readMeasurementFiles } from './catalog/latency/measurement-files.js';
import { measuredPairs } from './catalog/latency/measurements.js';
import { encodeMatrix, type StoredMatrix } from './catalog/latency/matrix.js';
import { RoundTripModel } from './catalog/latency/model.js';
import { REGIONS } from './catalog/regions.data.js';

const OUTPUT = join('src', 'catalog', 'latency', 'matrix.data.ts');

function sourceText(matrix: StoredMatrix, pairs: number): string {
  const rows = matrix.rows.map(([code, rtts]) => `    ['${code}', '${rtts}'],\n`).join('');
  return `import type { StoredMatrix } from './matrix.js';

/*
 * Made by \`npm run latency:fit\`; do not edit. Modelled round trips between the regions of the catalogue: figures of a
 * model learnt from ${pairs} measured pairs of cloud regions, none of them a measurement (\`docs/latency.md\`).
 */

// prettier-ignore
export const MATRIX: StoredMatrix = {
  regions: '${matrix.regions}',
  rows: [
${rows}  ],
};
`;
}

/** Learns the model from the measurements and writes the shipped matrix. Same data, same bytes. */
async function main(): Promise<number> {
  const folder = join(process.env['FALLOW_DATA'] ?? join('..', 'shared', 'data'), 'rtt');
  const files = await readMeasurementFiles(folder);
  if (!files) {
    process.stderr.write(`no round-trip measurements in ${folder}; set FALLOW_DATA\n`);
    return 1;
  }
  const pairs = measuredPairs(files.series, files.placeOf);
  const ms = RoundTripModel.fit(pairs).matrix(REGIONS);
  await writeFile(OUTPUT, sourceText(encodeMatrix(REGIONS, ms), pairs.length));
  const furthest = pairs.reduce((most, { a, b }) => Math.max(most, distanceKm(a, b)), 0);
  process.stdout.write(
    `${OUTPUT}: ${REGIONS.length} regions, learnt from ${pairs.length} pairs up to ${Math.round(furthest)} km apart\n`,
  );
  return 0;
}

process.exitCode = await main();
