/**
 * Which column of a file is which field of a listing: the one place that knows the names. `docs/import.md` says the
 * same to people. Case, spaces, dots, dashes and underscores in a header do not matter.
 */
export const FIELDS = [
  'site',
  'region',
  'zone',
  'chip',
  'instanceType',
  'memoryGib',
  'gpuInfo',
  'nodes',
  'gpusPerNode',
  'gpuIncrement',
  'interconnect',
  'interconnectGbps',
  'cpu',
  'ramGib',
  'storageGib',
  'workloads',
  'price',
  'currency',
  'per',
  'floorPrice',
  'termDiscounts',
  'availableFrom',
  'availableUntil',
  'minHours',
  'maxHours',
  'minGpus',
  'maxGpus',
] as const;

export type Field = (typeof FIELDS)[number];

/** A column that is read and has no field here, and why. */
export const IGNORED = 'ignored';

export interface Mapping {
  style: 'fallow' | 'catalogue';
  columns: Readonly<Record<string, Field | typeof IGNORED>>;
  /** Each group needs at least one of its fields; a file without is refused. */
  required: readonly (readonly Field[])[];
  /** Columns that nobody named: refused, or passed over. */
  allowOthers: boolean;
}

/** Fallow's own columns. */
export const FALLOW: Mapping = {
  style: 'fallow',
  columns: {
    site: 'site',
    siteId: 'site',
    region: 'region',
    chip: 'chip',
    nodes: 'nodes',
    gpusPerNode: 'gpusPerNode',
    gpuIncrement: 'gpuIncrement',
    interconnect: 'interconnect',
    interconnectGbps: 'interconnectGbps',
    cpu: 'cpu',
    ramGib: 'ramGib',
    storageGib: 'storageGib',
    workloads: 'workloads',
    price: 'price',
    'price.amount': 'price',
    currency: 'currency',
    'price.currency': 'currency',
    per: 'per',
    'price.per': 'per',
    floorPrice: 'floorPrice',
    termDiscounts: 'termDiscounts',
    availableFrom: 'availableFrom',
    availableUntil: 'availableUntil',
    minHours: 'minHours',
    maxHours: 'maxHours',
    minGpus: 'minGpus',
    maxGpus: 'maxGpus',
  },
  required: [['site', 'region'], ['chip'], ['nodes'], ['gpusPerNode'], ['price']],
  allowOthers: false,
};

/**
 * The public catalogues' columns. A row is one instance: one node, sold whole. `Price` is US dollars an hour for all
 * its GPUs together. Interruptible prices are not read, since Fallow does not interrupt a booking.
 */
export const CATALOGUE: Mapping = {
  style: 'catalogue',
  columns: {
    AcceleratorName: 'chip',
    AcceleratorCount: 'gpusPerNode',
    Price: 'price',
    PricePerHourUSD: 'price',
    Region: 'region',
    AvailabilityZone: 'zone',
    InstanceType: 'instanceType',
    GpuMemoryGiBEach: 'memoryGib',
    GpuInfo: 'gpuInfo',
    MemoryGiB: 'ramGib',
    vCPUs: 'cpu',
    SpotPrice: IGNORED,
  },
  required: [['region', 'zone'], ['chip', 'instanceType'], ['price']],
  allowOthers: true,
};

/** Any of these in the header makes a file a public catalogue. */
const CATALOGUE_SIGNS = ['AcceleratorName', 'AcceleratorCount', 'InstanceType', 'PricePerHourUSD'];

const normal = (header: string): string => header.toLowerCase().replace(/[\s._-]/g, '');

export interface RowError {
  /** Rows count from 1; the header is row 0. */
  row: number;
  /** As the file names it; empty where the whole row is meant. */
  column: string;
  detail: string;
}

/** What a header means. */
export interface Columns {
  mapping: Mapping;
  /** Where each field stands, and what the file calls it. */
  at: ReadonlyMap<Field, { index: number; name: string }>;
  errors: RowError[];
}

/** The name that a mapping knows a field by first. */
const nameOf = (mapping: Mapping, field: Field): string =>
  Object.entries(mapping.columns).find(([, each]) => each === field)![0];

/** Reads the header row. */
export function columnsOf(header: readonly string[]): Columns {
  const signs = new Set(CATALOGUE_SIGNS.map(normal));
  const mapping = header.some((name) => signs.has(normal(name))) ? CATALOGUE : FALLOW;
  const fields = new Map(Object.entries(mapping.columns).map(([name, field]) => [normal(name), field]));
  const at = new Map<Field, { index: number; name: string }>();
  const errors: RowError[] = [];
  const refuse = (column: string, detail: string): void => void errors.push({ row: 0, column, detail });
  for (const [index, name] of header.entries()) {
    const field = fields.get(normal(name));
    if (name === '' || field === IGNORED) continue;
    if (field === undefined) {
      if (!mapping.allowOthers) refuse(name, 'is not a column that the import knows');
    } else if (at.has(field)) refuse(name, `stands for the same as ${at.get(field)!.name}`);
    else at.set(field, { index, name });
  }
  for (const group of mapping.required) {
    if (group.some((field) => at.has(field))) continue;
    const [first, ...others] = group.map((field) => nameOf(mapping, field));
    refuse(first!, ['is required', ...others].join(', or '));
  }
  if (mapping === CATALOGUE && at.has('chip') && !at.has('gpusPerNode'))
    refuse('AcceleratorCount', 'is required');
  return { mapping, at, errors };
}
