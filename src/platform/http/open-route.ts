import { SetMetadata } from '@nestjs/common';

/** The metadata key of a route's access rule; `identity/access.guard.ts` closes every route without one. */
export const ACCESS_RULE = 'fallow:access-rule';

/** For the platform's own routes, which lie below identity: open to anyone. */
export const OpenRoute = (): MethodDecorator => SetMetadata(ACCESS_RULE, { kind: 'public' });
