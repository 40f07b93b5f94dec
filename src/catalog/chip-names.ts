import { CHIPS } from './chips.data.js';
import type { Chip } from './chip.js';

interface ChipName {
  /** Letters and digits of the model alone: `h100`, `rtx6000ada`. */
  readonly model: string;
  readonly form: 'sxm' | 'pcie' | 'oam' | undefined;
  readonly memoryGib: number | undefined;
}

interface Index {
  readonly byExactName: ReadonlyMap<string, Chip>;
  readonly byModel: ReadonlyMap<string, readonly Chip[]>;
}

/** Catalogues round memory (80 or 79, 192 or 180 GiB); two variants of one model never lie this close together. */
const MEMORY_TOLERANCE = 0.125;

const CHINESE_WORDS: readonly (readonly [string, string])[] = [
  ['昇腾', 'ascend'],
  ['思元', 'mlu'],
  ['真武', 'zhenwu'],
  ['昆仑芯', 'kunlun'],
  ['昆仑', 'kunlun'],
  ['天垓', 'tiangai'],
  ['云燧', 'cloudblazer'],
];

const VENDOR_PREFIX =
  /^(nvidia|tesla|geforce|quadro|amd|radeon|instinct|intel|habana|google|cloud(?=tpu)|aws|amazon|qualcomm|huawei|cambricon|hygon|moorethreads|biren|kunlunxin|baidu|iluvatar|corex)+(?=.)/;

const NOISE = new Set(
  'gpu gpus tensor core generation accelerator card hbm2 hbm2e hbm3 hbm3e gddr5 gddr6 gddr6x gddr7 nvlink'.split(
    ' ',
  ),
);

function parseName(text: string): ChipName {
  const latin = CHINESE_WORDS.reduce(
    (rest, [chinese, word]) => rest.replaceAll(chinese, ` ${word} `),
    text.normalize('NFKC').toLowerCase(),
  );
  const tokens = latin
    .replace(/(\d)\s+(gb|gib|g)\b/g, '$1$2')
    .replace(/nvl(?:4|36|72)\b/g, ' ') // the size of the rack a superchip sits in
    .replace(/sxm\d?|pcie|oam|nvl(?!ink)/g, ' $& ')
    .split(/[^a-z0-9]+/)
    .filter((token) => token !== '' && !NOISE.has(token));

  const words: string[] = [];
  let form: ChipName['form'];
  let memoryGib: number | undefined;
  for (const token of tokens) {
    const memory = /^(\d{1,3})g(?:i?b)?$/.exec(token);
    if (memory) memoryGib = Number(memory[1]);
    else if (/^sxm\d?$/.test(token)) form = 'sxm';
    else if (token === 'pcie' || token === 'oam') form = token;
    else words.push(token);
  }
  // A TPU's trailing number is the size of the slice.
  if (
    /^(tpu.*|v\d+(e|p|litepod))$/.test(words[0] ?? '') &&
    /^\d+$/.test(words.at(-1) ?? '') &&
    words.length > 1
  )
    words.pop();
  return { model: words.join('').replace(VENDOR_PREFIX, ''), form, memoryGib };
}

function exactName({ model, form, memoryGib }: ChipName): string {
  return [model, form, memoryGib].join('/');
}

function buildIndex(chips: readonly Chip[]): Index {
  const byExactName = new Map<string, Chip>();
  const byModel = new Map<string, Chip[]>();
  for (const chip of chips) {
    for (const name of [chip.code, chip.name, ...chip.aliases].map(parseName)) {
      byExactName.set(exactName(name), chip);
      const siblings = byModel.get(name.model) ?? [];
      if (!siblings.includes(chip)) byModel.set(name.model, [...siblings, chip]);
    }
  }
  return { byExactName, byModel };
}

const INDEX = buildIndex(CHIPS);

/** Keeps those that fit, or all where none does: a hint refines and never refuses. */
function preferring(chips: readonly Chip[], fits: (chip: Chip) => boolean): readonly Chip[] {
  const fitting = chips.filter(fits);
  return fitting.length > 0 ? fitting : chips;
}

function memoryDistance(chip: Chip, memoryGib: number): number {
  return Math.abs(chip.memoryGib - memoryGib) / chip.memoryGib;
}

/**
 * The chip that a person or a catalogue means by a name: its code, its name, any alias, or a model with a form (`SXM5`, `PCIe`) and
 * memory (`80GB`), whatever the case, spaces, dashes, underscores and vendor prefix. A form or memory in the name must
 * be one the model was made with. A bare name means the variant that `chips.data.ts` gives it (`H100` is the SXM module,
 * `A100` the 40 GB one); `hint` refines it where the source has a column for memory in GiB or the link, and is ignored
 * where no variant fits it. Undefined: nobody can tell what it is.
 */
export function resolveChip(
  name: string,
  hint: { memoryGib?: number; interconnect?: string } = {},
): Chip | undefined {
  const wanted = parseName(name);
  const exact = INDEX.byExactName.get(exactName(wanted));
  if (exact && wanted.memoryGib !== undefined) return exact;

  const { form, memoryGib } = wanted;
  let chips = INDEX.byModel.get(wanted.model) ?? [];
  if (form !== undefined) chips = chips.filter((chip) => chip.formFactor === form);
  if (memoryGib !== undefined)
    chips = chips.filter((chip) => memoryDistance(chip, memoryGib) <= MEMORY_TOLERANCE);

  const hintedGib = memoryGib === undefined ? hint.memoryGib : undefined;
  if (hintedGib !== undefined)
    chips = preferring(chips, (chip) => memoryDistance(chip, hintedGib) <= MEMORY_TOLERANCE);
  if (form === undefined && hint.interconnect !== undefined)
    chips = preferring(chips, (chip) => chip.interconnect === hint.interconnect?.toLowerCase());

  const usual =
    exact ?? INDEX.byExactName.get(exactName({ ...wanted, form: undefined, memoryGib: undefined }));
  if (usual && chips.includes(usual)) return usual;
  const gib = memoryGib ?? hintedGib;
  if (gib === undefined) return chips[0];
  return [...chips].sort((a, b) => memoryDistance(a, gib) - memoryDistance(b, gib))[0];
}
