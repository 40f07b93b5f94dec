import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../identity/access.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { OfferFilterQuery, OfferWindowQuery, OffersQuery } from './matching.dto.js';
import { FacetsView, OfferPage, OfferView } from './offer.view.js';
import { OffersService } from './offers.service.js';

const OFFER_ID = new IdPipe('offer');

/** Public search over active listings. */
@ApiTags('offers')
@Public()
@Controller('v1/offers')
export class OffersController {
  constructor(private readonly offers: OffersService) {}

  @Get()
  @ApiOperation({ summary: 'What can be booked in a window, filtered and sorted' })
  @ApiOkResponse({ type: OfferPage })
  search(@Query() query: OffersQuery): Promise<OfferPage> {
    return this.offers.search(query);
  }

  @Get('facets')
  @ApiOperation({ summary: 'How many offers by chip, region and country, and at what prices' })
  @ApiOkResponse({ type: FacetsView })
  facets(@Query() query: OfferFilterQuery): Promise<FacetsView> {
    return this.offers.facets(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One offer; its id is the listing’s' })
  @ApiOkResponse({ type: OfferView })
  get(@Param('id', OFFER_ID) id: string, @Query() query: OfferWindowQuery): Promise<OfferView> {
    return this.offers.get(id, query);
  }
}
