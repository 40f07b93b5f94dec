import { describe, expect, it } from '@jest/globals';
import { distanceKm, modelledRttMs } from './geo.js';
import { REGIONS } from './regions.data.js';

const frankfurt = { lat: 50.11, lon: 8.68 };
const singapore = { lat: 1.35, lon: 103.82 };
const ashburn = { lat: 39.04, lon: -77.49 };

describe('geography', () => {
  it('measures great circles, also across the antimeridian and between antipodes', () => {
    expect(distanceKm(frankfurt, singapore)).toBeCloseTo(10_278, -2);
    expect(distanceKm(frankfurt, ashburn)).toBeCloseTo(6_541, -2);
    expect(distanceKm({ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 })).toBeCloseTo(111.2, 1);
    expect(distanceKm({ lat: 90, lon: 0 }, { lat: -90, lon: 0 })).toBeCloseTo(20_015, 0);
  });

  it('models a round trip of 1.5 ms in one place and 14 ms per 1000 km beyond', () => {
    expect(modelledRttMs(frankfurt, frankfurt)).toBe(1.5);
    expect(modelledRttMs({ lat: 0, lon: 0 }, { lat: 0, lon: 1000 / 111.19508 })).toBe(15.5);
  });

  it('is symmetric, rounded to 0.1 ms and never faster than light in fibre, for all regions', () => {
    const wrong: string[] = [];
    for (const a of REGIONS)
      for (const b of REGIONS) {
        const rttMs = modelledRttMs(a, b);
        const rounded = rttMs === Math.round(rttMs * 10) / 10;
        if (!rounded || rttMs !== modelledRttMs(b, a) || rttMs < distanceKm(a, b) / 100)
          wrong.push(`${a.code} to ${b.code}: ${rttMs} ms`);
      }
    expect(wrong).toEqual([]);
  });
});
