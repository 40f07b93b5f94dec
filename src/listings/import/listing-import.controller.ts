import { Body, Controller, Headers, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Actor, Allow, CurrentActor } from '../../identity/access.js';
import { AppError } from '../../kernel/errors.js';
import { type Call, CurrentCall, IdempotencyKeyRequired } from '../../platform/http/idempotency.js';
import { ImportQuery } from '../listings.dto.js';
import { ImportView, ListingImportService } from './listing-import.service.js';

/** Listings from a CSV file. */
@ApiTags('supply')
@Controller('v1/listings')
export class ListingImportController {
  constructor(private readonly imports: ListingImportService) {}

  @Post('import')
  @Allow('listings:write', 'operator')
  @IdempotencyKeyRequired()
  @ApiOperation({ summary: 'Make a listing of each row of a CSV file: all rows or none (docs/import.md)' })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string' } })
  @ApiCreatedResponse({ type: ImportView })
  @ApiOkResponse({ type: ImportView, description: 'of a dry run' })
  import(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Query() query: ImportQuery,
    @Headers('content-type') type: string | undefined,
    @Body() csv: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportView> {
    if (typeof csv !== 'string' || !/^text\/csv\b/i.test(type ?? '')) {
      throw new AppError('unsupported-media', 'unsupported-media-type', 'This route takes text/csv.');
    }
    if (query.dryRun) {
      call.status = 200;
      void reply.status(200);
    }
    return this.imports.importCsv(actor, call, csv, query);
  }
}
