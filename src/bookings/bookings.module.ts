import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { MatchingModule } from '../matching/matching.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { BookingDeliveryService } from './booking-delivery.service.js';
import { BookingEndingService } from './booking-ending.service.js';
import { BookingExpiry } from './booking-expiry.js';
import { BookingHoldService } from './booking-hold.service.js';
import { BookingPaymentService } from './booking-payment.service.js';
import { BookingPlans } from './booking-plans.js';
import { BookingSettlement } from './booking-settlement.js';
import { BookingTransitions } from './booking-transitions.js';
import { BookingsController } from './bookings.controller.js';
import { BookingsDueJob } from './bookings-due.job.js';
import { BookingsService } from './bookings.service.js';

/** A buyer holds GPUs for a period, pays, gets access, gives them back. */
@Module({
  imports: [IdentityModule, PaymentsModule, MatchingModule],
  controllers: [BookingsController],
  providers: [
    BookingsService,
    BookingHoldService,
    BookingPlans,
    BookingPaymentService,
    BookingEndingService,
    BookingDeliveryService,
    BookingTransitions,
    BookingSettlement,
    BookingExpiry,
    BookingsDueJob,
  ],
  exports: [
    BookingsService,
    BookingHoldService,
    BookingPaymentService,
    BookingEndingService,
    BookingDeliveryService,
    BookingsDueJob,
  ],
})
export class BookingsModule {}
