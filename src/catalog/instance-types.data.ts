/**
 * Clouds sell named instance types, and several catalogues of theirs give no chip. These rules say what is inside, from the
 * clouds' own size pages (Azure "GPU accelerated sizes", AWS "Accelerated computing instances", Google "GPU machine
 * types" and "TPU configurations").
 *
 * Some sizes are a share of one GPU. Fallow sells numbered whole GPUs, so an importer refuses such a row and says why:
 * its price is not the price of a GPU, and half of a GPU cannot be booked exclusively.
 */
export type InstanceGpus =
  | { readonly chip: string; readonly gpus: number }
  | { readonly fractional: true; readonly chip: string; readonly share: number };

interface Rule {
  /** Matched against the lower-case name; a first group, where there is one, is the size that `gpus` is keyed by. */
  readonly pattern: RegExp;
  readonly chip: string;
  /** GPUs of each size, or of all; below one, the share of a GPU. */
  readonly gpus: number | Readonly<Record<string, number>>;
}

// Azure: `Standard_<family><vCPUs><features>_<accelerator>_<version>`; the vCPU count is the size. A K80 or M60 "GPU" of
// NC, NV and NVv3 is one of the two on its board.
const AZURE: readonly Rule[] = [
  { pattern: /^nc(\d+)r?(?:_promo)?$/, chip: 'k80-12gb', gpus: { 6: 1, 12: 2, 24: 4 } },
  { pattern: /^nc(\d+)r?s_v2$/, chip: 'p100-pcie-16gb', gpus: { 6: 1, 12: 2, 24: 4 } },
  { pattern: /^nc(\d+)r?s_v3$/, chip: 'v100-pcie-16gb', gpus: { 6: 1, 12: 2, 24: 4 } },
  { pattern: /^nc(\d+)as_t4_v3$/, chip: 't4-16gb', gpus: { 4: 1, 8: 1, 16: 1, 64: 4 } },
  // Azure has no public size page for these: the counts that published tools agree on.
  { pattern: /^nc(\d+)ads_a10_v4$/, chip: 'a10-24gb', gpus: { 8: 1, 16: 1, 32: 2 } },
  { pattern: /^nc(\d+)ads_a100_v4$/, chip: 'a100-pcie-80gb', gpus: { 24: 1, 48: 2, 96: 4 } },
  { pattern: /^ncc?(\d+)adi?s_h100_v5$/, chip: 'h100-nvl-94gb', gpus: { 40: 1, 80: 2 } },
  // Documented: 24, 36, 72, 144 and 288, and from the preview 128, 256 and 320 (Azure maps them to 144, 288 and 288).
  // The others in the price list follow by vCPUs a GPU; 8 is priced at half of the smallest documented quarter.
  {
    pattern: /^nc(\d+)[lm]?ds_xl_rtxpro6000bse_v6$/,
    chip: 'rtx-pro-6000-server-96gb',
    // prettier-ignore
    gpus: {
      8: 1 / 8, 16: 1 / 4, 24: 1 / 4, 32: 1 / 4, 36: 1 / 4, 64: 1 / 2, 72: 1 / 2,
      128: 1, 132: 1, 144: 1, 256: 2, 264: 2, 288: 2, 320: 2, 324: 2,
    },
  },
  { pattern: /^nd40r?s_v2$/, chip: 'v100-sxm-32gb', gpus: 8 },
  { pattern: /^nd96asr(?:_a100)?_v4$/, chip: 'a100-sxm-40gb', gpus: 8 },
  { pattern: /^nd96amsr?_a100_v4$/, chip: 'a100-sxm-80gb', gpus: 8 },
  { pattern: /^nd96is(?:r|f|rf)?(?:_flex|_noib)?_h100_v5$/, chip: 'h100-sxm-80gb', gpus: 8 },
  { pattern: /^nd96is(?:r|f|rf)?_h200_v5$/, chip: 'h200-sxm-141gb', gpus: 8 },
  { pattern: /^nd96is(?:r|f|rf)?_mi300x_v5$/, chip: 'mi300x-192gb', gpus: 8 },
  { pattern: /^nd128is(?:r|f|rf)?_ndr_gb200_v6$/, chip: 'gb200-186gb', gpus: 4 },
  { pattern: /^nd128is(?:r|f|rf)?(?:_ndr)?_gb300_v6$/, chip: 'gb300-279gb', gpus: 4 },
  { pattern: /^nv(\d+)(?:_promo)?$/, chip: 'm60-8gb', gpus: { 6: 1, 12: 2, 24: 4 } },
  { pattern: /^nv(\d+)s_v[23]$/, chip: 'm60-8gb', gpus: { 6: 1, 12: 1, 24: 2, 48: 4 } },
  { pattern: /^nv(\d+)as_v4$/, chip: 'mi25-16gb', gpus: { 4: 1 / 8, 8: 1 / 4, 16: 1 / 2, 32: 1 } },
  {
    pattern: /^nv(\d+)adm?s_a10_v5$/,
    chip: 'a10-24gb',
    gpus: { 6: 1 / 6, 12: 1 / 3, 18: 1 / 2, 36: 1, 72: 2 },
  },
  {
    pattern: /^nv(\d+)adm?s_v710_v5$/,
    chip: 'v710-28gb',
    gpus: { 4: 1 / 6, 8: 1 / 3, 12: 1 / 2, 24: 1, 28: 1 },
  },
  { pattern: /^ng(\d+)adm?s_v620_v1$/, chip: 'v620-32gb', gpus: { 8: 1 / 4, 16: 1 / 2, 32: 1 } },
];

/** G5, G6 and G6e share one ladder of sizes. */
// prettier-ignore
const G_SIZES = {
  xlarge: 1, '2xlarge': 1, '4xlarge': 1, '8xlarge': 1, '16xlarge': 1,
  '12xlarge': 4, '24xlarge': 4, '48xlarge': 8,
};

// AWS: `<family>.<size>`.
const AWS: readonly Rule[] = [
  { pattern: /^p2\.(\w+)$/, chip: 'k80-12gb', gpus: { xlarge: 1, '8xlarge': 8, '16xlarge': 16 } },
  { pattern: /^p3\.(\w+)$/, chip: 'v100-sxm-16gb', gpus: { '2xlarge': 1, '8xlarge': 4, '16xlarge': 8 } },
  { pattern: /^p3dn\.24xlarge$/, chip: 'v100-sxm-32gb', gpus: 8 },
  { pattern: /^p4d\.24xlarge$/, chip: 'a100-sxm-40gb', gpus: 8 },
  { pattern: /^p4de\.24xlarge$/, chip: 'a100-sxm-80gb', gpus: 8 },
  { pattern: /^p5\.(\w+)$/, chip: 'h100-sxm-80gb', gpus: { '4xlarge': 1, '48xlarge': 8 } },
  { pattern: /^p5en?\.48xlarge$/, chip: 'h200-sxm-141gb', gpus: 8 },
  { pattern: /^p6-b200\.48xlarge$/, chip: 'b200-sxm-180gb', gpus: 8 },
  { pattern: /^p6-b300\.48xlarge$/, chip: 'b300-sxm-270gb', gpus: 8 },
  { pattern: /^p6e-gb200\.36xlarge$/, chip: 'gb200-186gb', gpus: 4 },
  { pattern: /^g3s\.xlarge$/, chip: 'm60-8gb', gpus: 1 },
  { pattern: /^g3\.(\w+)$/, chip: 'm60-8gb', gpus: { '4xlarge': 1, '8xlarge': 2, '16xlarge': 4 } },
  { pattern: /^g4dn\.(\w+)$/, chip: 't4-16gb', gpus: { ...G_SIZES, metal: 8 } },
  {
    pattern: /^g4ad\.(\w+)$/,
    chip: 'v520-8gb',
    gpus: { xlarge: 1, '2xlarge': 1, '4xlarge': 1, '8xlarge': 2, '16xlarge': 4 },
  },
  { pattern: /^g5\.(\w+)$/, chip: 'a10g-24gb', gpus: G_SIZES },
  {
    pattern: /^g5g\.(\w+)$/,
    chip: 't4g-16gb',
    gpus: { xlarge: 1, '2xlarge': 1, '4xlarge': 1, '8xlarge': 1, '16xlarge': 2, metal: 2 },
  },
  { pattern: /^g6\.(\w+)$/, chip: 'l4-24gb', gpus: G_SIZES },
  { pattern: /^gr6\.[48]xlarge$/, chip: 'l4-24gb', gpus: 1 },
  {
    pattern: /^gr?6f\.(\w+)$/,
    chip: 'l4-24gb',
    gpus: { large: 1 / 8, xlarge: 1 / 8, '2xlarge': 1 / 4, '4xlarge': 1 / 2 },
  },
  { pattern: /^g6e\.(\w+)$/, chip: 'l40s-48gb', gpus: G_SIZES },
  {
    pattern: /^g7e\.(\w+)$/,
    chip: 'rtx-pro-6000-server-96gb',
    gpus: { '2xlarge': 1, '4xlarge': 1, '8xlarge': 1, '12xlarge': 2, '24xlarge': 4, '48xlarge': 8 },
  },
  {
    pattern: /^inf1\.(\w+)$/,
    chip: 'inferentia-8gb',
    gpus: { xlarge: 1, '2xlarge': 1, '6xlarge': 4, '24xlarge': 16 },
  },
  {
    pattern: /^inf2\.(\w+)$/,
    chip: 'inferentia2-32gb',
    gpus: { xlarge: 1, '8xlarge': 1, '24xlarge': 6, '48xlarge': 12 },
  },
  { pattern: /^trn1n?\.(\w+)$/, chip: 'trainium-32gb', gpus: { '2xlarge': 1, '32xlarge': 16 } },
  { pattern: /^trn2\.(\w+)$/, chip: 'trainium2-96gb', gpus: { '3xlarge': 1, '48xlarge': 16 } },
  { pattern: /^dl1\.24xlarge$/, chip: 'gaudi-32gb', gpus: 8 },
  { pattern: /^dl2q\.24xlarge$/, chip: 'cloud-ai-100-16gb', gpus: 8 },
];

// Google: GPU machine types whose last number is the GPU count, or has a fixed one.
const GOOGLE: readonly Rule[] = [
  {
    pattern: /^a2-(?:highgpu|megagpu)-(\d+)g$/,
    chip: 'a100-sxm-40gb',
    gpus: { 1: 1, 2: 2, 4: 4, 8: 8, 16: 16 },
  },
  { pattern: /^a2-ultragpu-(\d+)g$/, chip: 'a100-sxm-80gb', gpus: { 1: 1, 2: 2, 4: 4, 8: 8 } },
  {
    pattern: /^a3-(?:highgpu|megagpu|edgegpu)-(\d+)g$/,
    chip: 'h100-sxm-80gb',
    gpus: { 1: 1, 2: 2, 4: 4, 8: 8 },
  },
  { pattern: /^a3-ultragpu-8g$/, chip: 'h200-sxm-141gb', gpus: 8 },
  { pattern: /^a4-highgpu-8g$/, chip: 'b200-sxm-180gb', gpus: 8 },
  { pattern: /^a4x-highgpu-4g$/, chip: 'gb200-186gb', gpus: 4 },
  {
    pattern: /^g2-standard-(\d+)$/,
    chip: 'l4-24gb',
    gpus: { 4: 1, 8: 1, 12: 1, 16: 1, 32: 1, 24: 2, 48: 4, 96: 8 },
  },
];

/**
 * TPU slices are sold whole, under one price. Their number counts TensorCores, two a chip, up to v5p and again in v7, and
 * chips in v5e and v6e.
 */
const TPU_SLICES: readonly { pattern: RegExp; chip: string; perChip: number }[] = [
  { pattern: /^tpu-v2-(\d+)$/, chip: 'tpu-v2-16gb', perChip: 2 },
  { pattern: /^tpu-v3-(\d+)$/, chip: 'tpu-v3-32gb', perChip: 2 },
  { pattern: /^tpu-v4-(\d+)$/, chip: 'tpu-v4-32gb', perChip: 2 },
  { pattern: /^tpu-v5p-(\d+)$/, chip: 'tpu-v5p-95gb', perChip: 2 },
  { pattern: /^tpu-?7x-(\d+)$/, chip: 'tpu-v7-192gb', perChip: 2 },
  { pattern: /^tpu-v5(?:e|litepod)-(\d+)$/, chip: 'tpu-v5e-16gb', perChip: 1 },
  { pattern: /^tpu-v6e-(\d+)$/, chip: 'tpu-v6e-32gb', perChip: 1 },
];

function tpuSlice(name: string): InstanceGpus | undefined {
  for (const { pattern, chip, perChip } of TPU_SLICES) {
    const chips = Number(pattern.exec(name)?.[1]) / perChip;
    if (Number.isInteger(chips) && chips > 0) return { chip, gpus: chips };
  }
  return undefined;
}

/**
 * What a cloud's instance type holds: chip code and whole GPUs, or the share of one. Undefined where the type is unknown,
 * which an importer reports rather than guesses. Case and Azure's `Standard_` prefix do not matter.
 */
export function resolveInstanceType(name: string): InstanceGpus | undefined {
  const type = name
    .trim()
    .toLowerCase()
    .replace(/^standard_/, '');
  for (const { pattern, chip, gpus } of [...AZURE, ...AWS, ...GOOGLE]) {
    const match = pattern.exec(type);
    if (!match) continue;
    const size = match[1] ?? '';
    const count = typeof gpus === 'number' ? gpus : Object.hasOwn(gpus, size) ? gpus[size] : undefined;
    if (count === undefined) return undefined;
    return count < 1 ? { fractional: true, chip, share: count } : { chip, gpus: count };
  }
  return tpuSlice(type);
}
