/** Every entity, listed once: TypeORM's view of the schema, compared with the migrations in CI. */
export const ENTITIES: (new () => object)[] = [];
