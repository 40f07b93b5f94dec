import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Actor, Allow, CurrentActor } from '../identity/access.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../platform/http/idempotency.js';
import { CreateRequestDto, RequestsQuery } from './matching.dto.js';
import { AnsweredRequestView, MatchList, RequestPage, RequestView } from './request.view.js';
import { RequestsService } from './requests.service.js';

const REQUEST_ID = new IdPipe('request');

/** What a buyer needs, and what the market answers. */
@ApiTags('requests')
@Controller('v1/requests')
export class RequestsController {
  constructor(private readonly requests: RequestsService) {}

  @Post()
  @Allow('requests:write')
  @ApiOperation({ summary: 'Ask for compute: ranked matches, and why there are no more' })
  @ApiCreatedResponse({ type: AnsweredRequestView })
  create(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() dto: CreateRequestDto,
  ): Promise<AnsweredRequestView> {
    return this.requests.create(actor, call, dto);
  }

  @Get()
  @Allow('requests:read')
  @ApiOperation({ summary: "Your organisation's requests, newest first" })
  @ApiOkResponse({ type: RequestPage })
  list(@CurrentActor() actor: Actor, @Query() query: RequestsQuery): Promise<RequestPage> {
    return this.requests.list(actor, query);
  }

  @Get(':id')
  @Allow('requests:read')
  @ApiOperation({ summary: 'A request with its latest matches' })
  @ApiOkResponse({ type: AnsweredRequestView })
  get(@CurrentActor() actor: Actor, @Param('id', REQUEST_ID) id: string): Promise<AnsweredRequestView> {
    return this.requests.get(actor, id);
  }

  @Get(':id/matches')
  @Allow('requests:read')
  @ApiOperation({ summary: 'Fresh matches, from the market as it is now' })
  @ApiOkResponse({ type: MatchList })
  matches(@CurrentActor() actor: Actor, @Param('id', REQUEST_ID) id: string): Promise<MatchList> {
    return this.requests.freshMatches(actor, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('requests:write')
  @ApiOperation({ summary: 'Give a request up' })
  @ApiOkResponse({ type: RequestView })
  cancel(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Param('id', REQUEST_ID) id: string,
  ): Promise<RequestView> {
    return this.requests.cancel(actor, call, id);
  }
}
