import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { PlatformRole } from '../../src/identity/access.js';
import { AccountsService } from '../../src/identity/accounts/accounts.service.js';
import { newId } from '../../src/kernel/id.js';
import type { Api } from './api.js';
import type { TestApp } from './test-app.js';

export const PASSWORD = 'nine iron lemons';

/** Someone with an account, and the API as they see it. */
export interface Person {
  email: string;
  userId: string;
  organizationId: string;
  accessToken: string;
  refreshToken: string;
  api: Api;
}

/** Registers someone new through the API, as the owner of an organisation. */
export async function register(market: TestApp, kind: 'operator' | 'buyer' = 'buyer'): Promise<Person> {
  const email = `${newId()}@example.org`;
  const { status, body } = await market.api.post('/v1/auth/register', {
    email,
    password: PASSWORD,
    displayName: 'Ada Lovelace',
    organization: { name: `The ${kind} of ${email}`, kind },
  });
  if (status !== 201) throw new Error(`Registering answered ${status}: ${JSON.stringify(body)}`);
  return {
    email,
    userId: body.user.id,
    organizationId: body.organization.id,
    accessToken: body.accessToken,
    refreshToken: body.refreshToken,
    api: market.api.as(body.accessToken),
  };
}

/** One of the platform's own people, who belongs to no organisation. */
export async function platformPerson(market: TestApp, platformRole: PlatformRole): Promise<Person> {
  const email = `${newId()}@example.org`;
  const { user } = await dataSourceOf(market).transaction((tx) =>
    market.app
      .get(AccountsService)
      .createAccount(tx, { email, password: PASSWORD, displayName: 'Grace Hopper', platformRole }),
  );
  const { body } = await market.api.post('/v1/auth/login', { email, password: PASSWORD });
  return {
    email,
    userId: user.id,
    organizationId: '',
    accessToken: body.accessToken,
    refreshToken: body.refreshToken,
    api: market.api.as(body.accessToken),
  };
}

/** The application's own connections. */
export const dataSourceOf = (market: TestApp): DataSource => market.app.get<DataSource>(getDataSourceToken());
