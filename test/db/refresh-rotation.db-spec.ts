import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer } from '../support/api.js';
import { type Person, dataSourceOf, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const AT_ONCE = 50;

describe('Refreshing one session from many places at once', () => {
  let market: TestApp;
  let other: TestApp;

  beforeAll(async () => {
    market = await startTestApp();
    // A second instance over the same database: nothing may depend on one process's memory.
    other = await startTestApp({}, { database: market.database });
  });

  afterAll(async () => {
    await other?.close();
    await market?.close();
  });

  const refresh = (refreshToken: string, index = 0): Promise<Answer> =>
    (index % 2 === 0 ? market : other).api.post('/v1/auth/refresh', { refreshToken });

  /** The tokens of a person's sessions that could still be exchanged. */
  async function liveTokens(person: Person): Promise<number> {
    const [row] = await dataSourceOf(market).query<[{ live: number }]>(
      `select count(*)::int as live from refresh_tokens
       where user_id = $1 and spent_at is null and revoked_at is null`,
      [person.userId],
    );
    return row.live;
  }

  it('lets at most one of fifty through, and leaves no second live descendant', async () => {
    for (let round = 0; round < 5; round++) {
      const ada = await register(market);
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, index) => refresh(ada.refreshToken, index)),
      );
      const won = answers.filter((answer) => answer.status === 200);
      expect(
        answers.map((answer) => answer.status).filter((status) => status !== 200 && status !== 401),
      ).toEqual([]);
      expect(won).toHaveLength(1);
      // The other forty-nine came with a spent token: the session is over, the winner's included.
      expect(await liveTokens(ada)).toBe(0);
      expect((await refresh(won[0]!.body.refreshToken)).status).toBe(401);
    }
  });

  it('leaves nothing alive when a refresh and a logout meet', async () => {
    for (let round = 0; round < 20; round++) {
      const ada = await register(market);
      await Promise.all([
        refresh(ada.refreshToken, 1),
        market.api.post('/v1/auth/logout', { refreshToken: ada.refreshToken }),
      ]);
      expect(await liveTokens(ada)).toBe(0);
    }
  });

  it('leaves nothing alive when a reuse meets the refreshes of the thief', async () => {
    for (let round = 0; round < 10; round++) {
      const ada = await register(market);
      const stolen = await refresh(ada.refreshToken);
      await Promise.all([
        refresh(stolen.body.refreshToken, 0),
        refresh(ada.refreshToken, 1),
        refresh(ada.refreshToken, 0),
      ]);
      expect(await liveTokens(ada)).toBe(0);
    }
  });

  it('stops the access tokens of an ended session on another instance within its cache time', async () => {
    const ada = await register(market);
    expect((await other.api.as(ada.accessToken).get('/v1/me')).status).toBe(200);
    await market.api.post('/v1/auth/logout', { refreshToken: ada.refreshToken });
    let status = 200;
    for (let attempt = 0; attempt < 100 && status === 200; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      status = (await other.api.as(ada.accessToken).get('/v1/me')).status;
    }
    expect(status).toBe(401);
  });

  it('does not disturb another session of the same person', async () => {
    const ada = await register(market);
    const phone = await market.api.post('/v1/auth/login', { email: ada.email, password: 'nine iron lemons' });
    await refresh(ada.refreshToken);
    expect((await refresh(ada.refreshToken)).status).toBe(401);
    expect((await refresh(phone.body.refreshToken)).status).toBe(200);
    expect(await liveTokens(ada)).toBe(1);
  });
});
