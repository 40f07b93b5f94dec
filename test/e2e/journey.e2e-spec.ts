import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BookingsDueJob } from '../../src/bookings/bookings-due.job.js';
import { isoMinute, minuteOf } from '../../src/kernel/period.js';
import type { Answer } from '../support/api.js';
import { PASSWORD, type Person, platformPerson, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl buyer';

/** The body of an answer that must have succeeded. */
function done({ status, body }: Answer): any {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** Steps of one story: each goes on from the one before. */
describe('from an idle server to a paid operator', () => {
  let market: TestApp;
  let operator: Person;
  let buyer: Person;
  let admin: Person;
  let listingId: string;
  let match: any;
  let booking: any;

  beforeAll(async () => {
    market = await startTestApp();
  });

  afterAll(() => market.close());

  const walletOf = async (person: Person): Promise<{ available: string; inEscrow: string }> => {
    const wallet = done(await person.api.get('/v1/wallet'));
    return { available: wallet.available.amount, inEscrow: wallet.inEscrow.amount };
  };

  /** Signs someone in again: the clock has moved past their token. */
  const signInAgain = async (person: Person): Promise<Person> => {
    const body = done(await market.api.post('/v1/auth/login', { email: person.email, password: PASSWORD }));
    return { ...person, api: market.api.as(body.accessToken) };
  };

  it('an operator registers, describes its site and lists two servers of 8 H100s', async () => {
    operator = await register(market, 'operator');
    const site = done(
      await operator.api.post('/v1/sites', {
        name: 'Hall 2',
        region: 'de-frankfurt',
        tier: 3,
        pue: 1.25,
        powerPricePerKwh: { amount: '0.12', currency: 'USD' },
      }),
    );
    const listing = done(
      await operator.api.post('/v1/listings', {
        siteId: site.id,
        chip: 'H100',
        nodes: 2,
        gpusPerNode: 8,
        gpuIncrement: 8,
        interconnect: 'nvlink',
        interconnectGbps: 900,
        price: { amount: '2.50', currency: 'USD', per: 'gpu_hour' },
        termDiscounts: [{ minHours: 48, percentOff: 20 }],
      }),
    );
    expect(listing).toMatchObject({ state: 'draft', chip: 'h100-sxm-80gb', totalGpus: 16 });
    listingId = listing.id;
  });

  it('the listing is reviewed before it is offered', async () => {
    admin = await platformPerson(market, 'admin');
    const offers = async (): Promise<any[]> =>
      done(await market.api.get('/v1/offers?chip=h100-sxm-80gb')).data;
    expect(done(await operator.api.post(`/v1/listings/${listingId}/submit`)).state).toBe('pending_review');
    expect(await offers()).toEqual([]);
    const queue = done(await admin.api.get('/v1/moderation/queue'));
    expect(queue.data).toMatchObject([{ listingId, operator: { id: operator.organizationId } }]);
    const approval = { reason: 'the hardware was seen' };
    const approved = done(await admin.api.post(`/v1/moderation/listings/${listingId}/approve`, approval));
    expect(approved.state).toBe('active');
    expect(await offers()).toMatchObject([{ listingId, freeGpus: 16 }]);
  });

  it('a buyer registers and tops its wallet up, which an admin settles', async () => {
    buyer = await register(market, 'buyer');
    const topUp = done(
      await buyer.api.post('/v1/wallet/top-ups', { amount: { amount: '1000.00', currency: 'USD' } }),
    );
    expect(await walletOf(buyer)).toEqual({ available: '0.000000', inEscrow: '0.000000' });
    done(await admin.api.post(`/v1/admin/top-ups/${topUp.id}/settle`));
    expect(await walletOf(buyer)).toEqual({ available: '1000.000000', inEscrow: '0.000000' });
  });

  it('the buyer says what it needs and gets a match with its price, latency and reasons', async () => {
    const start = minuteOf(market.clock.now()) + 60;
    const request = done(
      await buyer.api.post('/v1/requests', {
        workload: 'inference',
        chips: ['h100-sxm-80gb'],
        gpus: 8,
        gpusPerNode: 8,
        earliestStart: isoMinute(start),
        deadline: isoMinute(start + 5 * 24 * 60),
        hours: 48,
        maxPricePerGpuHour: { amount: '2.60', currency: 'USD' },
        latency: { maxRttMs: 60, from: [{ region: 'fr-paris', weight: 1 }] },
        mode: 'instant',
      }),
    );
    expect(request).toMatchObject({ state: 'matched', matches: [{ rank: 1 }] });
    match = request.matches[0];
    expect(match).toMatchObject({
      allocations: [{ listingId, gpus: 8 }],
      start: isoMinute(start),
      pricePerGpuHour: { amount: '2.000000', currency: 'USD' },
      total: { amount: '768.000000', currency: 'USD' },
    });
    expect(match.rttMs.worst).toBeLessThan(60);
    expect(match.explanation).toEqual(expect.any(String));
  });

  it('the buyer holds the match: one whole server is its own for a few minutes', async () => {
    booking = done(await buyer.api.post('/v1/bookings', { matchId: match.id, sshPublicKeys: [SSH_KEY] }));
    expect(booking).toMatchObject({
      state: 'held',
      matchId: match.id,
      start: match.start,
      end: match.end,
      total: match.total,
      operatorId: operator.organizationId,
    });
    const numbers: number[] = booking.allocations[0].gpuNumbers;
    expect(numbers).toHaveLength(8);
    expect(new Set(numbers.map((number) => Math.floor(number / 8))).size).toBe(1);
    const calendar = done(
      await operator.api.get(`/v1/listings/${listingId}/calendar?from=${match.start}&to=${match.end}`),
    );
    expect(calendar.data).toEqual([{ start: match.start, end: match.end, freeGpus: 8, bookedGpus: 8 }]);
  });

  it('the buyer pays, and the money waits in escrow', async () => {
    const path = `/v1/bookings/${booking.id}/confirm`;
    expect(done(await buyer.api.post(path))).toMatchObject({ id: booking.id, state: 'confirmed' });
    expect(await walletOf(buyer)).toEqual({ available: '232.000000', inEscrow: '768.000000' });
    const request = done(await buyer.api.get(`/v1/requests/${booking.requestId}`));
    expect(request.state).toBe('fulfilled');
  });

  it('the operator lets the buyer’s key in and hands the server over', async () => {
    const seen = done(await operator.api.get(`/v1/bookings/${booking.id}`));
    expect(seen).toMatchObject({ sshPublicKeys: [SSH_KEY], fee: { amount: '38.400000' } });
    const endpoints = [{ host: 'h100-a.example.org', port: 22, user: 'ubuntu' }];
    done(await operator.api.post(`/v1/bookings/${booking.id}/deliver`, { endpoints }));
    const delivered = done(await buyer.api.get(`/v1/bookings/${booking.id}`));
    expect(delivered).toMatchObject({ state: 'active', delivered: true, endpoints });
    expect(delivered).not.toHaveProperty('fee');
  });

  it('when its time is over the booking completes by itself, and the operator has earned it', async () => {
    const ahead = Date.parse(booking.end) - market.clock.now().getTime();
    market.clock.advanceMinutes(ahead / 60_000 + 0.1);
    await market.app.get(BookingsDueJob).run();
    [operator, buyer, admin] = [
      await signInAgain(operator),
      await signInAgain(buyer),
      await signInAgain(admin),
    ];
    expect(done(await buyer.api.get(`/v1/bookings/${booking.id}`)).state).toBe('completed');
    expect(await walletOf(buyer)).toEqual({ available: '232.000000', inEscrow: '0.000000' });
    expect(done(await operator.api.get('/v1/earnings')).available.amount).toBe('729.600000');
  });

  it('the books balance to the last micro-unit', async () => {
    const { accounts, sum } = done(await admin.api.get('/v1/admin/ledger/trial-balance'));
    expect(sum).toBe('0.000000');
    const balances = Object.fromEntries(
      accounts.map((account: { kind: string; balance: string }) => [account.kind, account.balance]),
    );
    expect(balances).toMatchObject({
      cash_at_bank: '-1000.000000',
      wallet: '232.000000',
      escrow: '0.000000',
      earnings: '729.600000',
      fees: '38.400000',
    });
  });

  it('the server is on offer again', async () => {
    const offers = done(await market.api.get('/v1/offers?chip=h100-sxm-80gb'));
    expect(offers.data).toMatchObject([{ listingId, freeGpus: 16 }]);
  });
});
