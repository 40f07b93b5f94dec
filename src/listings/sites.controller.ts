import { Body, Controller, Get, Headers, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Actor, Allow, CurrentActor } from '../identity/access.js';
import { PageQuery } from '../platform/http/fields.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../platform/http/idempotency.js';
import { CreateSiteDto, UpdateSiteDto } from './listings.dto.js';
import { SitePage, SiteView } from './site.view.js';
import { SitesService } from './sites.service.js';

/** An operator's data centres. */
@ApiTags('supply')
@Controller('v1/sites')
export class SitesController {
  constructor(private readonly sites: SitesService) {}

  @Get()
  @Allow('sites:read', 'operator')
  @ApiOperation({ summary: "The organisation's sites, newest first" })
  @ApiOkResponse({ type: SitePage })
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<SitePage> {
    return this.sites.list(actor, query);
  }

  @Post()
  @Allow('sites:write', 'operator')
  @ApiOperation({ summary: 'Add a site' })
  @ApiCreatedResponse({ type: SiteView })
  create(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() body: CreateSiteDto,
  ): Promise<SiteView> {
    return this.sites.create(actor, call, body);
  }

  @Get(':id')
  @Allow('sites:read', 'operator')
  @ApiOperation({ summary: 'One site' })
  @ApiOkResponse({ type: SiteView })
  get(@CurrentActor() actor: Actor, @Param('id', new IdPipe('site')) id: string): Promise<SiteView> {
    return this.sites.get(actor, id);
  }

  @Patch(':id')
  @Allow('sites:write', 'operator')
  @ApiOperation({ summary: 'Edit a site; moving it sends its listings back to review' })
  @ApiOkResponse({ type: SiteView })
  update(
    @CurrentActor() actor: Actor,
    @Param('id', new IdPipe('site')) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: UpdateSiteDto,
  ): Promise<SiteView> {
    return this.sites.update(actor, id, ifMatch, body);
  }
}
