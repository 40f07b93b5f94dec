import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/http/fields.js';
import { IdPipe } from '../../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../../platform/http/idempotency.js';
import type { Page } from '../../platform/http/page.js';
import { type Actor, Allow, CurrentActor, OrganizationInPath } from '../access.js';
import { MemberPatchDto, NewMemberDto, OrganizationPatchDto } from '../identity.dto.js';
import { MemberPage, MemberView, OrganizationView } from '../identity.views.js';
import { MembersService } from './members.service.js';
import { OrganizationsService } from './organizations.service.js';

@ApiTags('organizations')
@ApiParam({ name: 'id', format: 'uuid' })
@Controller('v1/organizations/:id')
@OrganizationInPath('id')
export class OrganizationsController {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly members: MembersService,
  ) {}

  @Get()
  @Allow('organization:read')
  @ApiOkResponse({ type: OrganizationView })
  get(@CurrentActor() actor: Actor): Promise<OrganizationView> {
    return this.organizations.get(actor.organizationId);
  }

  @Patch()
  @Allow('organization:write')
  @ApiOkResponse({ type: OrganizationView })
  update(
    @CurrentActor() actor: Actor,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() dto: OrganizationPatchDto,
  ): Promise<OrganizationView> {
    return this.organizations.update(actor, ifMatch, dto);
  }

  @Get('members')
  @Allow('organization:read')
  @ApiOkResponse({ type: MemberPage })
  listMembers(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<MemberView>> {
    return this.members.list(actor, query);
  }

  @Post('members')
  @Allow('members:write')
  @ApiCreatedResponse({ type: MemberView })
  addMember(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() dto: NewMemberDto,
  ): Promise<MemberView> {
    return this.members.add(actor, call, dto);
  }

  @Patch('members/:userId')
  @Allow('members:write')
  @ApiOkResponse({ type: MemberView })
  changeRole(
    @CurrentActor() actor: Actor,
    @Param('userId', new IdPipe('member')) userId: string,
    @Body() dto: MemberPatchDto,
  ): Promise<MemberView> {
    return this.members.changeRole(actor, userId, dto);
  }

  /** Anyone may leave; removing others takes `members:write`. */
  @Delete('members/:userId')
  @HttpCode(204)
  @Allow('organization:read')
  @ApiNoContentResponse()
  removeMember(
    @CurrentActor() actor: Actor,
    @Param('userId', new IdPipe('member')) userId: string,
  ): Promise<void> {
    return this.members.remove(actor, userId);
  }
}
