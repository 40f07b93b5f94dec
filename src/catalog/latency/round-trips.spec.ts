import { describe, expect, it } from '@jest/globals';
import { distanceKm } from '../geo.js';
import type { Region } from '../region.js';
import { REGIONS } from '../regions.data.js';
import { decodeMatrix, encodeMatrix, regionsFingerprint } from './matrix.js';
import { MATRIX } from './matrix.data.js';
import { ROUND_TRIPS, RoundTrips, SAME_REGION_MS } from './round-trips.js';

describe('the shipped matrix', () => {
  it('was made for exactly the regions and coordinates of the catalogue (else run `npm run latency:fit`)', () => {
    expect(MATRIX.rows.map(([code]) => code)).toEqual(REGIONS.map(({ code }) => code));
    expect(MATRIX.regions).toBe(regionsFingerprint(REGIONS));
  });

  it('is symmetric, never below light in fibre, and at most twice round the world', () => {
    const wrong: string[] = [];
    for (const [i, a] of REGIONS.entries()) {
      for (const [j, b] of REGIONS.entries()) {
        if (i === j) continue;
        const ms = ROUND_TRIPS.msAt(i, j);
        const possible = ms >= distanceKm(a, b) / 100 && ms <= 800;
        if (!possible || ms !== ROUND_TRIPS.msAt(j, i)) wrong.push(`${a.code} ${b.code} ${ms}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has the round trips that everybody knows, give or take a third', () => {
    const known = [
      ['de-frankfurt', 'gb-london', 13],
      ['us-ashburn', 'ie-dublin', 68],
      ['jp-tokyo', 'us-los-angeles', 100],
      ['sg-singapore', 'hk-hong-kong', 35],
      ['br-sao-paulo', 'us-ashburn', 115],
      ['za-johannesburg', 'gb-london', 160],
    ] as const;
    for (const [from, to, ms] of known) {
      const { rttMs } = ROUND_TRIPS.rttMs(from, to);
      expect([from, to, rttMs > ms / 1.33, rttMs < ms * 1.33]).toEqual([from, to, true, true]);
    }
  });

  it('survives being written and read, rounded up to tenths of a millisecond', () => {
    const regions = REGIONS.slice(0, 3);
    const stored = encodeMatrix(regions, Float64Array.of(1, 2.01, 30, 2.01, 1, 9999, 30, 9999, 1));
    const { codes, ms } = decodeMatrix(stored);
    expect(codes).toEqual(regions.map(({ code }) => code));
    expect([...ms]).toEqual([0, 2.1, 30, 2.1, 0, 6553.5, 30, 6553.5, 0]);
    expect(() => decodeMatrix({ regions: '', rows: [['us-ashburn', 'AAAA']] })).toThrow('us-ashburn');
  });
});

describe('round trips', () => {
  const noted = new Date('2026-01-02T03:04:05Z');
  const [frankfurt, tokyo, london] = ['de-frankfurt', 'jp-tokyo', 'gb-london'] as const;

  it('are small within one region, and modelled until measured', () => {
    expect(ROUND_TRIPS.rttMs(tokyo, tokyo)).toEqual({ rttMs: SAME_REGION_MS, source: 'modelled' });
    expect(ROUND_TRIPS.rttMs(tokyo, london).source).toBe('modelled');
  });

  it('take a measured value for its pair in both directions and for no other, and leave the original alone', () => {
    const before = ROUND_TRIPS.rttMs(frankfurt, tokyo);
    const measured = ROUND_TRIPS.withMeasured([
      { from: tokyo, to: frankfurt, rttMs: 250 },
      { from: frankfurt, to: tokyo, rttMs: 221.04, measuredAt: noted },
      { from: london, to: london, rttMs: 0.8 },
    ]);
    expect(measured.rttMs(frankfurt, tokyo)).toEqual({ rttMs: 221, source: 'measured', measuredAt: noted });
    expect(measured.rttMs(tokyo, frankfurt)).toEqual(measured.rttMs(frankfurt, tokyo));
    expect(measured.rttMs(london, london)).toEqual({ rttMs: 0.8, source: 'measured' });
    expect(measured.rttMs(london, tokyo)).toEqual(ROUND_TRIPS.rttMs(london, tokyo));
    expect(ROUND_TRIPS.rttMs(frankfurt, tokyo)).toEqual(before);
    const [i, j] = [measured.numberOf(frankfurt), measured.numberOf(tokyo)];
    expect([measured.msAt(i, j), measured.isMeasuredAt(j, i)]).toEqual([221, true]);
    expect(ROUND_TRIPS.isMeasuredAt(i, j)).toBe(false);
  });

  it('refuse unknown regions, and measurements faster than light in fibre', () => {
    expect(() => ROUND_TRIPS.rttMs('xx-nowhere', tokyo)).toThrow(RangeError);
    for (const rttMs of [1.1, 0, -5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => ROUND_TRIPS.withMeasured([{ from: tokyo, to: london, rttMs }])).toThrow(RangeError);
  });

  it('add light in fibre from the centre of its region to a site out of town', () => {
    const { lat, lon } = REGIONS.find(({ code }) => code === frankfurt)!;
    const inTown = ROUND_TRIPS.rttToSiteMs(london, { region: frankfurt, lat, lon });
    expect(inTown).toEqual(ROUND_TRIPS.rttMs(london, frankfurt));
    const outside = { region: frankfurt, lat: lat + 1, lon };
    const extra = ROUND_TRIPS.rttToSiteMs(london, outside).rttMs - inTown.rttMs;
    expect(extra).toBeCloseTo(1.1, 5);
    expect(ROUND_TRIPS.rttToSiteMs(frankfurt, outside).rttMs).toBeCloseTo(SAME_REGION_MS + 1.1, 5);
  });

  it('fall back on the distance for a region that no matrix knows yet', () => {
    const [one, other] = [REGIONS[0]!, REGIONS[1]!];
    const newcomer: Region = { ...one, code: 'aq-mcmurdo', country: 'AQ', lat: -77.85, lon: 166.67 };
    const trips = RoundTrips.modelled([newcomer, other, one], MATRIX);
    expect(trips.rttMs(one.code, other.code)).toEqual(ROUND_TRIPS.rttMs(one.code, other.code));
    const { rttMs, source } = trips.rttMs(newcomer.code, one.code);
    expect(source).toBe('modelled');
    expect(rttMs).toBeGreaterThan(distanceKm(newcomer, one) / 100);
  });
});
