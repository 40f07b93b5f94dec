/** The bookings of the demonstration market: 90 days of them, those under way, and those to come. Pure, like the supply. */
import {
  type Minute,
  MINUTES_PER_DAY,
  MINUTES_PER_HOUR,
  type Period,
  dateOf,
  minuteOf,
  overlaps,
} from '../kernel/period.js';
import type { Listing } from '../listings/listing.entity.js';
import { PlannedIds, type PlannedOrganization, type SupplyPlan } from './plan.js';
import type { SeededRandom } from './random.js';

export type PlannedState = 'confirmed' | 'active' | 'completed' | 'cancelled' | 'failed';

export interface PlannedBooking {
  id: string;
  buyer: PlannedOrganization;
  listing: Listing;
  gpuNumbers: number[];
  period: Period;
  state: PlannedState;
  createdAt: Date;
  confirmedAt: Date;
}

const PAST_DAYS = 90;
const FUTURE_DAYS = 14;
const PAST_BOOKINGS = 420;
const FUTURE_BOOKINGS = 40;

/** How long people rent, in hours: days for inference, weeks for training. */
const INFERENCE_HOURS = [6, 12, 24, 48, 72, 120, 168] as const;
const TRAINING_HOURS = [24, 72, 168, 336, 504] as const;

interface Taken {
  period: Period;
  gpuNumbers: readonly number[];
}

class BookingPlanner {
  private readonly ids: PlannedIds;
  private readonly taken = new Map<string, Taken[]>();
  private readonly listings: Listing[];

  constructor(
    private readonly random: SeededRandom,
    private readonly now: Minute,
    private readonly supply: SupplyPlan,
  ) {
    this.ids = new PlannedIds(random);
    this.listings = supply.listings.filter(({ state }) => state === 'active');
  }

  plan(): PlannedBooking[] {
    const bookings: PlannedBooking[] = [];
    for (let n = 0; n < PAST_BOOKINGS; n++) {
      // Demand grows: the square root leans towards today.
      const daysAgo = PAST_DAYS * (1 - Math.sqrt(this.random.next()));
      this.add(
        bookings,
        this.now - Math.round(daysAgo * MINUTES_PER_DAY),
        this.anyBuyer(),
        this.anyListing(),
      );
    }
    for (let n = 0; n < FUTURE_BOOKINGS; n++) {
      const start = this.now + this.random.whole(2 * MINUTES_PER_HOUR, FUTURE_DAYS * MINUTES_PER_DAY);
      this.add(bookings, start, this.anyBuyer(), this.anyListing());
    }
    this.addForTheDemonstration(bookings);
    return bookings;
  }

  /** The three people who sign in find something to do: one booking runs, one waits to be handed over. */
  private addForTheDemonstration(bookings: PlannedBooking[]): void {
    const buyer = this.supply.buyers[0]!;
    const operator = this.supply.operators[0]!;
    const own = this.listings.filter(({ organizationId }) => organizationId === operator.id);
    for (const days of [-40, -21, -9, -1, 1, 4]) {
      this.add(bookings, this.now + days * MINUTES_PER_DAY, buyer, this.random.pick(own));
    }
  }

  private anyBuyer(): PlannedOrganization {
    return this.random.pick(this.supply.buyers);
  }

  private anyListing(): Listing {
    return this.random.pick(this.listings);
  }

  private add(bookings: PlannedBooking[], near: Minute, buyer: PlannedOrganization, listing: Listing): void {
    const start = near - (near % 30);
    const hours = this.random.pick(
      listing.workloads.includes('inference') ? INFERENCE_HOURS : TRAINING_HOURS,
    );
    const minutes = Math.max(hours * MINUTES_PER_HOUR, listing.minMinutes);
    const period = { start, end: start + minutes };
    if (listing.availableUntil !== null && period.end > listing.availableUntil) return;
    const gpuNumbers = this.place(listing, this.gpus(listing), period);
    if (!gpuNumbers) return;
    const createdAt = dateOf(Math.min(start, this.now) - this.random.whole(30, 3 * MINUTES_PER_DAY));
    bookings.push({
      id: this.ids.at(createdAt),
      buyer,
      listing,
      gpuNumbers,
      period,
      state: this.stateOf(period),
      createdAt,
      confirmedAt: new Date(createdAt.getTime() + this.random.whole(20, 600) * 1000),
    });
  }

  private gpus(listing: Listing): number {
    if (listing.gpuIncrement === listing.gpusPerNode) {
      const nodes = Math.min(listing.nodes, this.random.pick([1, 1, 2, 2, 4, 8]));
      return nodes * listing.gpusPerNode;
    }
    return Math.min(listing.gpusPerNode, this.random.pick([1, 1, 2, 4, 8]));
  }

  private stateOf(period: Period): PlannedState {
    if (period.start > this.now) return this.random.chance(0.08) ? 'cancelled' : 'confirmed';
    if (period.end > this.now) return 'active';
    if (this.random.chance(0.03)) return 'failed';
    return this.random.chance(0.04) ? 'cancelled' : 'completed';
  }

  /** The first node, or nodes, with room for the whole period: numbers ascending, or undefined. */
  private place(listing: Listing, gpus: number, period: Period): number[] | undefined {
    const taken = this.taken.get(listing.id) ?? [];
    const busy = new Set(
      taken.filter((other) => overlaps(other.period, period)).flatMap((t) => t.gpuNumbers),
    );
    const chosen: number[] = [];
    const whole = gpus >= listing.gpusPerNode;
    for (let node = 0; node < listing.nodes && chosen.length < gpus; node++) {
      const first = node * listing.gpusPerNode;
      const free = Array.from({ length: listing.gpusPerNode }, (_, gpu) => first + gpu).filter(
        (n) => !busy.has(n),
      );
      if (whole ? free.length === listing.gpusPerNode : free.length >= gpus) {
        chosen.push(...free.slice(0, whole ? listing.gpusPerNode : gpus));
      }
    }
    if (chosen.length < gpus) return undefined;
    this.taken.set(listing.id, [...taken, { period, gpuNumbers: chosen }]);
    return chosen;
  }
}

/** @returns bookings in the order they were made. */
export function planBookings(now: Date, supply: SupplyPlan, random: SeededRandom): PlannedBooking[] {
  const bookings = new BookingPlanner(random, minuteOf(now), supply).plan();
  return bookings.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}
