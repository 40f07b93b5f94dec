import { ApiProperty } from '@nestjs/swagger';
import { isoInstant } from '../kernel/period.js';
import { withVersion } from '../platform/http/version.js';
import type { PolicyVersion } from './policy.entity.js';
import type { Policy } from './policy.js';

export class RefundStepView {
  @ApiProperty({ example: 72, description: 'cancelled at least this many hours before the start' })
  noticeHours: number;

  @ApiProperty({ example: 100, description: 'per cent of the total that is refunded' })
  percent: number;
}

export class PolicyView {
  @ApiProperty({ example: 1 })
  version: number;

  @ApiProperty({ example: 500, description: "the platform's share of releases, in basis points" })
  feeBps: number;

  @ApiProperty({ type: () => [RefundStepView], description: 'longest notice first; after the start nothing' })
  refundSchedule: RefundStepView[];

  @ApiProperty({ example: 50, description: 'per cent of the undelivered part refunded on termination' })
  terminationPercent: number;

  @ApiProperty({ example: 900, description: 'how long a hold keeps its GPUs' })
  holdSeconds: number;

  @ApiProperty({ example: 1800, description: 'how long after the start the operator may still hand over' })
  deliveryGraceSeconds: number;

  @ApiProperty({ format: 'date-time' })
  effectiveFrom: string;
}

export function policyView(row: PolicyVersion, policy: Policy): PolicyView {
  const view: PolicyView = {
    version: policy.version,
    feeBps: policy.feeBps,
    refundSchedule: policy.refundSchedule,
    terminationPercent: policy.terminationPercent,
    holdSeconds: policy.holdSeconds,
    deliveryGraceSeconds: policy.deliveryGraceSeconds,
    effectiveFrom: isoInstant(row.createdAt),
  };
  return withVersion(view, policy.version);
}
