import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { itWithData } from '../../../test/support/data-folder.js';
import { distanceKm } from '../geo.js';
import { resolveRegion } from '../region-names.js';
import { readMeasurementFiles } from './measurement-files.js';
import { measuredPairs } from './measurements.js';
import { ROUND_TRIPS } from './round-trips.js';
import {
  bothRegionsUnseen,
  crossValidate,
  modelPredictor,
  oneRegionUnseen,
  providerUnseen,
} from './validation.js';

const FOLDER = join(resolve(process.env['FALLOW_DATA'] ?? '../shared/data'), 'rtt');

async function files() {
  const found = await readMeasurementFiles(FOLDER);
  if (!found) throw new Error(`no measurements in ${FOLDER}`);
  return found;
}

describe('the model on measured round trips between clouds', () => {
  itWithData(
    'rtt',
    'errs by at most 9 ms at the median and 30 ms at the 90th percentile on regions and providers never seen',
    async () => {
      const { series, placeOf } = await files();
      const pairs = measuredPairs(series, placeOf);
      const predict = modelPredictor(pairs);
      const protocols = {
        'both metros unseen': bothRegionsUnseen(pairs, 50),
        'one metro unseen': oneRegionUnseen(pairs, 50),
        ...Object.fromEntries(providerUnseen(pairs, 0)),
      };
      for (const [name, rounds] of Object.entries(protocols)) {
        const { medianMs, p90Ms } = crossValidate(pairs, rounds, predict);
        expect([name, medianMs <= 9, p90Ms <= 30]).toEqual([name, true, true]);
      }
    },
    300_000,
  );

  itWithData('rtt', 'ships figures of its own, not the measurements', async () => {
    const { series, placeOf } = await files();
    const pairs = measuredPairs(series, placeOf).flatMap(({ a, b, rttMs, plainMs }) => {
      const [from, to] = [resolveRegion(a.id), resolveRegion(b.id)];
      return from && to && from !== to ? [{ from, to, rttMs, plainMs }] : [];
    });
    const repeated = pairs.filter(({ from, to, ...measured }) => {
      const { rttMs } = ROUND_TRIPS.rttMs(from.code, to.code);
      return Math.abs(rttMs - measured.rttMs) < 0.1 || Math.abs(rttMs - measured.plainMs) < 0.1;
    });
    expect(repeated.length).toBeLessThan(0.05 * pairs.length);
  });

  itWithData('rtt', 'ships nothing below light in fibre by the coordinates that others give', async () => {
    const { series, placeOf } = await files();
    const regions = [...new Set(series.flatMap(({ from, to }) => [from, to]))];
    const places = regions.flatMap((id) => {
      const metro = resolveRegion(id);
      const place = placeOf(id, 'as given');
      return metro && place ? [{ metro, place }] : [];
    });
    const below = places.flatMap((a) =>
      places.filter(
        (b) =>
          a.metro !== b.metro &&
          ROUND_TRIPS.rttMs(a.metro.code, b.metro.code).rttMs < distanceKm(a.place, b.place) / 100,
      ),
    );
    expect(below).toEqual([]);
  });
});

describe('measurement files', () => {
  it('are undefined where there are none', async () => {
    await expect(readMeasurementFiles(join(FOLDER, 'no', 'such', 'folder'))).resolves.toBeUndefined();
  });
});
