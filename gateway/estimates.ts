import { distanceMeters, outlookOf, type LiveCity, type Place } from '../geo/index.ts';
import type { OrderSummary, Vehicle } from '../protocol/index.ts';
import type { Clock, TimeScale } from '../runtime/index.ts';

/** City seconds between two estimates of one courier's orders: every few fixes. */
const ESTIMATE_SECONDS = 10;
/** What is near a restaurant or a door is parked, or looks for the bell: it teaches nothing of ways. */
const NEAR_METERS = 150;
/** Orders with an estimate; beyond it the oldest are forgotten, and told anew by the next round. */
const ESTIMATES_MAX = 200_000;

/** Ms since the Unix epoch. */
export interface Estimate {
  /** Null when the courier has the food. */
  readonly pickupAtMs: number | null;
  readonly dropoffAtMs: number;
  /** The planner's intention, or the way of the courier who carries it. */
  readonly by: 'plan' | 'courier';
}

/** A courier with orders, as far as their times depend on it; changed in place. */
export interface Carrier {
  readonly orders: Map<string, OrderSummary>;
  vehicle: Vehicle | null;
  /** By the monotonic clock; the estimates are good for ESTIMATE_SECONDS from then on. */
  estimatedAtMs: number;
  /** Where the courier was going when the last estimates were made, and how far that was. */
  leg: { readonly stop: string; readonly meters: number; readonly atMs: number } | null;
}

export function newCarrier(): Carrier {
  return { orders: new Map(), vehicle: null, estimatedAtMs: -Infinity, leg: null };
}

/**
 * When each order will be picked up and at its door: as the planner means it while nobody carries the
 * order, then by where its courier is, all that the courier carries considered. The ways of couriers
 * teach the city how fast they are.
 */
export class Estimates {
  readonly #clock: Clock;
  readonly #timeScale: TimeScale;
  readonly #byOrder = new Map<string, Estimate>();

  constructor(deps: { readonly clock: Clock; readonly timeScale: TimeScale }) {
    this.#clock = deps.clock;
    this.#timeScale = deps.timeScale;
  }

  of(orderId: string): Estimate | null {
    return this.#byOrder.get(orderId) ?? null;
  }

  forget(orderId: string): void {
    this.#byOrder.delete(orderId);
  }

  set(orderId: string, estimate: Estimate): void {
    this.#byOrder.set(orderId, estimate);
    if (this.#byOrder.size <= ESTIMATES_MAX) return;
    for (const oldest of this.#byOrder.keys()) {
      this.#byOrder.delete(oldest);
      return;
    }
  }

  /**
   * The courier is here now: new estimates of all that it carries, every few fixes.
   * @returns whether it was time for them
   */
  follow(carrier: Carrier, city: LiveCity, position: Place): boolean {
    const monotonicMs = this.#clock.monotonicMs();
    const isDue =
      this.#timeScale.citySeconds(monotonicMs - carrier.estimatedAtMs) >= ESTIMATE_SECONDS;
    if (!isDue) return false;
    this.#learn(carrier, city, { position, monotonicMs });
    carrier.estimatedAtMs = monotonicMs;
    const nowMs = this.#clock.nowMs();
    const hour = this.#timeScale.hourOfDay(nowMs);
    const factor = speedFactorOf(carrier, city);
    const orders = [...carrier.orders.values()];
    const { pickupsInMinutes, dropoffsInMinutes } = outlookOf(
      position,
      orders.map((order) => ({
        restaurantId: order.restaurantId,
        pickup: order.pickup,
        dropoff: order.dropoff.place,
        pickedUp: isPickedUp(order),
        readyInMinutes: this.#timeScale.citySeconds((order.readyAtMs ?? 0) - nowMs) / 60,
      })),
      (from, to) => city.travel.seconds(from, to, hour) / 60 / factor,
    );
    const atMs = (minutes: number): number => nowMs + this.#timeScale.wallMs(minutes * 60);
    orders.forEach((order, i) => {
      this.set(order.orderId, {
        pickupAtMs: isPickedUp(order) ? null : atMs(pickupsInMinutes[i] ?? 0),
        dropoffAtMs: atMs(dropoffsInMinutes[i] ?? 0),
        by: 'courier',
      });
    });
    return true;
  }

  /** How much nearer the courier came to the one stop it is going to, since the last estimates. */
  #learn(
    carrier: Carrier,
    city: LiveCity,
    { position, monotonicMs }: { readonly position: Place; readonly monotonicMs: number },
  ): void {
    const before = carrier.leg;
    const stop = onlyStopOf(carrier);
    carrier.leg = null;
    if (stop === null) return;
    const meters = distanceMeters(position, stop.place);
    if (meters < NEAR_METERS) return;
    carrier.leg = { stop: stop.name, meters, atMs: monotonicMs };
    if (before?.stop !== stop.name) return;
    const factor = speedFactorOf(carrier, city);
    city.learned.profile.learn(position, this.#timeScale.hourOfDay(this.#clock.nowMs()), {
      meters: (before.meters - meters) / factor,
      seconds: this.#timeScale.citySeconds(monotonicMs - before.atMs),
    });
  }
}

function speedFactorOf({ vehicle }: Carrier, { dispatch }: LiveCity): number {
  return vehicle === null ? 1 : dispatch.vehicles[vehicle].speedFactor;
}

function isPickedUp({ state }: OrderSummary): boolean {
  return state === 'PICKED_UP' || state === 'OUT_FOR_DELIVERY';
}

/** Where the courier must be going, when there is no choice; null when there is. */
function onlyStopOf({ orders }: Carrier): { readonly name: string; readonly place: Place } | null {
  let only: { readonly name: string; readonly place: Place } | null = null;
  for (const order of orders.values()) {
    const stop = isPickedUp(order)
      ? { name: order.orderId, place: order.dropoff.place }
      : { name: order.restaurantId, place: order.pickup };
    if (only !== null && only.name !== stop.name) return null;
    only = stop;
  }
  return only;
}
