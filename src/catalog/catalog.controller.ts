import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../identity/access.js';
import { invalid } from '../kernel/errors.js';
import { ChipList, LatencyList, LatencyQuery, RegionList } from './catalog.dto.js';
import { CHIPS } from './chips.data.js';
import { ROUND_TRIPS } from './latency/round-trips.js';
import { resolveRegion } from './region-names.js';
import { REGIONS } from './regions.data.js';
import { chipView, regionView, roundTripView } from './catalog.view.js';

const CHIP_LIST: ChipList = { data: CHIPS.map(chipView), nextCursor: null };
const REGION_LIST: RegionList = { data: REGIONS.map(regionView), nextCursor: null };

/** What exists: chips, regions, and the round trips between them. */
@ApiTags('catalogue')
@Public()
@Controller('v1')
export class CatalogController {
  @Get('chips')
  @ApiOperation({ summary: 'Every chip the market knows' })
  @ApiOkResponse({ type: ChipList })
  chips(): ChipList {
    return CHIP_LIST;
  }

  @Get('regions')
  @ApiOperation({ summary: 'Every latency region' })
  @ApiOkResponse({ type: RegionList })
  regions(): RegionList {
    return REGION_LIST;
  }

  @Get('regions/latency')
  @ApiOperation({ summary: 'Round trips from one region to every other' })
  @ApiOkResponse({ type: LatencyList })
  latency(@Query() query: LatencyQuery): LatencyList {
    const from = resolveRegion(query.from);
    if (!from) throw invalid('/from', 'is not a known region');
    const others = REGIONS.filter((region) => region.code !== from.code);
    return {
      data: others.map(({ code }) => roundTripView(code, ROUND_TRIPS.rttMs(from.code, code))),
    };
  }
}
