import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public, SignInRoute } from '../access.js';
import { LoginDto, RefreshDto, RegisterDto } from '../identity.dto.js';
import { LoggedInView, RegisteredView, TokensView } from '../identity.views.js';
import { AccountsService } from './accounts.service.js';

@ApiTags('accounts')
@Controller('v1/auth')
@SignInRoute()
export class AuthController {
  constructor(private readonly accounts: AccountsService) {}

  @Post('register')
  @Public()
  @ApiCreatedResponse({ type: RegisteredView })
  register(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() dto: RegisterDto,
  ): Promise<RegisteredView> {
    return this.accounts.register({ address: request.ip, reply }, dto);
  }

  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiOkResponse({ type: LoggedInView })
  login(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() dto: LoginDto,
  ): Promise<LoggedInView> {
    return this.accounts.login({ address: request.ip, reply }, dto);
  }

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @ApiOkResponse({ type: TokensView })
  refresh(@Body() dto: RefreshDto): Promise<TokensView> {
    return this.accounts.refresh(dto);
  }

  @Post('logout')
  @HttpCode(204)
  @Public()
  @ApiNoContentResponse()
  logout(@Body() dto: RefreshDto): Promise<void> {
    return this.accounts.logout(dto);
  }
}
