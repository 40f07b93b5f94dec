export interface Coordinates {
  /** Degrees north. */
  readonly lat: number;
  /** Degrees east. */
  readonly lon: number;
}

/** Mean Earth radius (IUGG), km. */
const EARTH_RADIUS_KM = 6371.0088;

/** Light in fibre covers about 200 km in a millisecond (refractive index 1.47). */
const FIBRE_KM_PER_MS = 200;

/** Cables detour, and equipment takes its time: both fitted on published round trips, see `matching.md` §8. */
const DETOUR = 1.4;
const FIXED_MS = 1.5;

/** Great-circle distance in km (haversine). */
export function distanceKm(a: Coordinates, b: Coordinates): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const dLat = radians(b.lat - a.lat);
  const dLon = radians(b.lon - a.lon);
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Round trip in milliseconds, to 0.1 ms, between two places nobody has measured: 1.5 ms within one place, and 1.4 times
 * what light in fibre needs for the distance there and back. A detour of 1.4 keeps it above the speed of light
 * (10 ms per 1000 km, round trip) by construction.
 */
export function modelledRttMs(a: Coordinates, b: Coordinates): number {
  const rttMs = FIXED_MS + (DETOUR * 2 * distanceKm(a, b)) / FIBRE_KM_PER_MS;
  return Math.round(rttMs * 10) / 10;
}
