import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { ListingImportController } from './import/listing-import.controller.js';
import { ListingImportService } from './import/listing-import.service.js';
import { ListingsController } from './listings.controller.js';
import { ListingsService } from './listings.service.js';
import { SitesController } from './sites.controller.js';
import { SitesService } from './sites.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [SitesController, ListingImportController, ListingsController],
  providers: [SitesService, ListingsService, ListingImportService],
  exports: [SitesService, ListingsService, ListingImportService],
})
export class ListingsModule {}
