import { randomUUID } from 'node:crypto';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { BookingsDueJob } from '../../src/bookings/bookings-due.job.js';
import { KEY_SCOPES } from '../../src/identity/permissions.js';
import { isoMinute, minuteOf } from '../../src/kernel/period.js';
import type { Api } from './api.js';
import { insertListing } from './supply.js';
import type { TestApp } from './test-app.js';

const PASSWORD = 'seventeen quiet otters';

export const SSH_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test';

/** Someone with an organisation; `api` uses an API key, so that it works whatever the clock says. */
export interface Party {
  api: Api;
  email: string;
  organizationId: string;
}

export interface ListingTerms {
  nodes: number;
  gpusPerNode: number;
  gpuIncrement: number;
  /** Micro-units per GPU-hour. */
  rateMicros: bigint;
  minMinutes: number;
  maxMinutes: number | null;
  minGpus: number;
  maxGpus: number;
  termDiscounts: { minHours: number; percentOff: number }[];
  /** Hours from now. */
  fromHours: number | null;
  untilHours: number | null;
}

/** A market in which bookings can be made: parties, listings that sell, money, and the clock's work done by hand. */
export class BookingMarket {
  private adminEmail: string | undefined;

  constructor(readonly app: TestApp) {}

  get dataSource(): DataSource {
    return this.app.app.get<DataSource>(getDataSourceToken());
  }

  /** Registers an organisation over HTTP. */
  async register(kind: 'buyer' | 'operator', name: string = kind): Promise<Party> {
    const { email, accessToken, organizationId } = await this.signUp(kind, name);
    const body = { name: 'test', scopes: [...KEY_SCOPES] };
    const key = await this.app.api.as(accessToken).post('/v1/api-keys', body);
    if (key.status !== 201) throw new Error(`api key: ${key.status} ${JSON.stringify(key.body)}`);
    return { api: this.app.api.as(key.body.secret), email, organizationId };
  }

  /** A buyer with money. */
  async buyer(amount = '1000000.00', name = 'buyer'): Promise<Party> {
    const buyer = await this.register('buyer', name);
    await this.fund(buyer, amount);
    return buyer;
  }

  /** Tops up a wallet by bank transfer, as an admin settles it. */
  async fund(party: Party, amount: string): Promise<void> {
    const topUp = await party.api.post('/v1/wallet/top-ups', { amount: { amount, currency: 'USD' } });
    if (topUp.status !== 201) throw new Error(`top-up: ${topUp.status} ${JSON.stringify(topUp.body)}`);
    const admin = await this.admin();
    const settled = await admin.post(`/v1/admin/top-ups/${topUp.body.id}/settle`);
    if (settled.status !== 200) throw new Error(`settle: ${settled.status} ${JSON.stringify(settled.body)}`);
  }

  /** The platform's admin, signed in now. */
  async admin(): Promise<Api> {
    if (this.adminEmail === undefined) {
      this.adminEmail = (await this.signUp('buyer', 'admin')).email;
      await this.dataSource.query(`update users set platform_role = 'admin' where email = $1`, [
        this.adminEmail,
      ]);
    }
    const { body } = await this.app.api.post('/v1/auth/login', {
      email: this.adminEmail,
      password: PASSWORD,
    });
    return this.app.api.as(body.accessToken);
  }

  private async signUp(
    kind: 'buyer' | 'operator',
    name: string,
  ): Promise<{ email: string; accessToken: string; organizationId: string }> {
    const email = `${name}.${randomUUID()}@example.org`;
    const { status, body } = await this.app.api.post('/v1/auth/register', {
      email,
      password: PASSWORD,
      displayName: name,
      organization: { name: `The ${name}`, kind },
    });
    if (status !== 201) throw new Error(`register: ${status} ${JSON.stringify(body)}`);
    return { email, accessToken: body.accessToken, organizationId: body.organization.id };
  }

  /** An active listing of 2 USD a GPU-hour, one node of 8 unless said otherwise. */
  async listing(operator: Party, terms: Partial<ListingTerms> = {}): Promise<string> {
    const { nodes = 1, gpusPerNode = 8, gpuIncrement = 1, fromHours = null, untilHours = null } = terms;
    const minute = (hours: number | null): number | null =>
      hours === null ? null : minuteOf(this.app.clock.now()) + hours * 60;
    return this.dataSource.transaction(async (tx) => {
      const row = {
        nodes,
        gpusPerNode,
        gpuIncrement,
        state: 'active',
        availableFrom: minute(fromHours),
        availableUntil: minute(untilHours),
      };
      const id = await insertListing(tx, row, operator.organizationId);
      await tx.query(
        `update listings set rate_micros = $2, price_micros = $2, min_minutes = $3, max_minutes = $4,
           min_gpus = coalesce($5, min_gpus), max_gpus = coalesce($6, max_gpus), term_discounts = $7
         where id = $1`,
        [
          id,
          (terms.rateMicros ?? 2_000_000n).toString(),
          terms.minMinutes ?? 1,
          terms.maxMinutes ?? null,
          terms.minGpus ?? null,
          terms.maxGpus ?? null,
          JSON.stringify(terms.termDiscounts ?? []),
        ],
      );
      return id;
    });
  }

  /** The whole minute `minutes` from now, as the API writes it. */
  inMinutes(minutes: number): string {
    return isoMinute(minuteOf(this.app.clock.now()) + minutes);
  }

  /** What the job does that runs every second. */
  async settleDue(): Promise<void> {
    await this.app.app.get(BookingsDueJob).run();
  }

  /** Moves the clock to just after `instant`, and lets what is due happen. */
  async passUntil(instant: string): Promise<void> {
    const ahead = new Date(instant).getTime() - this.app.clock.now().getTime();
    this.app.clock.advanceMinutes(Math.max(0, ahead) / 60_000 + 1 / 60);
    await this.settleDue();
  }

  async wallet(party: Party): Promise<{ available: string; inEscrow: string }> {
    const { body } = await party.api.get('/v1/wallet');
    return { available: body.available.amount, inEscrow: body.inEscrow.amount };
  }

  async earnings(operator: Party): Promise<string> {
    return (await operator.api.get('/v1/earnings')).body.available.amount;
  }
}

/** What must be true of any market's database at any time; empty when it is. */
export async function contradictions(database: Pick<DataSource, 'query'>): Promise<string[]> {
  const found: string[] = [];
  for (const [claim, sql] of CLAIMS) {
    const rows = await database.query<unknown[]>(sql);
    if (rows.length > 0) found.push(`${claim}: ${JSON.stringify(rows.slice(0, 3))} (${rows.length})`);
  }
  return found;
}

const PAID = `('confirmed', 'active', 'completed', 'cancelled', 'failed')`;

const CLAIMS: readonly [claim: string, sql: string][] = [
  [
    'a running balance differs from its transfers',
    `select a.id, a.kind from accounts a
      where a.debits_posted <> coalesce((select sum(amount_micros) from transfers t where t.debit_account_id = a.id), 0)
         or a.credits_posted <> coalesce((select sum(amount_micros) from transfers t where t.credit_account_id = a.id), 0)`,
  ],
  [
    'the ledger does not sum to zero',
    `select sum(credits_posted) - sum(debits_posted) as sum from accounts having sum(credits_posted) <> sum(debits_posted)`,
  ],
  [
    'a booking has no lines',
    `select id from bookings b where not exists (select from booking_lines l where l.booking_id = b.id)`,
  ],
  [
    'the lines do not sum to the total',
    `select b.id from bookings b join booking_lines l on l.booking_id = b.id group by b.id, b.total_micros
     having sum(l.total_micros) <> b.total_micros`,
  ],
  [
    'a booking that holds GPUs lacks some of them',
    `select l.booking_id, l.listing_id from booking_lines l join bookings b on b.id = l.booking_id
       left join allocations a on a.booking_id = l.booking_id and a.listing_id = l.listing_id
      where b.state in ('held', 'confirmed', 'active')
        and (a.booking_id is null or a.during <> tstzrange(b.start_at, b.end_at)
          or l.gpus <> (select sum(upper(r) - lower(r)) from unnest(a.gpus) r))`,
  ],
  [
    'a booking that gave its GPUs back still has some',
    `select b.id from bookings b join allocations a on a.booking_id = b.id where b.state in ('expired', 'cancelled', 'failed')`,
  ],
  [
    'two bookings hold one GPU at once',
    `select a.booking_id, b.booking_id as other from allocations a join allocations b
         on a.listing_id = b.listing_id and a.booking_id < b.booking_id and a.gpus && b.gpus and a.during && b.during`,
  ],
  [
    'escrow differs from what the booking says',
    `select b.id, b.state from bookings b
      where coalesce((select sum(case kind when 'escrow_hold' then amount_micros else -amount_micros end)
                        from transfers t where t.booking_id = b.id), 0)
         <> case when b.confirmed_at is null then 0
                 else b.total_micros - b.refunded_micros - b.released_micros - b.fee_micros end`,
  ],
  [
    'an ended booking that was paid has not shared out all of it',
    `select id from bookings where ended_at is not null and confirmed_at is not null
        and total_micros <> refunded_micros + released_micros + fee_micros`,
  ],
  [
    'a booking was paid without being confirmed, or confirmed without being paid',
    `select b.id, b.state from bookings b
      where (b.confirmed_at is not null) <> exists (select from transfers t where t.booking_id = b.id and t.kind = 'escrow_hold')
         or (b.confirmed_at is not null and b.state not in ${PAID})`,
  ],
  [
    'a booking does not end by itself',
    `select id, state from bookings
      where (state in ('held', 'confirmed', 'active')) <> (due_at is not null)
         or (state in ('held', 'confirmed', 'active')) <> (ended_at is null)`,
  ],
];
