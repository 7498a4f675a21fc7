import {
  plan,
  travelMinutes,
  NOBODY,
  type Plan,
  type PlanSnapshot,
  type Strategy,
} from '../../dispatch/plan/index.ts';
import type { Day, PlanePoint } from '../../load-tests/days/index.ts';
import { required, systemClock } from '../../runtime/index.ts';
import type { DayRun, Trip } from './day-run.ts';

/** Couriers whose shift begins, or who are free again, within this time are planned with. */
const AHEAD_MINUTES = 60;
/** Improvements in an epoch: so many, and so many more for each order that waits. */
const ITERATIONS = 200;
const ITERATIONS_PER_ORDER = 4;
/** What fits into a bag is not limited by the benchmark. */
const CAPACITY = 100;

export interface SimulationOptions {
  readonly strategy: Strategy;
  readonly seed: number;
  /** Called after each minute of the day. */
  readonly onMinute?: (
    minute: number,
    state: { readonly waitingOrders: number; readonly idleCouriers: number },
  ) => void;
}

interface CourierNow {
  x: number;
  y: number;
  freeAt: number;
}

/**
 * A day by a virtual clock, minute by minute: orders become known when they are placed, the planner
 * decides, and what it gives out is carried out to its end.
 */
export function simulateDay(day: Day, options: SimulationOptions): DayRun {
  const startedMs = systemClock.monotonicMs();
  const simulation = new Simulation(day, options);
  const from = Math.min(...day.orders.map(({ placedAtMinute }) => placedAtMinute));
  const to = Math.max(...day.couriers.map(({ offAtMinute }) => offAtMinute));
  for (let minute = from; minute <= to; minute++) simulation.step(minute);
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  const { trips, epochs, maxEpochMs } = simulation;
  return { trips, epochs, maxEpochMs, seconds };
}

class Simulation {
  readonly trips: Trip[] = [];
  epochs = 0;
  maxEpochMs = 0;
  readonly #day: Day;
  readonly #options: SimulationOptions;
  readonly #travel: (dx: number, dy: number) => number;
  readonly #restaurantOf: readonly number[];
  readonly #byPlacement: readonly number[];
  readonly #couriers: readonly CourierNow[];
  /** Orders that were placed and given to nobody. */
  #waiting: number[] = [];
  #known = 0;
  /** By courier, as the last plan left them. */
  #prices: ReadonlyMap<number, number> = new Map();
  readonly #intended = new Map<number, { courier: number; rank: number; head: number }>();

  constructor(day: Day, options: SimulationOptions) {
    this.#day = day;
    this.#options = options;
    const { metersPerMinute } = day.terms;
    this.#travel = travelMinutes({ metersPerMinute, wholeMinutes: true });
    const numbers = new Map(day.restaurants.map(({ restaurantId }, i) => [restaurantId, i]));
    this.#restaurantOf = day.orders.map(({ restaurantId }) =>
      required(numbers.get(restaurantId), 'the restaurant of an order'),
    );
    this.#byPlacement = Array.from(day.orders.keys()).toSorted(
      (a, b) => this.#placedAt(a) - this.#placedAt(b) || a - b,
    );
    this.#couriers = day.couriers.map(({ x, y, onAtMinute }) => ({ x, y, freeAt: onAtMinute }));
  }

  step(minute: number): void {
    for (;;) {
      const next = this.#byPlacement[this.#known];
      if (next === undefined || this.#placedAt(next) > minute) break;
      this.#waiting.push(next);
      this.#known += 1;
    }
    const active = this.#active(minute);
    if (this.#waiting.length > 0 && active.length > 0) {
      const startedMs = systemClock.monotonicMs();
      const snapshot = this.#snapshot(minute, active);
      const planned = plan(snapshot, this.#options.strategy);
      this.maxEpochMs = Math.max(this.maxEpochMs, systemClock.monotonicMs() - startedMs);
      this.epochs += 1;
      this.#carryOut(planned, active, minute);
    }
    const idle = active.filter((courier) => this.#at(courier).freeAt <= minute);
    const state = { waitingOrders: this.#waiting.length, idleCouriers: idle.length };
    this.#options.onMinute?.(minute, state);
  }

  #placedAt(order: number): number {
    return required(this.#day.orders[order], 'an order').placedAtMinute;
  }

  #at(courier: number): CourierNow {
    return required(this.#couriers[courier], 'a courier');
  }

  /** Couriers who are at work and free, now or soon. */
  #active(minute: number): readonly number[] {
    return Array.from(this.#couriers.keys()).filter((courier) => {
      const { freeAt } = this.#at(courier);
      const { offAtMinute } = required(this.#day.couriers[courier], 'a courier');
      return freeAt <= minute + AHEAD_MINUTES && Math.max(freeAt, minute) <= offAtMinute;
    });
  }

  #snapshot(minute: number, active: readonly number[]): PlanSnapshot {
    const { restaurants, terms } = this.#day;
    const numberOf = new Map(active.map((courier, number) => [courier, number]));
    const waiting = this.#waiting;
    const intended = waiting.map((order) => this.#intended.get(order));
    const courierOf = (i: number): number => numberOf.get(intended[i]?.courier ?? NOBODY) ?? NOBODY;
    const couriers = active.map((courier) => this.#at(courier));
    return {
      nowMinute: minute,
      terms: {
        metersPerMinute: terms.metersPerMinute,
        wholeMinutes: true,
        halfPickupMinutes: terms.pickupServiceMinutes / 2,
        halfDropoffMinutes: terms.dropoffServiceMinutes / 2,
        leadMinutes: 0,
        bundleMeters: 0,
        iterations: ITERATIONS + ITERATIONS_PER_ORDER * waiting.length,
      },
      restaurants: {
        x: Float64Array.from(restaurants, ({ x }) => x),
        y: Float64Array.from(restaurants, ({ y }) => y),
      },
      orders: {
        ...this.#ordersOf(waiting),
        refusalStarts: new Uint32Array(waiting.length + 1),
        refusals: new Uint32Array(0),
      },
      couriers: {
        x: Float64Array.from(couriers, ({ x }) => x),
        y: Float64Array.from(couriers, ({ y }) => y),
        freeAt: Float64Array.from(couriers, ({ freeAt }) => freeAt),
        offAt: Float64Array.from(
          active,
          (courier) => required(this.#day.couriers[courier], 'a courier').offAtMinute,
        ),
        capacity: new Int32Array(active.length).fill(CAPACITY),
        reachMeters: new Float64Array(active.length).fill(Infinity),
        tripMeters: new Float64Array(active.length).fill(Infinity),
        pace: new Float64Array(active.length).fill(1),
        handicap: new Float64Array(active.length),
        price: Float64Array.from(active, (courier) => this.#prices.get(courier) ?? 0),
      },
      intended: {
        courier: Int32Array.from(waiting, (_, i) => courierOf(i)),
        rank: Int32Array.from(intended, (it) => it?.rank ?? 0),
        head: Uint8Array.from(intended, (it) => it?.head ?? 1),
      },
      past: this.#ordersOf(this.#byPlacement.slice(0, this.#known)),
      seed: this.#options.seed * 10_007 + minute,
    };
  }

  #ordersOf(numbers: readonly number[]) {
    const orders = numbers.map((order) => required(this.#day.orders[order], 'an order'));
    return {
      x: Float64Array.from(orders, ({ x }) => x),
      y: Float64Array.from(orders, ({ y }) => y),
      restaurant: Int32Array.from(numbers, (order) => this.#restaurantOf[order] as number),
      placedAt: Float64Array.from(orders, ({ placedAtMinute }) => placedAtMinute),
      readyAt: Float64Array.from(orders, ({ readyAtMinute }) => readyAtMinute),
    };
  }

  #carryOut({ trips, intended, prices }: Plan, active: readonly number[], minute: number): void {
    this.#prices = new Map(active.map((courier, number) => [courier, prices[number] as number]));
    const gone = new Set<number>();
    for (const trip of trips) {
      const orders = trip.orders.map((i) => required(this.#waiting[i], 'an order'));
      this.#drive(required(active[trip.courier], 'a courier'), orders, minute);
      for (const order of orders) gone.add(order);
    }
    this.#intended.clear();
    this.#waiting.forEach((order, i) => {
      const number = intended.courier[i] as number;
      if (number === NOBODY) return;
      const courier = required(active[number], 'a courier');
      const rank = intended.rank[i] as number;
      this.#intended.set(order, { courier, rank, head: intended.head[i] as number });
    });
    this.#waiting = this.#waiting.filter((order) => !gone.has(order));
  }

  #way(from: PlanePoint, to: PlanePoint): number {
    return this.#travel(from.x - to.x, from.y - to.y);
  }

  #drive(courier: number, orders: readonly number[], minute: number): void {
    const { terms, restaurants } = this.#day;
    const halfPickup = terms.pickupServiceMinutes / 2;
    const halfDropoff = terms.dropoffServiceMinutes / 2;
    const now = this.#at(courier);
    const restaurant = this.#restaurantOf[orders[0] as number] as number;
    const shop = required(restaurants[restaurant], 'a restaurant');
    const arrivedAtMinute = minute + this.#way(now, shop);
    const ready = orders.map(
      (order) => required(this.#day.orders[order], 'an order').readyAtMinute,
    );
    const pickedUpAtMinute = Math.max(arrivedAtMinute + halfPickup, ...ready);
    let leavesAt = pickedUpAtMinute + halfPickup;
    let place: PlanePoint = shop;
    const deliveries = orders.map((order) => {
      const door = required(this.#day.orders[order], 'an order');
      const atMinute = leavesAt + this.#way(place, door) + halfDropoff;
      leavesAt = atMinute + halfDropoff;
      place = door;
      return { order, atMinute };
    });
    now.x = place.x;
    now.y = place.y;
    now.freeAt = leavesAt;
    const assigned = { assignedAtMinute: minute, departedAtMinute: minute };
    const times = { ...assigned, arrivedAtMinute, pickedUpAtMinute };
    this.trips.push({ courier, restaurant, ...times, deliveries });
  }
}
