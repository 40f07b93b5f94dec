import { resolveChip } from '../catalog/chip-names.js';
import type { Chip } from '../catalog/chip.js';
import { CHIPS } from '../catalog/chips.data.js';
import { resolveRegion } from '../catalog/region-names.js';
import type { Region } from '../catalog/region.js';
import { REGIONS } from '../catalog/regions.data.js';
import { invalid } from '../kernel/errors.js';
import { NearNames } from './near-names.js';

const NEAR_CHIPS = new NearNames(
  CHIPS.flatMap(({ code, aliases }) => [code, ...aliases].map((name) => ({ code, name }))),
);
const NEAR_REGIONS = new NearNames(
  REGIONS.flatMap(({ code, name, aliases }) =>
    [code, name, ...aliases].map((each) => ({ code, name: each })),
  ),
);

const hint = (codes: readonly string[]): string =>
  codes.length > 0 ? `; did you mean ${codes.join(', ')}?` : '';

/**
 * The chip of any name the catalogue knows.
 * @param memoryGib where the source tells the variant by its memory.
 * @throws AppError 422 at `pointer`, with near names.
 */
export function chipNamed(name: string, pointer: string, memoryGib?: number): Chip {
  const chip = resolveChip(name, memoryGib === undefined ? {} : { memoryGib });
  if (!chip) throw invalid(pointer, `is not a chip of the catalogue${hint(NEAR_CHIPS.to(name))}`);
  return chip;
}

/**
 * The region of any name the catalogue knows.
 * @throws AppError 422 at `pointer`, with near names.
 */
export function regionNamed(name: string, pointer: string): Region {
  const region = resolveRegion(name);
  if (!region) throw invalid(pointer, `is not a region of the catalogue${hint(NEAR_REGIONS.to(name))}`);
  return region;
}

/** So many wrong names of a file get a hint; after that the reader has the idea. */
const HINTS = 200;

/** Looks names up for a whole file: each distinct one once. What is found, or what is wrong with the name. */
export class NameBook {
  private readonly chips = new Map<string, Chip | string>();
  private readonly regions = new Map<string, Region | string>();
  private hintsLeft = HINTS;

  chip(name: string, memoryGib?: number): Chip | string {
    return this.once(this.chips, `${memoryGib ?? ''} ${name}`, () => {
      const chip = resolveChip(name, memoryGib === undefined ? {} : { memoryGib });
      return chip ?? `is not a chip of the catalogue${this.hint(NEAR_CHIPS, name)}`;
    });
  }

  region(name: string): Region | string {
    return this.once(
      this.regions,
      name,
      () => resolveRegion(name) ?? `is not a region of the catalogue${this.hint(NEAR_REGIONS, name)}`,
    );
  }

  private once<T>(found: Map<string, T>, key: string, find: () => T): T {
    const known = found.get(key);
    if (known !== undefined) return known;
    const value = find();
    found.set(key, value);
    return value;
  }

  private hint(near: NearNames, name: string): string {
    this.hintsLeft -= 1;
    return this.hintsLeft < 0 ? '' : hint(near.to(name));
  }
}
