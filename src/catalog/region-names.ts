import { REGIONS } from './regions.data.js';
import type { Region } from './region.js';

/** Their region ids are unlike each other's and unlike Fallow's, so they are found without a prefix too. */
const UNAMBIGUOUS_PROVIDERS = ['aws', 'azure', 'gcp', 'oci', 'tencent'];

/** What people write for a country besides its English name and its ISO code. */
const COUNTRY_WORDS: Readonly<Record<string, string>> = {
  usa: 'US',
  america: 'US',
  uk: 'GB',
  england: 'GB',
  uae: 'AE',
  korea: 'KR',
  czechrepublic: 'CZ',
  holland: 'NL',
  turkey: 'TR',
  hongkong: 'HK',
  macau: 'MO',
  macao: 'MO',
  bosnia: 'BA',
  ivorycoast: 'CI',
  myanmar: 'MM',
  macedonia: 'MK',
};

/** Lower case, without accents, words joined by single dashes; a provider's colon stays. */
function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’.]/g, '')
    .replace(/[^\p{L}\p{N}:]+/gu, '-')
    .replace(/^-|-$/g, '');
}

function squash(text: string): string {
  return slug(text).replaceAll('-', '');
}

function countryWords(): ReadonlyMap<string, string> {
  const english = new Intl.DisplayNames(['en'], { type: 'region' });
  const words = new Map(Object.entries(COUNTRY_WORDS));
  for (const { country } of REGIONS) {
    words.set(country.toLowerCase(), country);
    words.set(squash(english.of(country) ?? country), country);
  }
  return words;
}

/** Names that mean one metro whatever surrounds them. */
function directNames(): ReadonlyMap<string, Region> {
  const regions = new Map<string, Region>();
  for (const region of REGIONS) {
    for (const name of [region.code, ...region.aliases].map(slug)) {
      regions.set(name, region);
      const [provider = '', id] = name.split(':');
      if (id !== undefined && UNAMBIGUOUS_PROVIDERS.includes(provider)) regions.set(id, region);
    }
  }
  return regions;
}

/** `<country>/<city without dashes>`, and the city alone where only one region has that name. */
function cityNames(): ReadonlyMap<string, Region | 'ambiguous'> {
  const cities = new Map<string, Region | 'ambiguous'>();
  for (const region of REGIONS) {
    const names = [
      region.code.slice(3),
      region.name,
      ...region.aliases.filter((alias) => !alias.includes(':')),
    ];
    for (const city of new Set(names.map(squash))) {
      cities.set(`${region.country}/${city}`, region);
      cities.set(city, cities.has(city) ? 'ambiguous' : region);
    }
  }
  return cities;
}

const COUNTRIES = countryWords();
const DIRECT = directNames();
const CITIES = cityNames();

function cityByKey(key: string): Region | undefined {
  const found = CITIES.get(key);
  return found === 'ambiguous' ? undefined : found;
}

/** `city-country`, where the country may be more than one word: `dubai-united-arab-emirates`. */
function cityAndCountry(name: string): Region | undefined {
  const words = name.split('-');
  for (let cut = words.length - 1; cut > 0; cut -= 1) {
    const country = COUNTRIES.get(words.slice(cut).join(''));
    const found = country && cityByKey(`${country}/${words.slice(0, cut).join('')}`);
    if (found) return found;
  }
  return undefined;
}

/**
 * The metro that a name means: a region's code or alias; a cloud's region id with its provider (`aws:eu-central-1`) or
 * without where that is unambiguous, also in the spaced spelling of Azure's pages (`West Europe`); a zone of one
 * (`gcp:us-central1-a`, `us-east-1a`); a city alone where only one has that name; a city and country with or without a
 * number (`desmoines-usa-1`, `Frankfurt, Germany`). Accents, case, spaces and dashes do not matter. A country or
 * a state alone is no metro, so undefined.
 */
export function resolveRegion(name: string): Region | undefined {
  const wanted = slug(name).replace(/^uk-/, 'gb-');
  const withoutNumber = wanted.replace(/-\d+$/, '');
  return (
    DIRECT.get(slug(name)) ??
    DIRECT.get(wanted) ??
    DIRECT.get(wanted.replace(/(?<=\d)-?[a-z]$/, '')) ??
    DIRECT.get(wanted.replaceAll('-', '')) ??
    DIRECT.get(withoutNumber) ??
    cityByKey(wanted.replaceAll('-', '')) ??
    cityAndCountry(withoutNumber)
  );
}
