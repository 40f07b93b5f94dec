import { Allocation } from './listings/allocation/allocation.entity.js';
import { Listing } from './listings/listing.entity.js';
import { Site } from './listings/site.entity.js';

/** Every entity, listed once: TypeORM's view of the schema, compared with the migrations in CI. */
export const ENTITIES: (new () => object)[] = [Allocation, Listing, Site];
