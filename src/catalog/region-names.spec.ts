import { describe, expect, it } from '@jest/globals';
import { REGIONS } from './regions.data.js';
import { resolveRegion } from './region-names.js';

describe('region names', () => {
  it('every code and alias means its own metro and no other', () => {
    for (const region of REGIONS)
      for (const name of [region.code, ...region.aliases])
        expect([name, resolveRegion(name)?.code]).toEqual([name, region.code]);
  });

  it.each([
    ['aws:eu-central-1', 'de-frankfurt'],
    ['eu-central-1', 'de-frankfurt'],
    ['us-east-1', 'us-ashburn'],
    ['us-east-1a', 'us-ashburn'],
    ['us-east1', 'us-moncks-corner'],
    ['us-east1-b', 'us-moncks-corner'],
    ['gcp:us-central1-a', 'us-council-bluffs'],
    ['azure:westeurope', 'nl-amsterdam'],
    ['West Europe', 'nl-amsterdam'],
    ['East US 2', 'us-boydton'],
    ['us-ashburn-1', 'us-ashburn'],
    ['uk-london', 'gb-london'],
    ['desmoines-usa-1', 'us-des-moines'],
    ['saltlakecity-usa-1', 'us-salt-lake-city'],
    ['montreal-canada-2', 'ca-montreal'],
    ['warsaw-poland-1', 'pl-warsaw'],
    ['bangalore-india-1', 'in-bengaluru'],
    ['dulles-usa-4', 'us-ashburn'],
    ['dubai-united-arab-emirates', 'ae-dubai'],
    ['Frankfurt, Germany', 'de-frankfurt'],
    ['Frankfurt', 'de-frankfurt'],
    ['São Paulo', 'br-sao-paulo'],
    ['sao paulo', 'br-sao-paulo'],
    ["Xi'an", 'cn-xian'],
    ['北京', 'cn-beijing'],
    ['乌兰察布', 'cn-ulanqab'],
    ['cn-wulanchabu', 'cn-ulanqab'],
    ['Hong Kong', 'hk-hong-kong'],
    ['San Jose', 'us-san-jose'],
    ['san-jose-costa-rica', 'cr-san-jose'],
    ['ap-southeast-3', 'id-jakarta'],
    ['alibaba:ap-southeast-3', 'my-kuala-lumpur'],
  ])('%s is %s', (name, code) => {
    expect(resolveRegion(name)?.code).toBe(code);
  });

  it.each(['', '-', 'usa', 'Germany', 'Texas', 'moon-base-1', 'paris-usa-1', 'us-east-99', 'aws:', 'global'])(
    'nobody can tell where %p is',
    (name) => {
      expect(resolveRegion(name)).toBeUndefined();
    },
  );
});
