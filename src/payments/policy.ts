/** A share of the total that is refunded when a booking is cancelled at least `noticeHours` before its start. */
export interface RefundStep {
  noticeHours: number;
  /** Whole per cent, 0 to 100. */
  percent: number;
}

/** What an admin decides, as it is kept; a number that is null is the deployment's own setting. */
export interface PolicyBody {
  /** The platform's share of what is released to the operator, in basis points. */
  feeBps: number;
  /** Longest notice first; a longer notice never refunds less. */
  refundSchedule: RefundStep[];
  /** Whole per cent of the not yet delivered part that is refunded when the buyer ends an active booking. */
  terminationPercent: number;
  holdSeconds: number | null;
  deliveryGraceSeconds: number | null;
}

/** The rules a booking is made under. A version never changes; a booking names the one it was made under. */
export interface Policy extends PolicyBody {
  version: number;
  holdSeconds: number;
  deliveryGraceSeconds: number;
}

/** Version 1, until an admin decides otherwise. */
export const DEFAULT_POLICY: PolicyBody = {
  feeBps: 500,
  refundSchedule: [
    { noticeHours: 72, percent: 100 },
    { noticeHours: 24, percent: 75 },
    { noticeHours: 1, percent: 50 },
    { noticeHours: 0, percent: 25 },
  ],
  terminationPercent: 50,
  holdSeconds: null,
  deliveryGraceSeconds: null,
};
