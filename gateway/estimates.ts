import { distanceMeters, outlookOf, type LiveCity, type Place } from '../geo/index.ts';
import { hasFood, type OrderSummary, type Vehicle } from '../protocol/index.ts';
import type { Clock, TimeScale } from '../runtime/index.ts';

/** City seconds between two estimates of one courier's orders: every few fixes. */
const ESTIMATE_SECONDS = 10;
/** What is near a restaurant or a door is parked, or looks for the bell: it teaches nothing of ways. */
const NEAR_METERS = 150;
/** Who has not come nearer for so long is parked, or on another errand; a light or a jam is shorter. */
const STANDING_SECONDS = 120;

/** What a kitchen that is late as it was expected to be needs yet. */
const STILL_COOKING_MINUTES = 2;

/** When an order is picked up and at its door; ms since the Unix epoch. */
export interface Estimate {
  /** Null when the courier has the food. */
  readonly pickupAtMs: number | null;
  readonly dropoffAtMs: number;
  /** The planner's intention, or the way of the courier who carries it. */
  readonly by: 'plan' | 'courier';
}

/** An order on a courier, as far as its times depend on it. */
export interface EstimatedOrder {
  readonly order: OrderSummary;
  estimated(estimate: Estimate): void;
}

/** A courier's way, as far as it was followed; changed in place. */
export interface Way {
  /** Null while no app of the courier has said it. */
  vehicle: Vehicle | null;
  /** Where the courier was going when the last estimates were made, and how far that was. */
  leg: Leg | null;
}

interface Leg {
  readonly stop: string;
  readonly meters: number;
  readonly atMs: number;
  /** The nearest to the stop so far, and when that was. */
  readonly nearestMeters: number;
  readonly nearestAtMs: number;
}

export function newWay(): Way {
  return { vehicle: null, leg: null };
}

/** Where a courier is, in which city, and when (monotonic, ms). */
export interface Sight {
  readonly city: LiveCity;
  readonly position: Place;
  readonly atMs: number;
}

/**
 * When the orders of a courier will be picked up and at their doors, by where it is and all that it
 * carries. Its ways teach the city how fast they are.
 */
export class Estimator {
  readonly #clock: Clock;
  readonly #timeScale: TimeScale;
  readonly #goodMs: number;

  constructor(deps: { readonly clock: Clock; readonly timeScale: TimeScale }) {
    this.#clock = deps.clock;
    this.#timeScale = deps.timeScale;
    this.#goodMs = deps.timeScale.wallMs(ESTIMATE_SECONDS);
  }

  /** @param estimatedAtMs when the last were made; they are good for ESTIMATE_SECONDS; both monotonic */
  isDue(estimatedAtMs: number, atMs: number): boolean {
    return atMs - estimatedAtMs >= this.#goodMs;
  }

  /** Makes new estimates of all that the courier carries, and learns from its way since the last. */
  estimate(way: Way, orders: readonly EstimatedOrder[], sight: Sight): void {
    const { city, position } = sight;
    const nowMs = this.#clock.nowMs();
    const hour = this.#timeScale.hourOfDay(nowMs);
    const factor = way.vehicle === null ? 1 : city.dispatch.vehicles[way.vehicle].speedFactor;
    this.#learn(way, orders, { ...sight, hour, factor });
    const carrying = orders.map(({ order }) => ({
      restaurantId: order.restaurantId,
      pickup: order.pickup,
      dropoff: order.dropoff.place,
      pickedUp: hasFood(order),
      readyInMinutes: this.#readyInMinutes(order, city, nowMs),
    }));
    const drive = (from: Place, to: Place): number =>
      city.travel.seconds(from, to, hour) / 60 / factor;
    const { pickupsInMinutes, dropoffsInMinutes } = outlookOf(position, carrying, drive);
    const atMs = (minutes: number): number => nowMs + this.#timeScale.wallMs(minutes * 60);
    orders.forEach((own, i) =>
      own.estimated({
        pickupAtMs: hasFood(own.order) ? null : atMs(pickupsInMinutes[i] ?? 0),
        dropoffAtMs: atMs(dropoffsInMinutes[i] ?? 0),
        by: 'courier',
      }),
    );
  }

  /** As its restaurant says, and as it has been with what that says. */
  #readyInMinutes(order: OrderSummary, { kitchens }: LiveCity, nowMs: number): number {
    if (order.state === 'READY') return 0;
    const delay = kitchens.expectedSeconds(order.restaurantId) / 60;
    const saidIn = this.#timeScale.citySeconds((order.readyAtMs ?? 0) - nowMs) / 60;
    // What should be ready and is not may be at any moment, but not now.
    return Math.max(saidIn + delay, Math.min(delay, STILL_COOKING_MINUTES));
  }

  /** How much nearer the courier came to the one stop it is going to, since the last estimates. */
  #learn(
    way: Way,
    orders: readonly EstimatedOrder[],
    { city, position, atMs, hour, factor }: Sight & { hour: number; factor: number },
  ): void {
    const before = way.leg;
    way.leg = null;
    const stop = onlyStopOf(orders);
    const meters = stop === null ? 0 : distanceMeters(position, stop.place);
    if (stop === null || meters < NEAR_METERS) return;
    const isNearer = before?.stop !== stop.name || meters < before.nearestMeters;
    const nearest = isNearer
      ? { nearestMeters: meters, nearestAtMs: atMs }
      : { nearestMeters: before.nearestMeters, nearestAtMs: before.nearestAtMs };
    way.leg = { stop: stop.name, meters, atMs, ...nearest };
    if (before?.stop !== stop.name) return;
    if (this.#timeScale.citySeconds(atMs - nearest.nearestAtMs) > STANDING_SECONDS) return;
    city.learned.profile.learn(position, hour, {
      meters: (before.meters - meters) / factor,
      seconds: this.#timeScale.citySeconds(atMs - before.atMs),
    });
  }
}

/** Where the courier must be going, when there is no choice; null when there is. */
export function onlyStopOf(
  orders: readonly Pick<EstimatedOrder, 'order'>[],
): { readonly name: string; readonly place: Place } | null {
  let only: { readonly name: string; readonly place: Place } | null = null;
  for (const { order } of orders) {
    const stop = hasFood(order)
      ? { name: order.orderId, place: order.dropoff.place }
      : { name: order.restaurantId, place: order.pickup };
    if (only !== null && only.name !== stop.name) return null;
    only = stop;
  }
  return only;
}
