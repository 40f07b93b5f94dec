import { describe, expect, it } from '@jest/globals';
import { resolveChip } from './chip-names.js';
import { resolveInstanceType } from './instance-types.data.js';

describe('instance types', () => {
  it.each([
    ['Standard_NC24ads_A100_v4', 'a100-pcie-80gb', 1],
    ['Standard_NC96ads_A100_v4', 'a100-pcie-80gb', 4],
    ['Standard_ND96asr_v4', 'a100-sxm-40gb', 8],
    ['Standard_ND96amsr_A100_v4', 'a100-sxm-80gb', 8],
    ['Standard_ND96is_noIB_H100_v5', 'h100-sxm-80gb', 8],
    ['Standard_NC80adis_H100_v5', 'h100-nvl-94gb', 2],
    ['Standard_NC24r_Promo', 'k80-12gb', 4],
    ['Standard_NV24s_v3', 'm60-8gb', 2],
    ['Standard_NV32as_v4', 'mi25-16gb', 1],
    ['Standard_ND128isr_NDR_GB200_v6', 'gb200-186gb', 4],
    ['Standard_NC288lds_xl_RTXPRO6000BSE_v6', 'rtx-pro-6000-server-96gb', 2],
    ['p3.16xlarge', 'v100-sxm-16gb', 8],
    ['p5en.48xlarge', 'h200-sxm-141gb', 8],
    ['g5.12xlarge', 'a10g-24gb', 4],
    ['g4dn.16xlarge', 't4-16gb', 1],
    ['inf1.6xlarge', 'inferentia-8gb', 4],
    ['trn1n.32xlarge', 'trainium-32gb', 16],
    ['a2-megagpu-16g', 'a100-sxm-40gb', 16],
    ['tpu-v2-8', 'tpu-v2-16gb', 4],
    ['tpu-v3-2048', 'tpu-v3-32gb', 1024],
    ['tpu-v5litepod-8', 'tpu-v5e-16gb', 8],
  ])('%s holds %s × %i', (name, chip, gpus) => {
    expect(resolveInstanceType(name)).toEqual({ chip, gpus });
    expect(resolveChip(chip)?.code).toBe(chip);
  });

  it.each([
    ['Standard_NV6ads_A10_v5', 'a10-24gb', 1 / 6],
    ['Standard_NV16as_v4', 'mi25-16gb', 1 / 2],
    ['Standard_NC36ds_xl_RTXPRO6000BSE_v6', 'rtx-pro-6000-server-96gb', 1 / 4],
    ['g6f.xlarge', 'l4-24gb', 1 / 8],
  ])('%s is a share of one %s', (name, chip, share) => {
    expect(resolveInstanceType(name)).toEqual({ fractional: true, chip, share });
  });

  it.each([
    '',
    'm5.large',
    'Standard_D4s_v5',
    'p3.32xlarge',
    'Standard_NC7ads_A100_v4',
    'tpu-v2-7',
    'g5.constructor',
  ])('%p is not known', (name) => {
    expect(resolveInstanceType(name)).toBeUndefined();
  });
});
