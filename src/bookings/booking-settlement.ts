import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EscrowService } from '../payments/escrow.service.js';
import { feeOn, remaining } from './booking-money.js';
import type { Booking } from './booking.entity.js';
import type { BookingFields } from './booking-transitions.js';

/** Shares out what escrow still holds of a booking that ends, to the last micro-unit. */
@Injectable()
export class BookingSettlement {
  constructor(private readonly escrow: EscrowService) {}

  /**
   * Pays `refundMicros` back to the buyer and releases the rest to the operator, less the fee.
   * @param how names the ending; with the booking's id it makes each movement happen once.
   * @returns the booking's new money columns.
   */
  async settle(
    tx: EntityManager,
    booking: Booking,
    refundMicros: bigint,
    how: string,
  ): Promise<Pick<BookingFields, 'refundedMicros' | 'releasedMicros' | 'feeMicros'>> {
    const releaseMicros = remaining(booking) - refundMicros;
    if (refundMicros < 0n || releaseMicros < 0n) {
      throw new RangeError(`booking ${booking.id}: a refund of ${refundMicros} is more than escrow holds`);
    }
    const feeMicros = feeOn(releaseMicros, booking.feeBps);
    await this.escrow.settle(tx, {
      bookingId: booking.id,
      organizationId: booking.organizationId,
      operatorId: booking.operatorId,
      refundMicros,
      releaseMicros,
      feeMicros,
      reference: `booking:${booking.id}:${how}`,
    });
    return {
      refundedMicros: booking.refundedMicros + refundMicros,
      releasedMicros: booking.releasedMicros + releaseMicros - feeMicros,
      feeMicros: booking.feeMicros + feeMicros,
    };
  }
}
