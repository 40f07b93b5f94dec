import { expect } from '@jest/globals';
import type { Answer } from './api.js';
import { BookingMarket, type Party, contradictions } from './booking-market.js';
import { type TestApp, startTestApp } from './test-app.js';

export const ENDPOINTS = [{ host: 'gpu-1.example.org', port: 22, user: 'ubuntu' }];
export const DAY = 24 * 60;

/** A market with one operator and one rich buyer, and the steps of a booking between them. */
export class BookingStory {
  private constructor(
    readonly app: TestApp,
    readonly market: BookingMarket,
    readonly operator: Party,
    readonly buyer: Party,
  ) {}

  static async begin(settings: Record<string, string> = {}): Promise<BookingStory> {
    const app = await startTestApp(settings);
    const market = new BookingMarket(app);
    return new BookingStory(app, market, await market.register('operator'), await market.buyer());
  }

  /** Nothing of what was told may have left a contradiction behind. */
  async end(): Promise<void> {
    try {
      expect(await contradictions(this.market.dataSource)).toEqual([]);
    } finally {
      await this.app.close();
    }
  }

  /** A hold of 8 GPUs for 10 hours at 2 USD, 160 USD in all, four days ahead unless said otherwise. */
  async hold(body: Record<string, unknown> = {}, by: Party = this.buyer): Promise<Answer> {
    const listingId = body.listingId ?? (await this.market.listing(this.operator));
    const start = this.market.inMinutes(4 * DAY);
    return by.api.post('/v1/bookings', { listingId, gpus: 8, start, hours: 10, ...body });
  }

  async confirmed(body: Record<string, unknown> = {}): Promise<Answer['body']> {
    const held = await this.hold(body);
    expect(held).toMatchObject({ status: 201 });
    const answer = await act(this.buyer, held.body.id, 'confirm');
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  }

  async active(body: Record<string, unknown> = {}): Promise<Answer['body']> {
    const booking = await this.confirmed(body);
    const answer = await act(this.operator, booking.id, 'deliver', { endpoints: ENDPOINTS });
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  }

  /** Moves the clock to so many minutes after the booking's start. */
  runFor(booking: Answer['body'], minutes: number): void {
    const ahead = Date.parse(booking.start) - this.app.clock.now().getTime();
    this.app.clock.advanceMinutes(ahead / 60_000 + minutes);
  }
}

export const act = (party: Party, id: string, action: string, body?: unknown): Promise<Answer> =>
  party.api.post(`/v1/bookings/${id}/${action}`, body);

export const get = async (party: Party, id: string): Promise<Answer['body']> =>
  (await party.api.get(`/v1/bookings/${id}`)).body;

export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, type: `/problems/${code}` });
  expect(answer.status).toBe(status);
}

export const pointers = (answer: Answer): string[] =>
  answer.body.errors.map((error: { pointer: string }) => error.pointer);
