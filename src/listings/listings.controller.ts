import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Actor,
  Allow,
  CurrentActor,
  CurrentUser,
  Public,
  type SignedInUser,
} from '../identity/access.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../platform/http/idempotency.js';
import { CalendarView, ListingPage, ListingView } from './listing.view.js';
import { CalendarQuery, CreateListingDto, ListingsQuery, UpdateListingDto } from './listings.dto.js';
import { ListingsService } from './listings.service.js';

/** An operator's listings, and the calendar of each. */
@ApiTags('supply')
@Controller('v1/listings')
export class ListingsController {
  constructor(private readonly listings: ListingsService) {}

  @Get()
  @Allow('listings:read')
  @ApiOperation({ summary: "The organisation's listings, newest first" })
  @ApiOkResponse({ type: ListingPage })
  list(@CurrentActor() actor: Actor, @Query() query: ListingsQuery): Promise<ListingPage> {
    return this.listings.list(actor, query);
  }

  @Post()
  @Allow('listings:write', 'operator')
  @ApiOperation({ summary: 'Draft a listing' })
  @ApiCreatedResponse({ type: ListingView })
  create(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() body: CreateListingDto,
  ): Promise<ListingView> {
    return this.listings.create(actor, call, body);
  }

  @Get(':id')
  @Allow('listings:read')
  @ApiOperation({ summary: "One of the organisation's listings" })
  @ApiOkResponse({ type: ListingView })
  get(@CurrentActor() actor: Actor, @Param('id', new IdPipe('listing')) id: string): Promise<ListingView> {
    return this.listings.get(actor, id);
  }

  @Patch(':id')
  @Allow('listings:write', 'operator')
  @ApiOperation({ summary: 'Edit a listing; other hardware or another site means another review' })
  @ApiOkResponse({ type: ListingView })
  update(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('listing')) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: UpdateListingDto,
  ): Promise<ListingView> {
    return this.listings.update(actor, id, ifMatch, body);
  }

  @Post(':id/submit')
  @HttpCode(200)
  @Allow('listings:write', 'operator')
  @ApiOperation({ summary: 'Ask for review' })
  @ApiOkResponse({ type: ListingView })
  submit(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('listing')) id: string,
  ): Promise<ListingView> {
    return this.listings.act(actor, call, id, 'submit');
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Allow('listings:write', 'operator')
  @ApiOperation({ summary: 'Stop selling for now' })
  @ApiOkResponse({ type: ListingView })
  pause(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('listing')) id: string,
  ): Promise<ListingView> {
    return this.listings.act(actor, call, id, 'pause');
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Allow('listings:write', 'operator')
  @ApiOperation({ summary: 'Sell again' })
  @ApiOkResponse({ type: ListingView })
  resume(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('listing')) id: string,
  ): Promise<ListingView> {
    return this.listings.act(actor, call, id, 'resume');
  }

  @Post(':id/withdraw')
  @HttpCode(200)
  @Allow('listings:write', 'operator')
  @ApiOperation({ summary: 'Stop selling for good; what is booked stays booked' })
  @ApiOkResponse({ type: ListingView })
  withdraw(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('listing')) id: string,
  ): Promise<ListingView> {
    return this.listings.act(actor, call, id, 'withdraw');
  }

  @Get(':id/calendar')
  @Public()
  @ApiOperation({
    summary: "Free and booked GPUs over time; of a listing that is not active only its operator's",
  })
  @ApiOkResponse({ type: CalendarView })
  calendar(
    @CurrentUser() user: SignedInUser | undefined,
    @Param('id', new IdPipe('listing')) id: string,
    @Query() query: CalendarQuery,
  ): Promise<CalendarView> {
    return this.listings.calendar(user, id, query);
  }
}
