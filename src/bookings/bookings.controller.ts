import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import {
  type Actor,
  Allow,
  CurrentActor,
  CurrentUser,
  SignedIn,
  type SignedInUser,
} from '../identity/access.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall, IdempotencyKeyRequired } from '../platform/http/idempotency.js';
import { BookingDeliveryService } from './booking-delivery.service.js';
import { BookingEndingService } from './booking-ending.service.js';
import { BookingHoldService } from './booking-hold.service.js';
import { BookingPaymentService } from './booking-payment.service.js';
import {
  BookingsQuery,
  CreateBookingDto,
  DeliverBookingDto,
  EndBookingQuery,
  ExtendBookingDto,
  FailBookingDto,
} from './booking.dto.js';
import { BookingPage, BookingView, EndPreviewView } from './booking.view.js';
import { BookingsService } from './bookings.service.js';

const BOOKING_ID = new IdPipe('booking');

/** The booking as it is after the call, or with `preview=true` what the call would do. */
const ApiEndedOrPreview = (): MethodDecorator =>
  ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(BookingView) }, { $ref: getSchemaPath(EndPreviewView) }] },
  });

/** A buyer holds GPUs for a window, pays, gets access, and gives them back. */
@ApiTags('bookings')
@ApiExtraModels(BookingView, EndPreviewView)
@Controller('v1/bookings')
export class BookingsController {
  constructor(
    private readonly bookings: BookingsService,
    private readonly holds: BookingHoldService,
    private readonly payments: BookingPaymentService,
    private readonly endings: BookingEndingService,
    private readonly deliveries: BookingDeliveryService,
  ) {}

  @Post()
  @Allow('bookings:write')
  @IdempotencyKeyRequired()
  @ApiOperation({ summary: 'Hold the GPUs of a match, or of a listing’s window, for a few minutes' })
  @ApiCreatedResponse({ type: BookingView })
  hold(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() dto: CreateBookingDto,
  ): Promise<BookingView> {
    return this.holds.hold(actor, call, dto);
  }

  @Get()
  @SignedIn()
  @ApiOperation({ summary: 'Bookings in which you are the buyer or the operator, newest first' })
  @ApiOkResponse({ type: BookingPage })
  list(@CurrentUser() user: SignedInUser, @Query() query: BookingsQuery): Promise<BookingPage> {
    return this.bookings.list(user, query);
  }

  @Get(':id')
  @SignedIn()
  @ApiOperation({ summary: 'A booking, as its buyer or its operator sees it' })
  @ApiOkResponse({ type: BookingView })
  get(@CurrentUser() user: SignedInUser, @Param('id', BOOKING_ID) id: string): Promise<BookingView> {
    return this.bookings.get(user, id);
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Allow('bookings:write')
  @IdempotencyKeyRequired()
  @ApiOperation({ summary: 'Pay a hold from the wallet, into escrow' })
  @ApiOkResponse({ type: BookingView })
  confirm(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', BOOKING_ID) id: string,
  ): Promise<BookingView> {
    return this.payments.confirm(actor, call, id);
  }

  @Post(':id/extend')
  @HttpCode(200)
  @Allow('bookings:write')
  @ApiOperation({ summary: 'Keep the same GPUs for longer, at the booked price, paid at once' })
  @ApiOkResponse({ type: BookingView })
  extend(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', BOOKING_ID) id: string,
    @Body() dto: ExtendBookingDto,
  ): Promise<BookingView> {
    return this.payments.extend(actor, call, id, dto);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('bookings:write')
  @ApiOperation({ summary: 'Let a hold go, or cancel a confirmed booking by the refund schedule' })
  @ApiEndedOrPreview()
  cancel(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', BOOKING_ID) id: string,
    @Query() query: EndBookingQuery,
  ): Promise<BookingView | EndPreviewView> {
    return query.preview
      ? this.endings.preview(actor, id, 'cancel')
      : this.endings.end(actor, call, id, 'cancel');
  }

  @Post(':id/terminate')
  @HttpCode(200)
  @Allow('bookings:write')
  @ApiOperation({ summary: 'End an active booking now' })
  @ApiEndedOrPreview()
  terminate(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', BOOKING_ID) id: string,
    @Query() query: EndBookingQuery,
  ): Promise<BookingView | EndPreviewView> {
    return query.preview
      ? this.endings.preview(actor, id, 'terminate')
      : this.endings.end(actor, call, id, 'terminate');
  }

  @Post(':id/deliver')
  @HttpCode(200)
  @Allow('deliveries:write', 'operator')
  @ApiOperation({ summary: 'Hand access over; on an active booking, replace its endpoints' })
  @ApiOkResponse({ type: BookingView })
  deliver(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', BOOKING_ID) id: string,
    @Body() dto: DeliverBookingDto,
  ): Promise<BookingView> {
    return this.deliveries.deliver(actor, call, id, dto);
  }

  @Post(':id/fail')
  @HttpCode(200)
  @Allow('deliveries:write', 'operator')
  @ApiOperation({ summary: 'Give a booking up: what was not delivered goes back to the buyer' })
  @ApiOkResponse({ type: BookingView })
  fail(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', BOOKING_ID) id: string,
    @Body() dto: FailBookingDto,
  ): Promise<BookingView> {
    return this.deliveries.fail(actor, call, id, dto);
  }
}
