import type { Chip, ExportClass, FormFactor, ScaleUpLink } from './chip.js';

/*
 * Published specifications, one chip a line. Columns:
 *   code, name, memory GiB, memory GB/s, dense bf16, fp16 and fp8 TFLOPS, board watts, example export class, aliases.
 * `null` = the chip lacks the format, or no published figure is known: better none than a guess or a benchmark.
 * Vendors often print figures with 2:4 sparsity: those are halved here. Aliases are separated by `|`.
 *
 * A bare name belongs to one variant only, the one a catalogue or a person most commonly means by it; where catalogues
 * disagree, to the smaller memory, so that no listing is imported as more than it is (`A100` is the 40 GB SXM module,
 * as in SkyPilot's catalogues, which write `A100-80GB` for the other). Within a model the commoner variant comes first.
 *
 * The export class is an example only: see `ExportClass`.
 */
type Row = readonly [
  code: string,
  name: string,
  memoryGib: number,
  memoryBandwidthGbps: number | null,
  bf16Tflops: number | null,
  fp16Tflops: number | null,
  fp8Tflops: number | null,
  tdpWatts: number | null,
  exportClass: ExportClass,
  aliases: string,
];

interface Family {
  readonly vendor: string;
  readonly architecture: string;
  readonly interconnect: ScaleUpLink;
  readonly gpusPerNodeMax: number;
  readonly formFactor: FormFactor;
}

function family(shared: Family, rows: readonly Row[]): Chip[] {
  return rows.map(
    ([code, name, memoryGib, memoryBandwidthGbps, bf16, fp16, fp8, tdpWatts, exportClass, aliases]) => ({
      code,
      name,
      ...shared,
      memoryGib,
      memoryBandwidthGbps,
      bf16Tflops: bf16,
      fp16Tflops: fp16,
      fp8Tflops: fp8,
      tdpWatts,
      exportClass,
      aliases: aliases.split('|').map((alias) => alias.trim()),
    }),
  );
}

// PCIe servers are sold with up to ten cards; SXM and OAM baseboards carry eight.
const NVIDIA_PCIE = {
  vendor: 'NVIDIA',
  interconnect: 'pcie',
  gpusPerNodeMax: 10,
  formFactor: 'pcie',
} as const;
const NVIDIA_SXM = {
  vendor: 'NVIDIA',
  interconnect: 'nvlink',
  gpusPerNodeMax: 8,
  formFactor: 'sxm',
} as const;

// "NVIDIA Tesla K80 / M60 / P4 / P40 / P100 datasheets". K80 and M60 boards carry two GPUs: half a board each.
// Kepler, Maxwell and these two Pascal inference cards have no fast fp16.
// prettier-ignore
const BEFORE_VOLTA = [
  ...family({ ...NVIDIA_PCIE, architecture: 'Kepler', gpusPerNodeMax: 16 }, [
    ['k80-12gb', 'Tesla K80 (one of two GPUs)', 12, 240, null, null, null, 150, '5A992', 'k80 | tesla k80'],
  ]),
  ...family({ ...NVIDIA_PCIE, architecture: 'Maxwell' }, [
    ['m60-8gb', 'Tesla M60 (one of two GPUs)', 8, 160, null, null, null, 150, '5A992', 'm60 | tesla m60'],
  ]),
  ...family({ ...NVIDIA_PCIE, architecture: 'Pascal' }, [
    ['p4-8gb', 'Tesla P4', 8, 192, null, null, null, 75, '5A992', 'p4 | tesla p4'],
    ['p40-24gb', 'Tesla P40', 24, 346, null, null, null, 250, '5A992', 'p40 | tesla p40'],
    ['p100-pcie-16gb', 'Tesla P100 PCIe 16GB', 16, 732, null, 18.7, null, 250, '5A992', 'p100 | tesla p100 | p100-pcie'],
  ]),
  ...family({ ...NVIDIA_SXM, architecture: 'Pascal' }, [
    ['p100-sxm-16gb', 'Tesla P100 SXM2 16GB', 16, 732, null, 21.2, null, 300, '5A992', 'p100-sxm2 | p100-sxm2-16gb'],
  ]),
];

// "NVIDIA V100 Tensor Core GPU datasheet", "NVIDIA V100S datasheet". Volta has no bf16.
// prettier-ignore
const VOLTA = [
  ...family({ ...NVIDIA_SXM, architecture: 'Volta' }, [
    ['v100-sxm-16gb', 'V100 SXM2 16GB', 16, 900, null, 125, null, 300, '5A992', 'v100 | tesla v100 | v100-sxm2 | v100m16 | v100-16g'],
    ['v100-sxm-32gb', 'V100 SXM 32GB', 32, 900, null, 125, null, 300, '5A992', 'v100-32gb | v100m32 | v100-sxm3-32gb | v100-sxm2-32gb'],
  ]),
  ...family({ ...NVIDIA_PCIE, architecture: 'Volta' }, [
    ['v100-pcie-16gb', 'V100 PCIe 16GB', 16, 900, null, 112, null, 250, '5A992', 'v100-pcie'],
    ['v100-pcie-32gb', 'V100 PCIe 32GB', 32, 900, null, 112, null, 250, '5A992', 'v100-32gb-pcie'],
    ['v100s-pcie-32gb', 'V100S PCIe 32GB', 32, 1134, null, 130, null, 250, '5A992', 'v100s | tesla v100s'],
  ]),
];

// "NVIDIA T4 datasheet", "NVIDIA Turing GPU Architecture" (white paper WP-09183-001) for Quadro and GeForce. GeForce
// tensor cores run at half rate when they accumulate in fp32, which is the figure given. Turing has no bf16.
// T4G is the T4 on AWS's Arm hosts.
// prettier-ignore
const TURING = family({ ...NVIDIA_PCIE, architecture: 'Turing' }, [
  ['t4-16gb', 'T4', 16, 320, null, 65, null, 70, '5A992', 't4 | tesla t4'],
  ['t4g-16gb', 'T4G', 16, 320, null, 65, null, 70, '5A992', 't4g'],
  ['rtx-4000-8gb', 'Quadro RTX 4000', 8, 416, null, 57, null, 160, '5A992', 'rtx4000 | quadro rtx 4000'],
  ['rtx-5000-16gb', 'Quadro RTX 5000', 16, 448, null, 89.2, null, 265, '5A992', 'rtx5000 | quadro rtx 5000'],
  ['rtx-6000-24gb', 'Quadro RTX 6000', 24, 672, null, 130.5, null, 295, '5A992', 'rtx6000 | quadro rtx 6000'],
  ['rtx-8000-48gb', 'Quadro RTX 8000', 48, 672, null, 130.5, null, 295, '5A992', 'rtx8000 | quadro rtx 8000'],
  ['rtx-2060-6gb', 'GeForce RTX 2060', 6, 336, null, 25.8, null, 160, '5A992', 'rtx2060 | 2060'],
  ['rtx-2060-12gb', 'GeForce RTX 2060 12GB', 12, 336, null, 28.7, null, 184, '5A992', 'rtx2060-12g'],
  ['rtx-2060-super-8gb', 'GeForce RTX 2060 SUPER', 8, 448, null, 28.7, null, 175, '5A992', 'rtx2060super | 2060super | rtx2060s'],
  ['rtx-2070-8gb', 'GeForce RTX 2070', 8, 448, null, 29.9, null, 175, '5A992', 'rtx2070 | 2070'],
  ['rtx-2070-super-8gb', 'GeForce RTX 2070 SUPER', 8, 448, null, 36.3, null, 215, '5A992', 'rtx2070super | 2070super | rtx2070s'],
  ['rtx-2080-8gb', 'GeForce RTX 2080', 8, 448, null, 40.3, null, 215, '5A992', 'rtx2080 | 2080'],
  ['rtx-2080-super-8gb', 'GeForce RTX 2080 SUPER', 8, 496, null, 44.6, null, 250, '5A992', 'rtx2080super | 2080super | rtx2080s'],
  ['rtx-2080-ti-11gb', 'GeForce RTX 2080 Ti', 11, 616, null, 53.8, null, 250, '5A992', 'rtx2080ti | 2080ti'],
]);

// "NVIDIA A100 Tensor Core GPU datasheet", "A2 / A10 / A16 / A30 / A40 datasheets"; A10G: AWS G5 and NVIDIA's A10G
// datasheet; A16: a quarter of the board. A800: the A100 with NVLink cut to 400 GB/s, for China until October 2023.
// prettier-ignore
const AMPERE = [
  ...family({ ...NVIDIA_SXM, architecture: 'Ampere', gpusPerNodeMax: 16 }, [
    ['a100-sxm-40gb', 'A100 SXM4 40GB', 40, 1555, 312, 312, null, 400, '3A090', 'a100 | a100-sxm4 | a100-40gb | a100-sxm4-40gb'],
  ]),
  ...family({ ...NVIDIA_SXM, architecture: 'Ampere' }, [
    ['a100-sxm-80gb', 'A100 SXM4 80GB', 80, 2039, 312, 312, null, 400, '3A090', 'a100-80gb | a100-80g-sxm4'],
    ['a800-sxm-80gb', 'A800 SXM4 80GB', 80, 2039, 312, 312, null, 400, '3A090', 'a800 | a800-80gb | a800-sxm4'],
  ]),
  ...family({ ...NVIDIA_PCIE, architecture: 'Ampere' }, [
    ['a100-pcie-40gb', 'A100 PCIe 40GB', 40, 1555, 312, 312, null, 250, '3A090', 'a100-pcie | a100-40gb-pcie'],
    ['a100-pcie-80gb', 'A100 PCIe 80GB', 80, 1935, 312, 312, null, 300, '3A090', 'a100-80gb-pcie'],
    ['a800-pcie-80gb', 'A800 PCIe 80GB', 80, 1935, 312, 312, null, 300, '3A090', 'a800-pcie'],
    ['a2-16gb', 'A2', 16, 200, 18, 18, null, 60, '5A992', 'a2'],
    ['a10-24gb', 'A10', 24, 600, 125, 125, null, 150, '5A992', 'a10'],
    ['a10g-24gb', 'A10G', 24, 600, 70, 70, null, 300, '5A992', 'a10g'],
    ['a16-16gb', 'A16 (one of four GPUs)', 16, 200, 17.9, 17.9, null, 63, '5A992', 'a16'],
    ['a30-24gb', 'A30', 24, 933, 165, 165, null, 165, '3A090', 'a30'],
    ['a40-48gb', 'A40', 48, 696, 149.7, 149.7, null, 300, '3A090', 'a40'],
  ]),
];

// "NVIDIA RTX A2000 … A6000 datasheets" (printed tensor figure is sparse: halved).
// prettier-ignore
const RTX_AMPERE = family({ ...NVIDIA_PCIE, architecture: 'Ampere' }, [
  ['rtx-a2000-6gb', 'RTX A2000', 6, 288, 31.9, 31.9, null, 70, '5A992', 'a2000 | rtxa2000'],
  ['rtx-a2000-12gb', 'RTX A2000 12GB', 12, 288, 31.9, 31.9, null, 70, '5A992', 'a2000-12gb'],
  ['rtx-a4000-16gb', 'RTX A4000', 16, 448, 76.7, 76.7, null, 140, '5A992', 'a4000 | rtxa4000'],
  ['rtx-a4500-20gb', 'RTX A4500', 20, 640, 94.6, 94.6, null, 200, '5A992', 'a4500 | rtxa4500'],
  ['rtx-a5000-24gb', 'RTX A5000', 24, 768, 111.1, 111.1, null, 230, '5A992', 'a5000 | rtxa5000'],
  ['rtx-a5500-24gb', 'RTX A5500', 24, 768, 136.4, 136.4, null, 230, '5A992', 'a5500 | rtxa5500'],
  ['rtx-a6000-48gb', 'RTX A6000', 48, 768, 154.8, 154.8, null, 300, '5A992', 'a6000 | rtxa6000'],
]);

// "NVIDIA Ampere GA102 GPU Architecture" white paper and NVIDIA's product pages; tensor figure with fp32 accumulation.
// prettier-ignore
const GEFORCE_30 = family({ ...NVIDIA_PCIE, architecture: 'Ampere' }, [
  ['rtx-3050-8gb', 'GeForce RTX 3050 8GB', 8, 224, 18.2, 18.2, null, 130, '5A992', 'rtx3050 | 3050'],
  ['rtx-3050-6gb', 'GeForce RTX 3050 6GB', 6, 168, 13.5, 13.5, null, 70, '5A992', 'rtx3050-6g'],
  ['rtx-3060-12gb', 'GeForce RTX 3060 12GB', 12, 360, 25.5, 25.5, null, 170, '5A992', 'rtx3060 | 3060'],
  ['rtx-3060-8gb', 'GeForce RTX 3060 8GB', 8, 240, 25.5, 25.5, null, 170, '5A992', 'rtx3060-8g'],
  ['rtx-3060-ti-8gb', 'GeForce RTX 3060 Ti', 8, 448, 32.4, 32.4, null, 200, '5A992', 'rtx3060ti | 3060ti'],
  ['rtx-3070-8gb', 'GeForce RTX 3070', 8, 448, 40.6, 40.6, null, 220, '5A992', 'rtx3070 | 3070'],
  ['rtx-3070-ti-8gb', 'GeForce RTX 3070 Ti', 8, 608, 43.5, 43.5, null, 290, '5A992', 'rtx3070ti | 3070ti'],
  ['rtx-3080-10gb', 'GeForce RTX 3080 10GB', 10, 760, 59.5, 59.5, null, 320, '5A992', 'rtx3080 | 3080'],
  ['rtx-3080-12gb', 'GeForce RTX 3080 12GB', 12, 912, 61.3, 61.3, null, 350, '5A992', 'rtx3080-12g'],
  ['rtx-3080-ti-12gb', 'GeForce RTX 3080 Ti', 12, 912, 68.2, 68.2, null, 350, '5A992', 'rtx3080ti | 3080ti'],
  ['rtx-3090-24gb', 'GeForce RTX 3090', 24, 936, 71, 71, null, 350, '5A992', 'rtx3090 | 3090'],
  ['rtx-3090-ti-24gb', 'GeForce RTX 3090 Ti', 24, 1008, 80, 80, null, 450, '5A992', 'rtx3090ti | 3090ti'],
]);

// "NVIDIA L4 / L40 / L40S datasheets"; L2 and L20, made for China, from server vendors' product guides.
// prettier-ignore
const ADA = family({ ...NVIDIA_PCIE, architecture: 'Ada Lovelace' }, [
  ['l2-24gb', 'L2', 24, 300, 96.5, 96.5, 193, 72, '5A992', 'l2'],
  ['l4-24gb', 'L4', 24, 300, 121, 121, 242, 72, '3A090', 'l4'],
  ['l20-48gb', 'L20', 48, 864, 119.5, 119.5, 239, 275, '5A992', 'l20'],
  ['l40-48gb', 'L40', 48, 864, 181, 181, 362, 300, '3A090', 'l40'],
  ['l40s-48gb', 'L40S', 48, 864, 362, 362, 733, 350, '3A090', 'l40s'],
]);

// "NVIDIA RTX Ada Generation datasheets" (printed tensor figure is fp8 with sparsity: halved for fp8, quartered for bf16).
// RTX 5880 Ada is the variant of the RTX 6000 Ada made for China.
// prettier-ignore
const RTX_ADA = family({ ...NVIDIA_PCIE, architecture: 'Ada Lovelace' }, [
  ['rtx-2000-ada-16gb', 'RTX 2000 Ada Generation', 16, 224, 48, 48, 96, 70, '5A992', 'rtx2000ada | 2000ada'],
  ['rtx-4000-ada-20gb', 'RTX 4000 Ada Generation', 20, 360, 81.9, 81.9, 163.8, 130, '5A992', 'rtx4000ada | 4000ada'],
  ['rtx-4000-sff-ada-20gb', 'RTX 4000 SFF Ada Generation', 20, 280, 76.7, 76.7, 153.4, 70, '5A992', 'rtx4000sffada | rtx4000adasff'],
  ['rtx-4500-ada-24gb', 'RTX 4500 Ada Generation', 24, 432, 158.5, 158.5, 317, 210, '5A992', 'rtx4500ada | 4500ada'],
  ['rtx-5000-ada-32gb', 'RTX 5000 Ada Generation', 32, 576, 261.1, 261.1, 522.2, 250, '5A992', 'rtx5000ada | 5000ada'],
  ['rtx-5880-ada-48gb', 'RTX 5880 Ada Generation', 48, 960, 277.1, 277.1, 554.2, 285, '5A992', 'rtx5880ada | 5880ada | rtx5880'],
  ['rtx-6000-ada-48gb', 'RTX 6000 Ada Generation', 48, 960, 364.2, 364.2, 728.5, 300, '4A090', 'rtx6000ada | 6000ada | rtxa6000ada | a6000ada'],
]);

// "NVIDIA Ada GPU Architecture" white paper and NVIDIA's product pages; tensor figures with fp32 accumulation.
// prettier-ignore
const GEFORCE_40 = family({ ...NVIDIA_PCIE, architecture: 'Ada Lovelace' }, [
  ['rtx-4060-8gb', 'GeForce RTX 4060', 8, 272, 30.2, 30.2, 60.5, 115, '5A992', 'rtx4060 | 4060'],
  ['rtx-4060-ti-8gb', 'GeForce RTX 4060 Ti 8GB', 8, 288, 44.1, 44.1, 88.2, 160, '5A992', 'rtx4060ti | 4060ti'],
  ['rtx-4060-ti-16gb', 'GeForce RTX 4060 Ti 16GB', 16, 288, 44.1, 44.1, 88.2, 165, '5A992', 'rtx4060ti-16g'],
  ['rtx-4070-12gb', 'GeForce RTX 4070', 12, 504, 58.3, 58.3, 116.6, 200, '5A992', 'rtx4070 | 4070'],
  ['rtx-4070-super-12gb', 'GeForce RTX 4070 SUPER', 12, 504, 71, 71, 142, 220, '5A992', 'rtx4070super | 4070super | rtx4070s'],
  ['rtx-4070-ti-12gb', 'GeForce RTX 4070 Ti', 12, 504, 80.2, 80.2, 160.4, 285, '5A992', 'rtx4070ti | 4070ti'],
  ['rtx-4070-ti-super-16gb', 'GeForce RTX 4070 Ti SUPER', 16, 672, 88.2, 88.2, 176.4, 285, '5A992', 'rtx4070tisuper | 4070tisuper | rtx4070tis'],
  ['rtx-4080-16gb', 'GeForce RTX 4080', 16, 717, 97.5, 97.5, 194.9, 320, '5A992', 'rtx4080 | 4080'],
  ['rtx-4080-super-16gb', 'GeForce RTX 4080 SUPER', 16, 736, 104.4, 104.4, 208.9, 320, '5A992', 'rtx4080super | 4080super | rtx4080s'],
  ['rtx-4090-24gb', 'GeForce RTX 4090', 24, 1008, 165.2, 165.2, 330.3, 450, '4A090', 'rtx4090 | 4090'],
  ['rtx-4090-d-24gb', 'GeForce RTX 4090 D', 24, 1008, 147.1, 147.1, 294.2, 425, '5A992', 'rtx4090d | 4090d'],
]);

// "NVIDIA H100 Tensor Core GPU datasheet", "H200 datasheet", "GH200 Grace Hopper Superchip datasheet". H800 is the H100
// with NVLink cut to 400 GB/s; H20 is the part for China (its sale has needed a licence at times whatever its class).
// A 480 GB in a GH200's name is the CPU's memory.
// prettier-ignore
const HOPPER = [
  ...family({ ...NVIDIA_SXM, architecture: 'Hopper' }, [
    ['h100-sxm-80gb', 'H100 SXM5 80GB', 80, 3350, 989, 989, 1979, 700, '3A090', 'h100 | h100-sxm | h100-80gb | h100-sxm5 | h100-mega-80gb | h100-mega'],
    ['h200-sxm-141gb', 'H200 SXM 141GB', 141, 4800, 989, 989, 1979, 700, '3A090', 'h200 | h200-sxm | h200-141gb | h200-sxm5'],
    ['h800-sxm-80gb', 'H800 SXM5 80GB', 80, 3350, 989, 989, 1979, 700, '3A090', 'h800 | h800-80gb | h800-sxm5'],
    ['h20-sxm-96gb', 'H20 96GB', 96, 4000, 148, 148, 296, 400, '5A992', 'h20 | h20-96gb | hgx h20'],
    ['h20-sxm-141gb', 'H20 141GB', 141, 4800, 148, 148, 296, 400, '5A992', 'h20-141gb | h20-3e'],
  ]),
  ...family({ ...NVIDIA_PCIE, architecture: 'Hopper' }, [
    ['h100-pcie-80gb', 'H100 PCIe 80GB', 80, 2000, 756, 756, 1513, 350, '3A090', 'h100-pcie | h100-80gb-pcie'],
    ['h800-pcie-80gb', 'H800 PCIe 80GB', 80, 2000, 756, 756, 1513, 350, '3A090', 'h800-pcie'],
  ]),
  ...family({ ...NVIDIA_PCIE, architecture: 'Hopper', interconnect: 'nvlink', gpusPerNodeMax: 8 }, [
    ['h100-nvl-94gb', 'H100 NVL 94GB', 94, 3938, 835, 835, 1671, 400, '3A090', 'h100nvl | h100-94gb'],
    ['h200-nvl-141gb', 'H200 NVL 141GB', 141, 4800, 836, 836, 1671, 600, '3A090', 'h200nvl | h200-141gb-pcie'],
  ]),
  ...family({ ...NVIDIA_SXM, architecture: 'Hopper', formFactor: 'superchip', gpusPerNodeMax: 4 }, [
    ['gh200-96gb', 'GH200 Grace Hopper 96GB', 96, 4000, 990, 990, 1979, 1000, '4A090', 'gh200 | gh200-480gb | gh200 grace hopper superchip'],
    ['gh200-144gb', 'GH200 Grace Hopper 144GB', 144, 4900, 990, 990, 1979, 1000, '4A090', 'gh200-144gb-hbm3e'],
  ]),
];

// "NVIDIA Blackwell Architecture Technical Brief", "HGX B200 / B300", "GB200 NVL72" and "GB300 NVL72" product pages.
// Memory as usable and sold: B200 is also advertised as 192 GB, B300 as 288 GB. A GB200 or GB300 compute tray has four.
// prettier-ignore
const BLACKWELL = [
  ...family({ ...NVIDIA_SXM, architecture: 'Blackwell' }, [
    ['b100-sxm-192gb', 'B100 SXM 192GB', 192, 8000, 1750, 1750, 3500, 700, '3A090', 'b100 | b100-sxm'],
    ['b200-sxm-180gb', 'B200 SXM 180GB', 180, 7700, 2250, 2250, 4500, 1000, '3A090', 'b200 | b200-sxm | b200-192gb'],
    ['b300-sxm-270gb', 'B300 SXM 270GB', 270, 8000, 2250, 2250, 4500, 1100, '3A090', 'b300 | b300-sxm | b300-288gb'],
  ]),
  ...family({ ...NVIDIA_SXM, architecture: 'Blackwell', formFactor: 'superchip', gpusPerNodeMax: 4 }, [
    ['gb200-186gb', 'GB200 (one Blackwell GPU)', 186, 8000, 2500, 2500, 5000, 1200, '4A090', 'gb200 | gb200-192gb | gb200 nvl72'],
    ['gb300-279gb', 'GB300 (one Blackwell Ultra GPU)', 279, 8000, 2500, 2500, 5000, 1400, '4A090', 'gb300 | gb300-288gb | gb300 nvl72'],
  ]),
];

// "NVIDIA RTX Blackwell PRO GPU Architecture" white paper and datasheets (printed AI TOPS are fp4 with sparsity: an eighth
// for bf16, a quarter for fp8). Clouds rent the server edition of the 6000, so its bare name means that.
// prettier-ignore
const RTX_PRO = family({ ...NVIDIA_PCIE, architecture: 'Blackwell' }, [
  ['rtx-pro-4500-32gb', 'RTX PRO 4500 Blackwell', 32, 896, 210.9, 210.9, 421.8, 200, '5A992', 'rtxpro4500 | pro4500 | rtx pro 4500 blackwell'],
  ['rtx-pro-5000-48gb', 'RTX PRO 5000 Blackwell', 48, 1344, 258, 258, 516, 300, '5A992', 'rtxpro5000 | pro5000 | rtx pro 5000 blackwell'],
  ['rtx-pro-6000-server-96gb', 'RTX PRO 6000 Blackwell Server Edition', 96, 1597, 500, 500, 1000, 600, '3A090', 'rtxpro6000 | pro6000 | rtxpro6000bse | rtx pro 6000 blackwell | rtx pro 6000 blackwell server edition | rtxpro6000 se'],
  ['rtx-pro-6000-workstation-96gb', 'RTX PRO 6000 Blackwell Workstation Edition', 96, 1792, 503.8, 503.8, 1007.6, 600, '4A090', 'rtx pro 6000 blackwell workstation edition | rtx pro 6000 ws | rtxpro6000wk'],
  ['rtx-pro-6000-max-q-96gb', 'RTX PRO 6000 Blackwell Max-Q', 96, 1792, 438.9, 438.9, 877.8, 300, '4A090', 'rtx pro 6000 blackwell max-q workstation edition | rtxpro6000maxq'],
]);

// "NVIDIA RTX Blackwell GPU Architecture" white paper and product pages; tensor figures with fp32 accumulation. The
// 5090 D, made for China, by its printed share of AI TOPS.
// prettier-ignore
const GEFORCE_50 = family({ ...NVIDIA_PCIE, architecture: 'Blackwell' }, [
  ['rtx-5060-8gb', 'GeForce RTX 5060', 8, 448, 38.4, 38.4, 76.7, 145, '5A992', 'rtx5060 | 5060'],
  ['rtx-5060-ti-8gb', 'GeForce RTX 5060 Ti 8GB', 8, 448, 47.4, 47.4, 94.8, 180, '5A992', 'rtx5060ti | 5060ti'],
  ['rtx-5060-ti-16gb', 'GeForce RTX 5060 Ti 16GB', 16, 448, 47.4, 47.4, 94.8, 180, '5A992', 'rtx5060ti-16g'],
  ['rtx-5070-12gb', 'GeForce RTX 5070', 12, 672, 61.7, 61.7, 123.5, 250, '5A992', 'rtx5070 | 5070'],
  ['rtx-5070-ti-16gb', 'GeForce RTX 5070 Ti', 16, 896, 87.9, 87.9, 175.8, 300, '5A992', 'rtx5070ti | 5070ti'],
  ['rtx-5080-16gb', 'GeForce RTX 5080', 16, 960, 112.6, 112.6, 225.1, 360, '5A992', 'rtx5080 | 5080'],
  ['rtx-5090-32gb', 'GeForce RTX 5090', 32, 1792, 209.5, 209.5, 419, 575, '4A090', 'rtx5090 | 5090'],
  ['rtx-5090-d-32gb', 'GeForce RTX 5090 D', 32, 1792, 148.4, 148.4, 296.9, 575, '5A992', 'rtx5090d | 5090d'],
]);

// "AMD Instinct MI… accelerator datasheets" and the CDNA 1 to 4 white papers; Radeon PRO V520, V620 and V710 datasheets.
// MI308X, made for China, has no published peak: AMD's documents give its memory only.
// prettier-ignore
const AMD = [
  ...family({ vendor: 'AMD', architecture: 'GCN 5', interconnect: 'pcie', gpusPerNodeMax: 10, formFactor: 'pcie' }, [
    ['mi25-16gb', 'Radeon Instinct MI25', 16, 484, null, 24.6, null, 300, '5A992', 'mi25 | radeon instinct mi25'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'RDNA', interconnect: 'pcie', gpusPerNodeMax: 10, formFactor: 'pcie' }, [
    ['v520-8gb', 'Radeon Pro V520', 8, 512, null, 14.7, null, 225, '5A992', 'v520 | radeon pro v520'],
    ['v620-32gb', 'Radeon PRO V620', 32, 512, null, 40.6, null, 300, '5A992', 'v620 | radeon pro v620'],
    ['v710-28gb', 'Radeon PRO V710', 28, 448, 55.3, 55.3, null, 158, '5A992', 'v710 | radeon pro v710'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'CDNA', interconnect: 'infinity-fabric', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['mi100-32gb', 'Instinct MI100', 32, 1229, 92.3, 184.6, null, 300, '3A090', 'mi100'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'CDNA 2', interconnect: 'infinity-fabric', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['mi210-64gb', 'Instinct MI210', 64, 1638, 181, 181, null, 300, '3A090', 'mi210'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'CDNA 2', interconnect: 'infinity-fabric', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['mi250-128gb', 'Instinct MI250', 128, 3277, 362.1, 362.1, null, 560, '3A090', 'mi250'],
    ['mi250x-128gb', 'Instinct MI250X', 128, 3277, 383, 383, null, 560, '3A090', 'mi250x'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'CDNA 3', interconnect: 'infinity-fabric', gpusPerNodeMax: 4, formFactor: 'superchip' }, [
    ['mi300a-128gb', 'Instinct MI300A', 128, 5300, 980.6, 980.6, 1961.2, 760, '4A090', 'mi300a'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'CDNA 3', interconnect: 'infinity-fabric', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['mi300x-192gb', 'Instinct MI300X', 192, 5300, 1307.4, 1307.4, 2614.9, 750, '3A090', 'mi300x | mi300'],
    ['mi308x-192gb', 'Instinct MI308X', 192, null, null, null, null, null, '5A992', 'mi308x | mi308'],
    ['mi325x-256gb', 'Instinct MI325X', 256, 6000, 1307.4, 1307.4, 2614.9, 1000, '3A090', 'mi325x'],
  ]),
  ...family({ vendor: 'AMD', architecture: 'CDNA 4', interconnect: 'infinity-fabric', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['mi350x-288gb', 'Instinct MI350X', 288, 8000, 2310, 2310, 4610, 1000, '3A090', 'mi350x'],
    ['mi355x-288gb', 'Instinct MI355X', 288, 8000, 2516, 2516, 5033, 1400, '3A090', 'mi355x'],
  ]),
];

// "Intel Gaudi 2 / Gaudi 3 AI Accelerator White Paper", "Habana Gaudi HL-205 product page" (which gives no peak), "Intel
// Data Center GPU Max Series product brief".
// prettier-ignore
const INTEL = [
  ...family({ vendor: 'Intel', architecture: 'Gaudi', interconnect: 'roce', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['gaudi-32gb', 'Gaudi HL-205', 32, 1000, null, null, null, 350, '5A992', 'gaudi | gaudi1 | hl-205 | gaudi hl-205'],
    ['gaudi2-96gb', 'Gaudi 2 HL-225', 96, 2460, 432, 432, 865, 600, '3A090', 'gaudi2 | hl-225 | gaudi2 hl-225'],
    ['gaudi3-128gb', 'Gaudi 3 HL-325L', 128, 3700, 1678, 459, 1678, 900, '3A090', 'gaudi3 | hl-325l'],
  ]),
  ...family({ vendor: 'Intel', architecture: 'Xe HPC', interconnect: 'xe-link', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['max-1550-128gb', 'Data Center GPU Max 1550', 128, 3277, 839, 839, null, 600, '3A090', 'max1550 | data center gpu max 1550 | ponte vecchio'],
  ]),
];

// Jouppi et al., "Ten Lessons From Three Generations" (ISCA 2021) and "TPU v4" (ISCA 2023); Google Cloud's TPU pages. Power
// is unpublished from v4 on. `gpusPerNodeMax` is the chips of one host; a slice `tpu-v2-8` is four chips, see
// `resolveInstanceType`.
// prettier-ignore
const TPU = [
  ...family({ vendor: 'Google', architecture: 'TPU', interconnect: 'ici', gpusPerNodeMax: 4, formFactor: 'cloud-module' }, [
    ['tpu-v2-16gb', 'Cloud TPU v2', 16, 700, 46, null, null, 280, 'EAR99', 'tpu v2'],
    ['tpu-v3-32gb', 'Cloud TPU v3', 32, 900, 123, null, null, 450, 'EAR99', 'tpu v3'],
    ['tpu-v4-32gb', 'Cloud TPU v4', 32, 1228, 275, null, null, null, '3A090', 'tpu v4'],
    ['tpu-v5p-95gb', 'Cloud TPU v5p', 95, 2765, 459, null, null, null, '3A090', 'tpu v5p'],
    ['tpu-v7-192gb', 'Cloud TPU v7 (Ironwood)', 192, 7370, 2307, null, 4614, null, '3A090', 'tpu v7 | tpu7x | tpu v7x | ironwood'],
  ]),
  ...family({ vendor: 'Google', architecture: 'TPU', interconnect: 'ici', gpusPerNodeMax: 8, formFactor: 'cloud-module' }, [
    ['tpu-v5e-16gb', 'Cloud TPU v5e', 16, 819, 197, null, null, null, '3A090', 'tpu v5e | tpu v5litepod | v5litepod | tpu v5 lite'],
    ['tpu-v6e-32gb', 'Cloud TPU v6e (Trillium)', 32, 1640, 918, null, null, null, '3A090', 'tpu v6e | trillium'],
  ]),
];

// AWS Neuron documentation, "Trainium, Inferentia architecture" pages, per chip; power is unpublished. Qualcomm: "Cloud AI 100
// product brief", the Standard card of AWS DL2q.
// prettier-ignore
const OTHER_CLOUD = [
  ...family({ vendor: 'AWS', architecture: 'Neuron', interconnect: 'neuronlink', gpusPerNodeMax: 16, formFactor: 'cloud-module' }, [
    ['inferentia-8gb', 'Inferentia', 8, 50, 64, 64, null, null, 'EAR99', 'inferentia | inferentia1 | inf1'],
    ['inferentia2-32gb', 'Inferentia2', 32, 820, 190, 190, 190, null, '3A090', 'inferentia2 | inf2'],
    ['trainium-32gb', 'Trainium', 32, 820, 190, 190, 190, null, '3A090', 'trainium | trainium1 | trn1'],
    ['trainium2-96gb', 'Trainium2', 96, 2900, 667, 667, 1299, null, '3A090', 'trainium2 | trn2'],
  ]),
  ...family({ vendor: 'Qualcomm', architecture: 'Cloud AI 100', interconnect: 'pcie', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['cloud-ai-100-16gb', 'Cloud AI 100 Standard', 16, 137, null, 175, null, 75, '3A090', 'ai100 | cloud ai 100 | aic100 | qaic100 | qualcomm ai100 standard'],
  ]),
];

// Huawei Atlas 300I Pro, 300I Duo and 800T A2 product pages (310P, 910B); "Ascend 910" Hot Chips 31 (910A); Zuo et al., "Serving LLMs on
// Huawei CloudMatrix384" (2025) for 910C, whose power is unpublished. 910B1, B2 and B3 are bins of one 64 GB module:
// the figure is the B3's of the Atlas 800T A2, the lowest of them.
// prettier-ignore
const ASCEND = [
  ...family({ vendor: 'Huawei', architecture: 'Da Vinci', interconnect: 'hccs', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['ascend-910a-32gb', 'Ascend 910A', 32, 1200, null, 256, null, 310, 'domestic', 'ascend 910a | ascend 910 | 910a'],
    ['ascend-910b-64gb', 'Ascend 910B', 64, 1600, 313, 313, null, 400, 'domestic', 'ascend 910b | 910b | ascend 910b1 | ascend 910b2 | ascend 910b3 | 910b1 | 910b2 | 910b3 | atlas 800t a2'],
    ['ascend-910b4-32gb', 'Ascend 910B4', 32, 800, 280, 280, null, null, 'domestic', 'ascend 910b4 | 910b4 | ascend 910b-32gb'],
    ['ascend-910c-128gb', 'Ascend 910C', 128, 3200, 752, 752, null, null, 'domestic', 'ascend 910c | 910c'],
  ]),
  ...family({ vendor: 'Huawei', architecture: 'Da Vinci', interconnect: 'pcie', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['ascend-310p-24gb', 'Ascend 310P (Atlas 300I Pro)', 24, 204, null, 70, null, 72, 'domestic', 'ascend 310p | 310p | atlas 300i pro | ascend 310p3'],
    ['ascend-310p-duo-96gb', 'Ascend 310P (Atlas 300I Duo)', 96, 408, null, 140, null, 150, 'domestic', 'atlas 300i duo | ascend 310p duo'],
  ]),
];

// Chinese vendors' product pages: Cambricon MLU370 (of MLU590 only the name and 80 GB are public), Hygon's
// prospectus (2022) for the first DCU and Sugon's page for K100 AI, Moore Threads MTT S4000, Biren at Hot Chips 34, Kunlunxin
// R200 (P800: memory from deployments, no datasheet), Enflame CloudBlazer T20 and i20, Iluvatar BI-V100, MetaX C500;
// T-Head PPU from China Central Television's report of September 2025 and T-Head's Zhenwu 810E announcement.
// prettier-ignore
const CHINA = [
  ...family({ vendor: 'Cambricon', architecture: 'MLUarch03', interconnect: 'mlu-link', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['mlu370-s4-24gb', 'MLU370-S4', 24, 307, 72, 72, null, 75, 'domestic', 'mlu370-s4'],
    ['mlu370-x4-24gb', 'MLU370-X4', 24, 307, 96, 96, null, 150, 'domestic', 'mlu370-x4'],
    ['mlu370-x8-48gb', 'MLU370-X8', 48, 614, 96, 96, null, 250, 'domestic', 'mlu370-x8 | mlu370'],
  ]),
  ...family({ vendor: 'Cambricon', architecture: 'MLUarch05', interconnect: 'mlu-link', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['mlu590-80gb', 'MLU590', 80, null, null, null, null, null, 'domestic', 'mlu590 | mlu590-m9'],
  ]),
  ...family({ vendor: 'Hygon', architecture: 'DCU', interconnect: 'xgmi', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['dcu-z100-32gb', 'DCU Z100L', 32, 1024, null, null, null, 350, 'domestic', 'dcu z100 | dcu z100l | z100 | z100l'],
    ['dcu-k100-ai-64gb', 'DCU K100 AI', 64, 896, 196, 196, null, 350, 'domestic', 'dcu k100 ai | k100 ai'],
  ]),
  ...family({ vendor: 'Moore Threads', architecture: 'Quyuan', interconnect: 'mtlink', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['mtt-s4000-48gb', 'MTT S4000', 48, 768, 100, 100, null, 450, 'domestic', 'mtt s4000 | s4000'],
  ]),
  ...family({ vendor: 'Biren', architecture: 'BiLiren', interconnect: 'blink', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['br100-64gb', 'BR100', 64, 1638, 1024, null, null, 550, 'domestic', 'br100'],
  ]),
  ...family({ vendor: 'Biren', architecture: 'BiLiren', interconnect: 'blink', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['br104-32gb', 'BR104', 32, 819, 512, null, null, 300, 'domestic', 'br104 | 104p'],
  ]),
  ...family({ vendor: 'T-Head', architecture: 'PPU', interconnect: 'icn', gpusPerNodeMax: 16, formFactor: 'pcie' }, [
    ['ppu-96gb', 'PPU (Zhenwu 810E)', 96, null, null, null, null, 400, 'domestic', 'ppu | zhenwu 810e | t-head ppu'],
  ]),
  ...family({ vendor: 'Kunlunxin', architecture: 'XPU-R', interconnect: 'pcie', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['kunlun-r200-16gb', 'Kunlun R200 16GB', 16, 512, null, 128, null, 150, 'domestic', 'kunlun r200 | r200'],
    ['kunlun-r200-32gb', 'Kunlun R200-8F 32GB', 32, 512, null, 128, null, 150, 'domestic', 'kunlun r200-8f | r200-8f'],
  ]),
  ...family({ vendor: 'Kunlunxin', architecture: 'XPU-P', interconnect: 'xpu-link', gpusPerNodeMax: 8, formFactor: 'oam' }, [
    ['kunlun-p800-96gb', 'Kunlun P800', 96, null, null, null, null, null, 'domestic', 'kunlun p800 | p800'],
  ]),
  ...family({ vendor: 'Enflame', architecture: 'GCU-CARA', interconnect: 'esl', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['enflame-t20-32gb', 'CloudBlazer T20', 32, 1638, 128, 128, null, 300, 'domestic', 'cloudblazer t20 | enflame t20'],
    ['enflame-i20-16gb', 'CloudBlazer i20', 16, 819, 128, 128, null, 150, 'domestic', 'cloudblazer i20 | enflame i20'],
  ]),
  ...family({ vendor: 'Iluvatar CoreX', architecture: 'BI', interconnect: 'pcie', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['bi-v100-32gb', 'BI-V100 (Tiangai 100)', 32, 1200, 147, 147, null, 250, 'domestic', 'bi-v100 | tiangai 100'],
  ]),
  ...family({ vendor: 'MetaX', architecture: 'MXMACA', interconnect: 'metaxlink', gpusPerNodeMax: 8, formFactor: 'pcie' }, [
    ['metax-c500-64gb', 'C500', 64, 1800, 240, 240, null, 350, 'domestic', 'metax c500 | c500 | mxc500'],
  ]),
];

/** Every accelerator that can be listed. Order matters only within a model: the commoner variant comes first. */
export const CHIPS: readonly Chip[] = [
  ...HOPPER,
  ...BLACKWELL,
  ...AMPERE,
  ...ADA,
  ...VOLTA,
  ...BEFORE_VOLTA,
  ...TURING,
  ...RTX_AMPERE,
  ...RTX_ADA,
  ...RTX_PRO,
  ...GEFORCE_30,
  ...GEFORCE_40,
  ...GEFORCE_50,
  ...AMD,
  ...INTEL,
  ...TPU,
  ...OTHER_CLOUD,
  ...ASCEND,
  ...CHINA,
];
