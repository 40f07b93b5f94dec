import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { MatchesService } from './matches.service.js';
import { OffersController } from './offers.controller.js';
import { OffersService } from './offers.service.js';
import { RequestsDueJob } from './requests-due.job.js';
import { RequestsController } from './requests.controller.js';
import { RequestsService } from './requests.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [OffersController, RequestsController],
  providers: [OffersService, RequestsService, MatchesService, RequestsDueJob],
  exports: [RequestsService, MatchesService],
})
export class MatchingModule {}
