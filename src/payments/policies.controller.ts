import { Body, Controller, Get, Headers, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, PlatformOnly, Public, type SignedInUser } from '../identity/access.js';
import { PolicyDto } from './policies.dto.js';
import { PoliciesService } from './policies.service.js';
import { PolicyView } from './policies.view.js';

/** The rules everyone trades under. */
@ApiTags('policies')
@Controller('v1')
export class PoliciesController {
  constructor(private readonly policies: PoliciesService) {}

  @Get('policies')
  @Public()
  @ApiOkResponse({ type: PolicyView })
  current(): Promise<PolicyView> {
    return this.policies.view();
  }

  @Get('admin/policies')
  @PlatformOnly('admin')
  @ApiBearerAuth()
  @ApiOkResponse({ type: PolicyView })
  forAdmin(): Promise<PolicyView> {
    return this.policies.view();
  }

  @Put('admin/policies')
  @PlatformOnly('admin')
  @ApiBearerAuth()
  @ApiOkResponse({ type: PolicyView, description: 'the new version, in force for bookings made from now on' })
  replace(
    @CurrentUser() user: SignedInUser,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() dto: PolicyDto,
  ): Promise<PolicyView> {
    return this.policies.replace(user.userId, ifMatch, dto);
  }
}
