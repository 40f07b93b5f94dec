import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PlatformOnly } from '../identity/access.js';
import { ListingView } from '../listings/listing.view.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../platform/http/idempotency.js';
import { ApprovalDto, ModerationDto, QueuePage, QueueQuery } from './moderation.dto.js';
import { ModerationService } from './moderation.service.js';

const LISTING_ID = new IdPipe('listing');

/** What moderators see and decide. */
@ApiTags('moderation')
@PlatformOnly('moderator')
@Controller('v1/moderation')
export class ModerationController {
  constructor(private readonly moderation: ModerationService) {}

  @Get('queue')
  @ApiOperation({ summary: 'Listings that wait for review, oldest first' })
  @ApiOkResponse({ type: QueuePage })
  queue(@Query() query: QueueQuery): Promise<QueuePage> {
    return this.moderation.queue(query);
  }

  @Post('listings/:id/approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a listing go live' })
  @ApiOkResponse({ type: ListingView })
  approve(
    @CurrentCall() call: Call,
    @Param('id', LISTING_ID) id: string,
    @Body() dto: ApprovalDto,
  ): Promise<ListingView> {
    return this.moderation.decide(call, id, 'approve', dto?.reason ?? null);
  }

  @Post('listings/:id/reject')
  @HttpCode(200)
  @ApiOperation({ summary: 'Turn a listing down' })
  @ApiOkResponse({ type: ListingView })
  reject(
    @CurrentCall() call: Call,
    @Param('id', LISTING_ID) id: string,
    @Body() dto: ModerationDto,
  ): Promise<ListingView> {
    return this.moderation.decide(call, id, 'reject', dto.reason);
  }

  @Post('listings/:id/suspend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take a listing off the market; its bookings run on' })
  @ApiOkResponse({ type: ListingView })
  suspend(
    @CurrentCall() call: Call,
    @Param('id', LISTING_ID) id: string,
    @Body() dto: ModerationDto,
  ): Promise<ListingView> {
    return this.moderation.decide(call, id, 'suspend', dto.reason);
  }

  @Post('listings/:id/reinstate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put a suspended listing back on the market' })
  @ApiOkResponse({ type: ListingView })
  reinstate(
    @CurrentCall() call: Call,
    @Param('id', LISTING_ID) id: string,
    @Body() dto: ModerationDto,
  ): Promise<ListingView> {
    return this.moderation.decide(call, id, 'reinstate', dto.reason);
  }
}
