import type { Region } from '../../catalog/region.js';
import { UUID_PATTERN } from '../../kernel/id.js';

/** A site that the organisation has already. */
export interface KnownSite {
  id: string;
  name: string;
  regionCode: string;
}

/** Where an imported listing stands: a site there is, or one to be made at the region's own place. */
export type SitePlan = { kind: 'known'; id: string } | { kind: 'new'; name: string; region: Region };

/** Decides on the site of each row: one a region, and one a name, whatever the number of rows. */
export class SitePlanner {
  private readonly byName = new Map<string, { plan: SitePlan; regionCode: string }>();
  private readonly byRegion = new Map<string, SitePlan>();

  /** @param sites oldest first; the oldest of a name or of a region is the one that is used. */
  constructor(sites: readonly KnownSite[]) {
    for (const { id, name, regionCode } of sites) {
      this.remember({ kind: 'known', id }, name, regionCode);
      this.byName.set(id, this.byName.get(id) ?? { plan: { kind: 'known', id }, regionCode });
    }
  }

  /** The organisation's site in the region, or a new one that is named after it. */
  inRegion(region: Region): SitePlan {
    const known = this.byRegion.get(region.code);
    if (known) return known;
    const plan: SitePlan = { kind: 'new', name: region.name, region };
    this.byRegion.set(region.code, plan);
    return plan;
  }

  /** The site of that name or id; a new one where a region says where it is. A text says what is wrong. */
  named(name: string, region: Region | undefined): SitePlan | string {
    const known = this.byName.get(name.toLowerCase());
    if (known) {
      const elsewhere = region !== undefined && known.regionCode !== region.code;
      return elsewhere ? `is in ${known.regionCode}, not in ${region.code}` : known.plan;
    }
    if (!region || UUID_PATTERN.test(name)) return 'is not one of your sites; name a region to make one';
    const plan: SitePlan = { kind: 'new', name, region };
    this.remember(plan, name, region.code);
    return plan;
  }

  private remember(plan: SitePlan, name: string, regionCode: string): void {
    const key = name.toLowerCase();
    if (!this.byName.has(key)) this.byName.set(key, { plan, regionCode });
    if (!this.byRegion.has(regionCode)) this.byRegion.set(regionCode, plan);
  }
}
