import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { ListingsController } from './listings.controller.js';
import { ListingsService } from './listings.service.js';
import { SitesController } from './sites.controller.js';
import { SitesService } from './sites.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [SitesController, ListingsController],
  providers: [SitesService, ListingsService],
  exports: [SitesService, ListingsService],
})
export class ListingsModule {}
