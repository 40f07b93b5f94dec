import { resolveChip } from '../catalog/chip-names.js';
import type { Chip } from '../catalog/chip.js';
import { CHIPS } from '../catalog/chips.data.js';
import { resolveRegion } from '../catalog/region-names.js';
import type { Region } from '../catalog/region.js';
import { REGIONS } from '../catalog/regions.data.js';
import { invalid } from '../kernel/errors.js';
import { nearNames } from './near-names.js';

const CHIP_NAMES = CHIPS.flatMap(({ code, aliases }) => [code, ...aliases].map((name) => ({ code, name })));
const REGION_NAMES = REGIONS.flatMap(({ code, name, aliases }) =>
  [code, name, ...aliases].map((each) => ({ code, name: each })),
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
  if (!chip) throw invalid(pointer, `is not a chip of the catalogue${hint(nearNames(name, CHIP_NAMES))}`);
  return chip;
}

/**
 * The region of any name the catalogue knows.
 * @throws AppError 422 at `pointer`, with near names.
 */
export function regionNamed(name: string, pointer: string): Region {
  const region = resolveRegion(name);
  if (!region)
    throw invalid(pointer, `is not a region of the catalogue${hint(nearNames(name, REGION_NAMES))}`);
  return region;
}
