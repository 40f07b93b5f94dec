/*
 * The operators of the demonstration market. The companies are invented; chips, cities and price levels follow public
 * catalogues and the reports on China's idle data centres: an 8 × H100 server at 75,000 CNY a month, western sites built for
 * pre-training, coastal ones for inference.
 */
import type { Interconnect, PriceUnit, Workload } from '../listings/listing.entity.js';

/** What a kind of operator sells of one chip. Prices are the middle of the range, in its own currency. */
export interface Stock {
  chip: string;
  gpusPerNode: number;
  nodes: readonly [min: number, max: number];
  gpuIncrement: number;
  interconnect: Interconnect;
  gbps: number | null;
  workloads: readonly Workload[];
  price: number;
  per: PriceUnit;
  weight: number;
}

export interface OperatorKind {
  currency: string;
  /** Per kWh, in the currency. */
  powerPrice: number;
  pue: number;
  stock: readonly Stock[];
}

const TRAINING = ['training'] as const;
const INFERENCE = ['inference'] as const;
const BOTH = ['training', 'inference'] as const;

function servers(
  chip: string,
  nodes: readonly [number, number],
  monthly: number,
  weight: number,
  fabric: readonly [Interconnect, number] = ['infiniband', 3200],
): Stock {
  const [interconnect, gbps] = fabric;
  const common = { chip, gpusPerNode: 8, gpuIncrement: 8, nodes, interconnect, gbps, weight };
  return { ...common, workloads: TRAINING, price: monthly, per: 'server_month' };
}

function byTheHour(
  chip: string,
  gpusPerNode: number,
  nodes: readonly [number, number],
  price: number,
  weight: number,
  options: Partial<Stock> = {},
): Stock {
  const common = {
    chip,
    gpusPerNode,
    nodes,
    gpuIncrement: 1,
    interconnect: 'pcie' as Interconnect,
    gbps: null,
  };
  return { ...common, workloads: INFERENCE, price, per: 'gpu_hour', weight, ...options };
}

const NVLINK = { interconnect: 'nvlink', gbps: 7200, workloads: BOTH } as const;
const FABRIC = { interconnect: 'infiniband', gbps: 3200, workloads: BOTH, gpuIncrement: 8 } as const;

export const OPERATOR_KINDS = {
  chinaWest: {
    currency: 'CNY',
    powerPrice: 0.38,
    pue: 1.22,
    stock: [
      servers('h100-sxm-80gb', [4, 32], 75_000, 5),
      servers('h800-sxm-80gb', [4, 48], 70_000, 4),
      servers('a800-sxm-80gb', [4, 32], 33_000, 4),
      servers('h20-sxm-96gb', [4, 24], 42_000, 3, ['roce', 1600]),
      servers('ascend-910b-64gb', [8, 64], 29_000, 4, ['roce', 1600]),
      servers('h200-sxm-141gb', [2, 12], 86_000, 1),
    ],
  },
  chinaCoast: {
    currency: 'CNY',
    powerPrice: 0.68,
    pue: 1.35,
    stock: [
      byTheHour('h20-sxm-96gb', 8, [2, 12], 9.2, 4, { interconnect: 'nvlink', gbps: 7200 }),
      byTheHour('l20-48gb', 8, [2, 12], 4.6, 4),
      byTheHour('rtx-4090-24gb', 8, [4, 24], 2.2, 4),
      byTheHour('ascend-910b-64gb', 8, [2, 12], 6.1, 3, { interconnect: 'roce', gbps: 800 }),
      byTheHour('a800-sxm-80gb', 8, [1, 6], 8.1, 2, NVLINK),
      byTheHour('a10-24gb', 4, [2, 8], 2.1, 1),
    ],
  },
  unitedStates: {
    currency: 'USD',
    powerPrice: 0.075,
    pue: 1.25,
    stock: [
      byTheHour('h100-sxm-80gb', 8, [2, 24], 2.29, 5, NVLINK),
      byTheHour('h100-sxm-80gb', 8, [8, 48], 2.05, 3, FABRIC),
      byTheHour('h200-sxm-141gb', 8, [2, 16], 2.85, 3, NVLINK),
      byTheHour('b200-sxm-180gb', 8, [2, 8], 4.4, 2, FABRIC),
      byTheHour('a100-sxm-80gb', 8, [2, 16], 1.35, 4, NVLINK),
      byTheHour('l40s-48gb', 8, [2, 12], 0.88, 4),
      byTheHour('rtx-a6000-48gb', 4, [2, 12], 0.5, 3),
      byTheHour('mi300x-192gb', 8, [2, 8], 2.1, 2, FABRIC),
      byTheHour('rtx-4090-24gb', 8, [2, 8], 0.37, 2),
    ],
  },
  europe: {
    currency: 'EUR',
    powerPrice: 0.11,
    pue: 1.18,
    stock: [
      byTheHour('h100-sxm-80gb', 8, [2, 24], 2.12, 5, NVLINK),
      byTheHour('h200-sxm-141gb', 8, [2, 12], 2.65, 3, FABRIC),
      byTheHour('a100-sxm-80gb', 8, [2, 12], 1.24, 3, NVLINK),
      byTheHour('l40s-48gb', 8, [2, 12], 0.84, 4),
      byTheHour('l4-24gb', 4, [2, 12], 0.56, 3),
      byTheHour('h100-pcie-80gb', 4, [2, 8], 1.88, 2),
    ],
  },
  asiaPacific: {
    currency: 'USD',
    powerPrice: 0.13,
    pue: 1.4,
    stock: [
      byTheHour('h100-sxm-80gb', 8, [2, 16], 2.45, 4, NVLINK),
      byTheHour('h200-sxm-141gb', 8, [2, 12], 3.05, 3, NVLINK),
      byTheHour('a100-sxm-80gb', 8, [2, 8], 1.5, 3, NVLINK),
      byTheHour('l40s-48gb', 8, [2, 8], 0.98, 3),
      byTheHour('rtx-4090-24gb', 8, [2, 8], 0.42, 2),
    ],
  },
  elsewhere: {
    currency: 'USD',
    powerPrice: 0.09,
    pue: 1.45,
    stock: [
      byTheHour('h100-sxm-80gb', 8, [2, 12], 2.35, 4, NVLINK),
      byTheHour('a100-sxm-80gb', 8, [2, 8], 1.42, 3, NVLINK),
      byTheHour('l40s-48gb', 8, [2, 6], 0.95, 3),
      byTheHour('l4-24gb', 4, [2, 6], 0.6, 2),
    ],
  },
} as const satisfies Record<string, OperatorKind>;

export interface DemoOperator {
  name: string;
  country: string;
  kind: keyof typeof OPERATOR_KINDS;
  regions: readonly string[];
  /** Verification tier, 0 to 4. */
  tier: number;
  listings: number;
}

type Row = readonly [name: string, country: string, regions: string, tier: number, listings: number];

function ofKind(kind: DemoOperator['kind'], rows: readonly Row[]): DemoOperator[] {
  return rows.map(([name, country, regions, tier, listings]) => ({
    name,
    country,
    kind,
    regions: regions.split(' '),
    tier,
    listings,
  }));
}

/** The first one is where the demonstration's operator works. */
export const DEMO_OPERATORS: readonly DemoOperator[] = [
  ...ofKind('chinaWest', [
    ['Central Plains Intelligent Computing', 'CN', 'cn-zhengzhou cn-ulanqab', 3, 14],
    ['Grassland Compute', 'CN', 'cn-ulanqab cn-hohhot', 2, 12],
    ['Horinger Cloud Valley', 'CN', 'cn-horinger', 2, 11],
    ['Six Peaks Data', 'CN', 'cn-guiyang', 3, 12],
    ['Yellow River AI Park', 'CN', 'cn-zhongwei', 1, 11],
    ['Qingyang East-West Computing', 'CN', 'cn-qingyang', 1, 10],
    ['Tianshan GPU', 'CN', 'cn-hami cn-karamay', 0, 9],
    ['Ordos Steppe Computing', 'CN', 'cn-ordos', 1, 9],
    ['Loess Plateau Servers', 'CN', 'cn-lanzhou cn-taiyuan', 0, 8],
  ]),
  ...ofKind('chinaCoast', [
    ['Huangpu Inference', 'CN', 'cn-shanghai cn-hangzhou', 3, 13],
    ['Pearl Delta Compute', 'CN', 'cn-shenzhen cn-guangzhou', 3, 13],
    ['Bohai Bay AI', 'CN', 'cn-beijing cn-tianjin', 2, 12],
    ['Yangtze Model Cloud', 'CN', 'cn-nanjing cn-wuhan', 2, 10],
    ['Two Rivers Computing', 'CN', 'cn-chongqing cn-chengdu', 1, 10],
    ['Jimei Island Servers', 'CN', 'cn-xiamen cn-fuzhou', 0, 7],
  ]),
  ...ofKind('unitedStates', [
    ['Prairie GPU', 'US', 'us-des-moines us-kansas-city', 3, 14],
    ['Columbia Basin Compute', 'US', 'us-quincy us-portland', 3, 12],
    ['Lone Star Accelerators', 'US', 'us-dallas us-austin', 2, 13],
    ['Piedmont AI Cloud', 'US', 'us-ashburn us-atlanta', 4, 14],
    ['High Desert Compute', 'US', 'us-salt-lake-city us-phoenix', 2, 10],
    ['Great Lakes Inference', 'US', 'us-chicago us-columbus', 2, 11],
    ['Bayline GPU', 'US', 'us-san-jose us-los-angeles', 3, 10],
    ['Mohawk Valley Servers', 'US', 'us-new-york', 1, 8],
  ]),
  ...ofKind('europe', [
    ['Fjord Compute', 'NO', 'no-oslo no-stavanger', 4, 12],
    ['Norrland AI', 'SE', 'se-stockholm se-lulea', 3, 10],
    ['Rhein-Main GPU', 'DE', 'de-frankfurt de-berlin', 4, 13],
    ['Calcul Seine', 'FR', 'fr-paris fr-marseille', 3, 12],
    ['Polder Inference', 'NL', 'nl-amsterdam', 3, 10],
    ['Thames Accelerators', 'GB', 'gb-london', 2, 9],
    ['Vistula Compute', 'PL', 'pl-warsaw', 2, 9],
    ['Suomi GPU', 'FI', 'fi-helsinki', 3, 8],
    ['Iberia Cloud Compute', 'ES', 'es-madrid', 1, 7],
  ]),
  ...ofKind('asiaPacific', [
    ['Straits Compute', 'SG', 'sg-singapore my-johor-bahru', 4, 12],
    ['Kanto AI Servers', 'JP', 'jp-tokyo jp-osaka', 3, 11],
    ['Hangang GPU', 'KR', 'kr-seoul', 2, 9],
    ['Deccan Compute', 'IN', 'in-mumbai in-hyderabad', 2, 10],
    ['Harbour AI', 'HK', 'hk-hong-kong', 2, 8],
    ['Southern Cross GPU', 'AU', 'au-sydney au-melbourne', 2, 8],
  ]),
  ...ofKind('elsewhere', [
    ['Gulf Intelligence Compute', 'AE', 'ae-dubai sa-riyadh', 2, 9],
    ['Paulista GPU', 'BR', 'br-sao-paulo', 1, 8],
    ['Highveld Servers', 'ZA', 'za-johannesburg', 0, 6],
  ]),
];

/** Buyers whose bookings make up the market's past; the first is the demonstration's buyer. */
export const DEMO_BUYERS: readonly { name: string; country: string }[] = [
  { name: 'Lantern Apps', country: 'CN' },
  { name: 'Quill Reasoning', country: 'US' },
  { name: 'Orchard Speech', country: 'DE' },
  { name: 'Paper Crane Games', country: 'JP' },
  { name: 'Meridian Labs', country: 'GB' },
  { name: 'Jade Assistant', country: 'CN' },
  { name: 'Copper Robotics', country: 'US' },
  { name: 'Bluebird Health', country: 'FR' },
  { name: 'Monsoon Translate', country: 'IN' },
  { name: 'Northwind Research', country: 'SE' },
  { name: 'Banyan Video', country: 'SG' },
  { name: 'Open Ridge University', country: 'US' },
];
