import { distanceKm, type Coordinates } from '../geo.js';
import { HUBS, LAND_LINES, SEA_LINES, THIN_LINES } from './backbone.data.js';

/** Round trip of light in fibre, ms per km. */
export const FIBRE_MS_PER_KM = 0.01;

/*
 * Costs relative to light in fibre along the great circle. Only their proportions matter: the fitted model scales the
 * whole. Land lines wind more than cables at sea; a thin line is worth a long way round; every hub takes its time.
 */
const LAND_DETOUR = 1.4;
const SEA_DETOUR = 1;
const THIN_DETOUR = 2.5;
const HUB_MS = 0.3;

/** The way from a place to the hubs it uses, or straight to a neighbour. */
const ACCESS_DETOUR = 1.5;
const ACCESS_HUBS = 3;
const NEIGHBOUR_DETOUR = 1.6;
const NEIGHBOUR_KM = 1000;

/** What the two ends take whatever the distance. */
const ENDS_MS = 3;

const fibreMs = (a: Coordinates, b: Coordinates): number => distanceKm(a, b) * FIBRE_MS_PER_KM;

const HUB_PLACES: readonly Coordinates[] = HUBS.map(([, lat, lon]) => ({ lat, lon }));

/** Cost in ms of the cheapest way between any two hubs, row by row (Floyd and Warshall's algorithm). */
function hubToHubMs(): Float64Array {
  const count = HUBS.length;
  const numberOf = new Map(HUBS.map(([name], index) => [name, index]));
  const ms = new Float64Array(count * count).fill(Infinity);
  for (let hub = 0; hub < count; hub += 1) ms[hub * count + hub] = 0;
  const join = (lines: readonly string[], detour: number) => {
    for (const line of lines) {
      const [from, ...others] = line.split(' ').map((name) => numberOf.get(name));
      for (const to of others) {
        if (from === undefined || to === undefined)
          throw new Error(`a hub of the line '${line}' is not listed`);
        const cost = fibreMs(HUB_PLACES[from]!, HUB_PLACES[to]!) * detour + HUB_MS;
        ms[from * count + to] = ms[to * count + from] = Math.min(cost, ms[from * count + to]!);
      }
    }
  };
  join(LAND_LINES, LAND_DETOUR);
  join(SEA_LINES, SEA_DETOUR);
  join(THIN_LINES, THIN_DETOUR);
  for (let via = 0; via < count; via += 1) {
    for (let from = 0; from < count; from += 1) {
      const first = ms[from * count + via]!;
      for (let to = 0; to < count; to += 1) {
        const cost = first + ms[via * count + to]!;
        if (cost < ms[from * count + to]!) ms[from * count + to] = cost;
      }
    }
  }
  return ms;
}

const HUB_MATRIX = hubToHubMs();

interface Access {
  readonly hub: number;
  readonly ms: number;
}

function accessTo(place: Coordinates): readonly Access[] {
  return HUB_PLACES.map((hubPlace, hub) => ({ hub, ms: fibreMs(place, hubPlace) * ACCESS_DETOUR }))
    .sort((a, b) => a.ms - b.ms || a.hub - b.hub)
    .slice(0, ACCESS_HUBS);
}

/**
 * What geography alone says of the round trips between places: the cheapest way through the sketched network, or
 * straight between neighbours, never below light in fibre. In ms up to a common factor, which the measurements give.
 * @returns symmetric `places × places` values, row by row; the diagonal is what two ends in one place take.
 */
export function backboneMs(places: readonly Coordinates[]): Float64Array {
  const access = places.map(accessTo);
  const ms = new Float64Array(places.length ** 2);
  for (let i = 0; i < places.length; i += 1) {
    for (let j = i; j < places.length; j += 1) {
      const km = distanceKm(places[i]!, places[j]!);
      let cheapest = km < NEIGHBOUR_KM ? km * FIBRE_MS_PER_KM * NEIGHBOUR_DETOUR : Infinity;
      for (const from of access[i]!) {
        for (const to of access[j]!) {
          cheapest = Math.min(cheapest, from.ms + HUB_MATRIX[from.hub * HUBS.length + to.hub]! + to.ms);
        }
      }
      const value = Math.max(cheapest, km * FIBRE_MS_PER_KM) + ENDS_MS;
      ms[i * places.length + j] = ms[j * places.length + i] = value;
    }
  }
  return ms;
}
