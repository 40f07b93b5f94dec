import { NestedList, WholeNumber } from '../platform/http/fields.js';

const DAY_SECONDS = 24 * 3600;

export class RefundStepDto {
  @WholeNumber({ max: 8760, about: 'hours before the start', example: 72 })
  noticeHours: number;

  @WholeNumber({ max: 100, about: 'per cent of the total that is refunded', example: 100 })
  percent: number;
}

export class PolicyDto {
  @WholeNumber({ max: 5000, about: "the platform's share of releases, in basis points", example: 500 })
  feeBps: number;

  @NestedList(() => RefundStepDto, {
    min: 1,
    max: 20,
    about: 'refunds by notice; longer notice never refunds less',
  })
  refundSchedule: RefundStepDto[];

  @WholeNumber({ max: 100, about: 'per cent of the undelivered part refunded on termination', example: 50 })
  terminationPercent: number;

  @WholeNumber({
    min: 1,
    max: DAY_SECONDS,
    optional: true,
    nullable: true,
    about: "null: the deployment's setting",
  })
  holdSeconds?: number | null;

  @WholeNumber({
    min: 1,
    max: DAY_SECONDS,
    optional: true,
    nullable: true,
    about: "null: the deployment's setting",
  })
  deliveryGraceSeconds?: number | null;
}
