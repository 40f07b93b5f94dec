import { Module } from '@nestjs/common';
import { ListingsModule } from '../listings/listings.module.js';
import { ModerationController } from './moderation.controller.js';
import { ModerationService } from './moderation.service.js';

@Module({
  imports: [ListingsModule],
  controllers: [ModerationController],
  providers: [ModerationService],
})
export class TrustModule {}
