import { describe, expect, it } from '@jest/globals';
import { CatalogController } from './catalog.controller.js';
import { ROUND_TRIPS } from './latency/round-trips.js';
import { REGIONS } from './regions.data.js';

describe('round trips from a region', () => {
  const controller = new CatalogController();

  it('are the shipped ones to every other region, under any name of the region', () => {
    const { data } = controller.latency({ from: 'aws:eu-central-1' });
    expect(data).toEqual(controller.latency({ from: 'de-frankfurt' }).data);
    expect(data).toHaveLength(REGIONS.length - 1);
    for (const { region, ...view } of data) expect(view).toEqual(ROUND_TRIPS.rttMs('de-frankfurt', region));
    expect(data.find(({ region }) => region === 'jp-tokyo')).toMatchObject({ source: 'modelled' });
  });

  it('are refused from nowhere', () => {
    expect(() => controller.latency({ from: 'atlantis' })).toThrow();
  });
});
