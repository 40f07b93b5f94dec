import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../../platform/http/idempotency.js';
import type { Page } from '../../platform/http/page.js';
import { CurrentUser, PlatformOnly, type SignedInUser } from '../access.js';
import { OrganizationsQuery, ReasonDto, VerifyOrganizationDto } from '../identity.dto.js';
import { OrganizationPage, OrganizationView } from '../identity.views.js';
import { OrganizationsService } from './organizations.service.js';

@ApiTags('administration')
@Controller('v1/admin/organizations')
@PlatformOnly('admin')
export class AdminOrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Get()
  @ApiOkResponse({ type: OrganizationPage })
  list(@Query() query: OrganizationsQuery): Promise<Page<OrganizationView>> {
    return this.organizations.list(query);
  }

  @Get(':id')
  @ApiOkResponse({ type: OrganizationView })
  get(@Param('id', new IdPipe('organization')) id: string): Promise<OrganizationView> {
    return this.organizations.get(id);
  }

  @Post(':id/verify')
  @HttpCode(200)
  @ApiOkResponse({ type: OrganizationView })
  verify(
    @CurrentUser() admin: SignedInUser,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('organization')) id: string,
    @Body() dto: VerifyOrganizationDto,
  ): Promise<OrganizationView> {
    return this.organizations.verify(admin, call, id, dto);
  }

  @Post(':id/suspend')
  @HttpCode(200)
  @ApiOkResponse({ type: OrganizationView })
  suspend(
    @CurrentUser() admin: SignedInUser,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('organization')) id: string,
    @Body() dto: ReasonDto,
  ): Promise<OrganizationView> {
    return this.organizations.suspend(admin, call, id, dto);
  }

  @Post(':id/reinstate')
  @HttpCode(200)
  @ApiOkResponse({ type: OrganizationView })
  reinstate(
    @CurrentUser() admin: SignedInUser,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('organization')) id: string,
    @Body() dto: ReasonDto,
  ): Promise<OrganizationView> {
    return this.organizations.reinstate(admin, call, id, dto);
  }
}
