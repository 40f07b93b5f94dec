import { describe, expect, it } from '@jest/globals';
import { distanceKm } from './geo.js';
import { REGIONS } from './regions.data.js';

const REQUIRED = `
  us-ashburn sg-singapore de-frankfurt fr-paris hk-hong-kong tw-taipei gb-london cn-beijing cn-shanghai
  cn-shenzhen cn-guangzhou cn-hangzhou cn-zhengzhou cn-ulanqab cn-hohhot cn-horinger cn-guiyang cn-guian
  cn-qingyang cn-zhongwei cn-chongqing cn-chengdu cn-wuhan cn-nanjing cn-xian cn-lanzhou cn-urumqi
  cn-karamay cn-hami cn-zhangjiakou cn-langfang cn-shaoguan cn-wuhu cn-tianjin cn-jinan cn-qingdao
  cn-shenyang cn-dalian cn-harbin cn-changsha cn-hefei cn-fuzhou cn-xiamen cn-ningbo cn-suzhou cn-kunming
  cn-nanning cn-haikou cn-yinchuan cn-xining cn-lhasa cn-taiyuan cn-datong cn-ordos br-sao-paulo
  za-johannesburg in-mumbai jp-tokyo au-sydney
`
  .trim()
  .split(/\s+/);

describe('the region catalogue', () => {
  it("has at least 180 metros on all continents, with China's hubs and western sites", () => {
    expect(REGIONS.length).toBeGreaterThanOrEqual(180);
    expect(REGIONS.map((region) => region.code)).toEqual(expect.arrayContaining(REQUIRED));
  });

  it('gives each metro its own code, made of its country and city', () => {
    expect(new Set(REGIONS.map((region) => region.code)).size).toBe(REGIONS.length);
    const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
    for (const { code, country } of REGIONS) {
      expect(code).toMatch(/^[a-z]{2}-[a-z]+(-[a-z]+)*$/);
      expect(code.startsWith(`${country.toLowerCase()}-`)).toBe(true);
      expect([code, countries.of(country)]).toEqual([code, expect.any(String)]);
    }
  });

  it('puts no metro off the globe, no two in one place, and none of a country further off than it is wide', () => {
    const WIDEST_KM = 5500;
    const overseas = ['us-honolulu', 'us-anchorage'];
    const misplaced: string[] = [];
    for (const [index, a] of REGIONS.entries()) {
      if (Math.abs(a.lat) > 90 || Math.abs(a.lon) > 180) misplaced.push(a.code);
      for (const b of REGIONS.slice(index + 1)) {
        const km = distanceKm(a, b);
        const far = a.country === b.country && km > WIDEST_KM;
        if (km < 5 || (far && !overseas.includes(a.code) && !overseas.includes(b.code)))
          misplaced.push(`${a.code} and ${b.code}, ${km} km`);
      }
    }
    expect(misplaced).toEqual([]);
  });
});
