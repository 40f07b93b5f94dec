/**
 * How GPUs of this kind talk to each other inside a node when the vendor's own link is fitted. `pcie` means that there
 * is no such link, or that it is an optional bridge a renter cannot count on.
 */
export type ScaleUpLink =
  | 'pcie'
  | 'nvlink'
  | 'infinity-fabric'
  | 'xe-link'
  | 'roce'
  | 'ici'
  | 'neuronlink'
  | 'hccs'
  | 'mlu-link'
  | 'xgmi'
  | 'mtlink'
  | 'blink'
  | 'icn'
  | 'metaxlink'
  | 'xpu-link'
  | 'esl';

export type FormFactor = 'pcie' | 'sxm' | 'oam' | 'superchip' | 'cloud-module';

/**
 * An EXAMPLE export classification, for filters and for the demonstration only: it is this project's reading of the
 * United States' 17 October 2023 thresholds (total processing performance and performance density) on the dense
 * figures below, not legal advice and not the vendor's statement. The operator's counsel decides.
 *
 * `3A090`: a chip, card or module over a data-centre threshold. `4A090`: a complete computer board (CPU and GPU), or a
 * workstation or game card over the threshold that applies to those. `5A992`: below the thresholds. `EAR99`: never
 * sold as hardware, and below the thresholds. `domestic`: made by a Chinese vendor, outside this classification.
 */
export type ExportClass = '3A090' | '4A090' | '5A992' | 'EAR99' | 'domestic';

/**
 * One accelerator as an operating system sees it: a board with two or four GPUs (K80, M60, A16) counts as that many,
 * each with its share of the board's figures.
 */
export interface Chip {
  /** Lower case, dash separated, unique; never changes once published: listings refer to it. */
  readonly code: string;
  readonly vendor: string;
  readonly name: string;
  readonly architecture: string;
  /** GiB, as the vendor advertises it. */
  readonly memoryGib: number;
  /** Peak memory bandwidth in GB/s (1e9 bytes a second, not gigabits); null where the vendor has published none. */
  readonly memoryBandwidthGbps: number | null;
  /** Peak dense bfloat16, 1e12 operations a second, without sparsity; null where the chip has none or none is published. */
  readonly bf16Tflops: number | null;
  /** Peak dense float16 with the accumulation that training uses (float32 where offered); null as above. */
  readonly fp16Tflops: number | null;
  /** Peak dense 8-bit floating point; null where the chip has none or none is published. */
  readonly fp8Tflops: number | null;
  /** Board or module power limit in watts; null where the vendor has published none. */
  readonly tdpWatts: number | null;
  readonly interconnect: ScaleUpLink;
  /** The most GPUs of this kind that one operating system is commonly sold with. */
  readonly gpusPerNodeMax: number;
  readonly formFactor: FormFactor;
  readonly exportClass: ExportClass;
  /** Other names for exactly this chip; `resolveChip` ignores their case, spaces, dashes and vendor prefix. */
  readonly aliases: readonly string[];
}
