import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ownerDataSource } from '../../src/data-source.js';
import { AppError } from '../../src/kernel/errors.js';
import { type Period, dateOf } from '../../src/kernel/period.js';
import { allocate, extend, release, shorten } from '../../src/listings/allocation/allocate.js';
import { type TestDatabase, createTestDatabase } from '../support/database.js';
import { EPOCH, connect, insertBooking, insertListing, insertOrganization } from '../support/supply.js';

const NOW = EPOCH - 600;
const CONNECTIONS = 40;

let database: TestDatabase;
let db: DataSource;
let buyerId: string;
let operatorId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await connect(database.url, CONNECTIONS);
  buyerId = await insertOrganization(db.manager, 'buyer');
  operatorId = await insertOrganization(db.manager, 'operator');
});

afterAll(async () => {
  await db?.destroy();
  await database?.drop();
});

const window = (from: number, to: number): Period => ({ start: EPOCH + from, end: EPOCH + to });
const booking = (): Promise<string> => insertBooking(db.manager, buyerId, operatorId);

/** Books in a transaction of its own, as the booking room does. */
async function book(
  listingId: string,
  gpus: number,
  period: Period,
): Promise<{ id: string; numbers: number[] }> {
  const id = await booking();
  const numbers = await db.transaction((tx) =>
    allocate(tx, { listingId, bookingId: id, organizationId: buyerId, gpus, period, now: dateOf(NOW) }),
  );
  return { id, numbers };
}

type Outcome = number[] | string;

/** Runs all calls at once: each has its connection and its booking before any may go. */
async function burst(listingId: string, counts: readonly number[], period: Period): Promise<Outcome[]> {
  let go: () => void = () => undefined;
  const barrier = new Promise<void>((resolve) => (go = resolve));
  let waiting = 0;
  const attempts = counts.map(async (gpus): Promise<Outcome> => {
    const bookingId = await booking();
    waiting += 1;
    if (waiting === Math.min(counts.length, CONNECTIONS)) go();
    await barrier;
    try {
      return await db.transaction((tx) =>
        allocate(tx, { listingId, bookingId, organizationId: buyerId, gpus, period, now: dateOf(NOW) }),
      );
    } catch (error) {
      return error instanceof AppError ? error.code : String(error);
    }
  });
  return Promise.all(attempts);
}

async function soldIn(listingId: string): Promise<number[]> {
  const rows = await db.query<{ gpu: number }[]>(
    `select gpu from allocations, unnest(gpus) as run, generate_series(lower(run), upper(run) - 1) as gpu
     where listing_id = $1 order by gpu`,
    [listingId],
  );
  return rows.map((row) => row.gpu);
}

/** Returns once a connection of this database waits for a lock. */
async function untilSomeoneWaits(): Promise<void> {
  for (;;) {
    const [row] = await db.query<[{ waiting: boolean }]>(
      `select exists (select from pg_locks l join pg_stat_activity a using (pid)
                      where not l.granted and a.datname = current_database()) as waiting`,
    );
    if (row.waiting) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

describe('200 buyers who come at once for the last 8 GPUs', () => {
  it.each([1, 2, 3])(
    'get exactly 8 between them, one each, and the rest a clear refusal (round %i)',
    async (round) => {
      const listingId = await insertListing(db.manager, {}, operatorId);
      const outcomes = await burst(
        listingId,
        Array<number>(200).fill(1),
        window(round * 60, round * 60 + 60),
      );
      const won = outcomes.filter((outcome) => Array.isArray(outcome));
      expect(won.flat().toSorted()).toEqual(EIGHT);
      expect(await soldIn(listingId)).toEqual(EIGHT);
      expect(new Set(outcomes.filter((outcome) => !Array.isArray(outcome)))).toEqual(
        new Set(['insufficient-capacity']),
      );
    },
  );

  it('get whole nodes when only whole nodes are sold', async () => {
    const listingId = await insertListing(
      db.manager,
      { nodes: 4, gpusPerNode: 2, gpuIncrement: 2 },
      operatorId,
    );
    const outcomes = await burst(listingId, Array<number>(200).fill(2), window(0, 60));
    const won = outcomes.filter((outcome) => Array.isArray(outcome));
    expect(won).toHaveLength(4);
    expect(
      won.every(([first, second]) => Number(first) % 2 === 0 && Number(second) === Number(first) + 1),
    ).toBe(true);
    expect(new Set(outcomes.filter((outcome) => !Array.isArray(outcome)))).toEqual(
      new Set(['insufficient-capacity']),
    );
  });

  it.each([1, 2, 3])(
    'leave no GPU that someone refused could have had (mixed counts, round %i)',
    async () => {
      const listingId = await insertListing(db.manager, {}, operatorId);
      const counts = Array.from({ length: 200 }, (_, index) => 1 + (index % 4));
      const outcomes = await burst(listingId, counts, window(0, 60));
      const sold = await soldIn(listingId);
      expect(new Set(sold).size).toBe(sold.length);
      const refused = counts.filter((_, index) => outcomes[index] === 'insufficient-capacity');
      expect(8 - sold.length).toBeLessThan(Math.min(...refused));
      expect(outcomes.filter((outcome) => Array.isArray(outcome))).toHaveLength(200 - refused.length);
    },
  );

  it('and hold different windows never share a GPU at any moment', async () => {
    const listingId = await insertListing(db.manager, { nodes: 2, gpusPerNode: 4 }, operatorId);
    const attempts = Array.from({ length: 160 }, (_, index) => {
      const start = (index * 37) % 300;
      return burst(listingId, [1 + (index % 4)], window(start, start + 30 + ((index * 13) % 90)));
    });
    const outcomes = (await Promise.all(attempts)).flat();
    const [row] = await db.query<[{ n: string }]>(
      `select count(*) as n from allocations a join allocations b using (listing_id)
       where a.booking_id < b.booking_id and a.gpus && b.gpus and a.during && b.during and listing_id = $1`,
      [listingId],
    );
    expect(row.n).toBe('0');
    expect(
      outcomes.filter((outcome) => typeof outcome === 'string' && outcome !== 'insufficient-capacity'),
    ).toEqual([]);
    expect(outcomes.some((outcome) => Array.isArray(outcome))).toBe(true);
  });

  it('would oversell if all that guarded the GPUs were a check before the insert (the control)', async () => {
    const owner = await ownerDataSource(database.url).initialize();
    await owner.query(`create table control (gpu integer not null)`);
    await owner.query(`grant all on control to fallow_app`);
    await owner.destroy();
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, () =>
        db.transaction(async (tx) => {
          const [row] = await tx.query<[{ n: string }]>(`select count(*) as n from control`);
          await tx.query(`select pg_sleep(0.002)`);
          if (Number(row.n) >= 8) return 0;
          await tx.query(`insert into control values (1)`);
          return 1;
        }),
      ),
    );
    expect(outcomes.reduce((a: number, b) => a + b, 0)).toBeGreaterThan(8);
  });
});

describe('the constraint itself', () => {
  const insert = async (listingId: string, gpus: string, during: string): Promise<string | undefined> => {
    const bookingId = await booking();
    try {
      await db.query(
        `insert into allocations (listing_id, booking_id, organization_id, gpus, during, created_at)
         values ($1, $2, $3, $4::int4multirange, $5::tstzrange, now())`,
        [listingId, bookingId, buyerId, gpus, during],
      );
      return undefined;
    } catch (error) {
      return (error as { driverError: { constraint?: string; column?: string } }).driverError.constraint;
    }
  };

  it('refuses a GPU that is taken at any moment of the window, and nothing else', async () => {
    const listingId = await insertListing(db.manager, {}, operatorId);
    expect(await insert(listingId, '{[0,4)}', '[2030-01-01,2030-01-02)')).toBeUndefined();
    expect(await insert(listingId, '{[3,5)}', '[2030-01-01 23:59,2030-01-03)')).toBe('allocation_no_overlap');
    expect(await insert(listingId, '{[0,1),[6,7)}', '[2029-12-31,2030-01-01 00:01)')).toBe(
      'allocation_no_overlap',
    );
    expect(await insert(listingId, '{[4,8)}', '[2030-01-01,2030-01-02)')).toBeUndefined();
    expect(await insert(listingId, '{[0,4)}', '[2030-01-02,2030-01-03)')).toBeUndefined();
    const other = await insertListing(db.manager, {}, operatorId);
    expect(await insert(other, '{[0,4)}', '[2030-01-01,2030-01-02)')).toBeUndefined();
  });

  it('refuses windows and sets that would slip past it', async () => {
    const listingId = await insertListing(db.manager, {}, operatorId);
    for (const during of [
      'empty',
      '[2030-01-01,)',
      '(,2030-01-01)',
      '[2030-01-01,infinity)',
      '(2030-01-01,2030-01-02]',
    ]) {
      expect([during, await insert(listingId, '{[0,1)}', during)]).toEqual([
        during,
        'allocation_during_sane',
      ]);
    }
    for (const gpus of ['{}', '{[-1,1)}', '{[0,)}']) {
      expect([gpus, await insert(listingId, gpus, '[2030-01-01,2030-01-02)')]).toEqual([
        gpus,
        'allocation_gpus_sane',
      ]);
    }
  });
});

describe('a booking that is extended or ended early', () => {
  it('keeps its GPUs, and the next booking is moved out of its way', async () => {
    const listingId = await insertListing(db.manager, { nodes: 2, gpusPerNode: 1 }, operatorId);
    const first = await book(listingId, 1, window(0, 60));
    const other = await book(listingId, 1, window(0, 30));
    const next = await book(listingId, 1, window(60, 120));
    await db.query(
      `update allocations set gpus = (select gpus from allocations where booking_id = $1) where booking_id = $2`,
      [first.id, next.id],
    );
    const kept = await db.transaction((tx) => extend(tx, first.id, EPOCH + 90, EPOCH + 10));
    expect(kept).toEqual([{ listingId, gpuNumbers: first.numbers }]);
    const [moved] = await db.query<[{ gpus: string }]>(
      `select gpus::text from allocations where booking_id = $1`,
      [next.id],
    );
    expect(moved.gpus).toBe(`{[${other.numbers[0]},${other.numbers[0]! + 1})}`);
  });

  it('is not extended into bookings that have nowhere to go, and keeps what it had', async () => {
    const listingId = await insertListing(db.manager, { nodes: 1, gpusPerNode: 1 }, operatorId);
    const first = await book(listingId, 1, window(0, 60));
    await book(listingId, 1, window(60, 120));
    await expect(db.transaction((tx) => extend(tx, first.id, EPOCH + 61, EPOCH + 10))).rejects.toMatchObject({
      code: 'insufficient-capacity',
    });
    const [row] = await db.query<[{ to: Date }]>(
      `select upper(during) as "to" from allocations where booking_id = $1`,
      [first.id],
    );
    expect(row.to).toEqual(dateOf(EPOCH + 60));
  });

  it('never moves a booking whose GPUs have been handed over', async () => {
    const listingId = await insertListing(db.manager, { nodes: 2, gpusPerNode: 1 }, operatorId);
    const first = await book(listingId, 1, window(0, 60));
    const next = await book(listingId, 1, window(60, 120));
    await db.query(
      `update allocations set gpus = (select gpus from allocations where booking_id = $1) where booking_id = $2`,
      [first.id, next.id],
    );
    await db.query(`update bookings set delivered_at = now() where id = $1`, [next.id]);
    await expect(db.transaction((tx) => extend(tx, first.id, EPOCH + 90, EPOCH + 10))).rejects.toMatchObject({
      code: 'insufficient-capacity',
    });
  });

  it('gives back what it no longer needs', async () => {
    const listingId = await insertListing(db.manager, { nodes: 1, gpusPerNode: 1 }, operatorId);
    const first = await book(listingId, 1, window(0, 60));
    await db.transaction((tx) => shorten(tx, first.id, EPOCH + 30));
    const second = await book(listingId, 1, window(30, 60));
    await db.transaction((tx) => release(tx, second.id));
    await book(listingId, 1, window(30, 60));
    await db.transaction((tx) => shorten(tx, first.id, EPOCH));
    await book(listingId, 1, window(0, 30));
    expect(await soldIn(listingId)).toEqual([0, 0]);
  });
});

describe('a listing', () => {
  it('sells nothing unless it is active and the whole window is inside its own', async () => {
    const paused = await insertListing(db.manager, { state: 'paused' }, operatorId);
    await expect(book(paused, 1, window(0, 60))).rejects.toMatchObject({ code: 'listing-not-active' });
    const brief = await insertListing(
      db.manager,
      { availableFrom: EPOCH + 10, availableUntil: EPOCH + 100 },
      operatorId,
    );
    await expect(book(brief, 1, window(9, 60))).rejects.toMatchObject({ code: 'insufficient-capacity' });
    await expect(book(brief, 1, window(10, 101))).rejects.toMatchObject({ code: 'insufficient-capacity' });
    expect((await book(brief, 8, window(10, 100))).numbers).toEqual(EIGHT);
  });

  it('sells no GPU that its operator is just taking away', async () => {
    const listingId = await insertListing(db.manager, { nodes: 12, gpusPerNode: 1 }, operatorId);
    const edit = db.createQueryRunner();
    await edit.startTransaction();
    await edit.query(`select from listings where id = $1 for update`, [listingId]);
    const late = book(listingId, 12, window(0, 60)).catch((error: AppError) => error.code);
    await untilSomeoneWaits();
    await edit.query(`update listings set nodes = 8, max_gpus = 8 where id = $1`, [listingId]);
    await edit.commitTransaction();
    await edit.release();
    expect(await late).toBe('insufficient-capacity');
    expect(await soldIn(listingId)).toEqual([]);
  });

  it('gives what fills no node to the fullest node, by the lock-free statement too', async () => {
    const listingId = await insertListing(db.manager, { nodes: 3, gpusPerNode: 4 }, operatorId);
    const one = await book(listingId, 1, window(0, 60));
    const two = await book(listingId, 2, window(30, 90));
    const node = Math.floor(one.numbers[0]! / 4);
    expect(two.numbers.map((gpu) => Math.floor(gpu / 4))).toEqual([node, node]);
    const nine = await book(listingId, 9, window(0, 60));
    expect(new Set([...one.numbers, ...two.numbers, ...nine.numbers]).size).toBe(12);
    await expect(book(listingId, 1, window(0, 60))).rejects.toMatchObject({ code: 'insufficient-capacity' });
    expect((await book(listingId, 5, window(90, 120))).numbers).toHaveLength(5);
  });
});
