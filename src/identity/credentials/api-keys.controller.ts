import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/http/fields.js';
import { IdPipe } from '../../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../../platform/http/idempotency.js';
import type { Page } from '../../platform/http/page.js';
import { type Actor, Allow, CurrentActor } from '../access.js';
import { NewApiKeyDto } from '../identity.dto.js';
import { ApiKeyPage, type ApiKeyView, NewApiKeyView } from '../identity.views.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('accounts')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Allow('api-keys:write')
  @ApiCreatedResponse({ type: NewApiKeyView })
  create(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() dto: NewApiKeyDto,
  ): Promise<NewApiKeyView> {
    return this.apiKeys.create(actor, call, dto);
  }

  @Get()
  @Allow('api-keys:read')
  @ApiOkResponse({ type: ApiKeyPage })
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<ApiKeyView>> {
    return this.apiKeys.list(actor, query);
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('api-keys:write')
  @ApiNoContentResponse()
  revoke(@CurrentActor() actor: Actor, @Param('id', new IdPipe('API key')) id: string): Promise<void> {
    return this.apiKeys.revoke(actor, id);
  }
}
