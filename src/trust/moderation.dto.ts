import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ListingView } from '../listings/listing.view.js';
import { Instant, PageQuery, Text } from '../platform/http/fields.js';

export class ModerationDto {
  @Text({ max: 1000, about: 'why; the operator sees it' })
  reason: string;
}

export class ApprovalDto {
  @Text({ max: 1000, optional: true, about: 'a word to the operator' })
  reason?: string;
}

export class QueueQuery extends PageQuery {
  @Instant({ optional: true, about: 'submitted at or after' })
  from?: string;

  @Instant({ optional: true, about: 'submitted before' })
  to?: string;
}

export class QueueOperatorView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty()
  verificationTier: number;
  @ApiProperty({ description: 'listings of this operator that are live now' })
  activeListings: number;
}

export class QueueSiteView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ example: 'cn-zhengzhou' })
  region: string;
  @ApiProperty({ example: 'CN' })
  country: string;
}

export class QueueItemView extends ListingView {
  @ApiProperty({ format: 'uuid', description: 'the same as id' })
  listingId: string;
  @ApiProperty({ type: QueueOperatorView })
  operator: QueueOperatorView;
  @ApiProperty({ type: QueueSiteView })
  site: QueueSiteView;
}

export class QueuePage {
  @ApiProperty({ type: [QueueItemView] })
  data: QueueItemView[];
  @ApiPropertyOptional({ type: String, nullable: true })
  nextCursor: string | null;
}
