import { Module } from '@nestjs/common';
import { CatalogController } from './catalog.controller.js';
import { FxController } from './fx.controller.js';
import { FxService } from './fx.service.js';

@Module({
  controllers: [CatalogController, FxController],
  providers: [FxService],
  exports: [FxService],
})
export class CatalogModule {}
