import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, SignedIn, type SignedInUser } from '../access.js';
import { MeView } from '../identity.views.js';
import { AccountsService } from './accounts.service.js';

@ApiTags('accounts')
@Controller('v1/me')
export class MeController {
  constructor(private readonly accounts: AccountsService) {}

  @Get()
  @SignedIn()
  @ApiOkResponse({ type: MeView })
  me(@CurrentUser() user: SignedInUser): Promise<MeView> {
    return this.accounts.me(user);
  }
}
