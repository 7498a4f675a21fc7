import { SERVICE_TIMES, type LiveCity, type Place } from '../geo/index.ts';
import { planeAround, type PlanePlace } from './city-plane.ts';
import { outlookOfLoad, type CityTime } from './load-outlook.ts';
import { handicapOf, type Handicap } from './handicap.ts';
import type { NamedIntention } from './plan-memory.ts';
import type { CourierLoad, WaitingOrder } from './ports.ts';
import { NOBODY, type PlanSnapshot } from './plan/index.ts';

/** A courier needs a moment to read an offer and to answer it. */
const ANSWER_MINUTES = 0.5;
/** A shift that has no end. */
const NEVER_MINUTES = 1e6;
/** Improvements in an epoch: so many, more for each order, and never more than fits into it. */
const ITERATIONS = 100;
const ITERATIONS_PER_ORDER = 4;
const ITERATIONS_MAX = 300;

export interface LiveFacts {
  readonly orders: readonly WaitingOrder[];
  readonly loads: readonly CourierLoad[];
  /** Orders of today, oldest placement first. */
  readonly past: readonly WaitingOrder[];
  /** What the plan before meant to do with an order. */
  readonly intended: (orderId: string) => NamedIntention | null;
  /** And what it would have given for one more courier like this one. */
  readonly price: (courierId: string) => number;
  readonly time: CityTime;
  readonly epochMinutes: number;
  readonly seed: number;
}

/** @property couriers the load of the planner's courier number j */
export interface LiveSnapshot {
  readonly snapshot: PlanSnapshot;
  readonly couriers: readonly CourierLoad[];
  readonly handicaps: readonly Handicap[];
}

/**
 * What the planner gets of a running city: minutes from now, metres from the first restaurant. Couriers
 * whom the index has lost are left out.
 */
export function takeSnapshot(city: LiveCity, facts: LiveFacts): LiveSnapshot {
  const { orders, past, time } = facts;
  const { minutesUntil } = time;
  const shops = new Shops([...orders, ...past]);
  const couriers = facts.loads.filter(
    ({ courierId, onDuty }) => onDuty && city.index.positionOf(courierId) !== null,
  );
  const outlooks = couriers.map((load) =>
    outlookOfLoad(city, load, city.index.positionOf(load.courierId) as Place, time),
  );
  const deliveredMean =
    couriers.reduce((sum, load) => sum + load.deliveredToday, 0) / Math.max(1, couriers.length);
  const handicaps = couriers.map((load) => {
    const idleMinutes = load.idleSinceMs === null ? 0 : -minutesUntil(load.idleSinceMs);
    return handicapOf(load, { idleMinutes, deliveredMean });
  });
  const places = outlooks.map(({ place }) => shops.plane(place));
  const { dispatch } = city;
  const snapshot = {
    nowMinute: 0,
    terms: {
      ...SERVICE_TIMES,
      metersPerMinute: city.travel.airSpeedMps(time.hour) * 60,
      wholeMinutes: false,
      leadMinutes: ANSWER_MINUTES + facts.epochMinutes,
      bundleMeters: dispatch.bundleRadiusMeters,
      iterations: iterationsFor(orders.length),
    },
    restaurants: columnsOf(shops.places),
    orders: {
      ...ordersOf(orders, shops, minutesUntil),
      readyAt: Float64Array.from(orders, (order) => readyIn(city, order, minutesUntil)),
      toDoor: Float64Array.from(
        orders,
        ({ pickup, dropoff }) => city.travel.seconds(pickup, dropoff, time.hour) / 60,
      ),
      dueAt: Float64Array.from(orders, (order) => promisedIn(order, dispatch, minutesUntil)),
      ...refusalsOf(orders, couriers),
    },
    couriers: {
      ...columnsOf(places),
      freeAt: Float64Array.from(outlooks, ({ freeInMinutes }) => freeInMinutes),
      offAt: Float64Array.from(couriers, ({ shiftEndsAtMs }) =>
        shiftEndsAtMs === null ? NEVER_MINUTES : minutesUntil(shiftEndsAtMs),
      ),
      capacity: Int32Array.from(couriers, ({ capacity }) => Math.min(capacity, dispatch.maxBatch)),
      ...limitsOf(dispatch, couriers),
      pace: Float64Array.from(
        couriers,
        ({ vehicle }) => 1 / dispatch.vehicles[vehicle].speedFactor,
      ),
      handicap: Float64Array.from(handicaps, ({ minutes }) => minutes),
      price: Float64Array.from(couriers, ({ courierId }) => facts.price(courierId)),
    },
    intended: intendedOf(orders, couriers, facts.intended),
    past: ordersOf(past, shops, minutesUntil),
    seed: facts.seed,
  };
  return { snapshot, couriers, handicaps };
}

/** How many improvements an epoch tries with so many orders. */
export function iterationsFor(orders: number): number {
  return Math.min(ITERATIONS_MAX, ITERATIONS + ITERATIONS_PER_ORDER * orders);
}

/** Restaurants by number, on the city's plane. */
class Shops {
  readonly places: PlanePlace[] = [];
  readonly plane: (place: Place) => PlanePlace;
  readonly #numbers = new Map<string, number>();

  constructor(orders: readonly WaitingOrder[]) {
    this.plane = planeAround(orders[0]?.pickup ?? { lat: 0, lng: 0 });
    for (const { restaurantId, pickup } of orders) {
      if (this.#numbers.has(restaurantId)) continue;
      this.#numbers.set(restaurantId, this.places.length);
      this.places.push(this.plane(pickup));
    }
  }

  numberOf(restaurantId: string): number {
    return this.#numbers.get(restaurantId) ?? 0;
  }
}

function columnsOf(places: readonly PlanePlace[]) {
  return {
    x: Float64Array.from(places, ({ x }) => x),
    y: Float64Array.from(places, ({ y }) => y),
  };
}

function ordersOf(
  orders: readonly WaitingOrder[],
  shops: Shops,
  minutesUntil: (atMs: number) => number,
) {
  return {
    ...columnsOf(orders.map(({ dropoff }) => shops.plane(dropoff))),
    restaurant: Int32Array.from(orders, ({ restaurantId }) => shops.numberOf(restaurantId)),
    placedAt: Float64Array.from(orders, ({ placedAtMs }) => minutesUntil(placedAtMs)),
    readyAt: Float64Array.from(orders, ({ readyAtMs }) => minutesUntil(readyAtMs)),
  };
}

/** City minutes until food that is not ready is, as kitchens keep to what they say. */
function readyIn(
  { kitchens }: LiveCity,
  { restaurantId, readyAtMs }: WaitingOrder,
  minutesUntil: (atMs: number) => number,
): number {
  const saidIn = minutesUntil(readyAtMs);
  return saidIn <= 0 ? saidIn : Math.max(0, saidIn + kitchens.expectedSeconds(restaurantId) / 60);
}

/** City minutes until an order was promised to be at its door. */
export function promisedIn(
  order: { readonly placedAtMs: number; readonly scheduledForMs: number | null },
  { promiseMinutes }: LiveCity['dispatch'],
  minutesUntil: (atMs: number) => number,
): number {
  return order.scheduledForMs === null
    ? minutesUntil(order.placedAtMs) + promiseMinutes
    : minutesUntil(order.scheduledForMs);
}

/** Who has refused lately. */
function refusalsOf(orders: readonly WaitingOrder[], couriers: readonly CourierLoad[]) {
  const numbers = numbersOf(couriers);
  const starts = new Uint32Array(orders.length + 1);
  const refusals: number[] = [];
  orders.forEach(({ declinedBy }, i) => {
    for (const courierId of new Set(declinedBy)) {
      const number = numbers.get(courierId);
      if (number !== undefined) refusals.push(number);
    }
    starts[i + 1] = refusals.length;
  });
  return { refusalStarts: starts, refusals: Uint32Array.from(refusals) };
}

/** How far the ways of each courier may be, by its vehicle and by the city. */
function limitsOf(
  { maxPickupDistanceMeters, vehicles }: LiveCity['dispatch'],
  couriers: readonly CourierLoad[],
) {
  const longest = couriers.map(({ vehicle }) => vehicles[vehicle].maxDistanceMeters ?? Infinity);
  return {
    reachMeters: Float64Array.from(longest, (meters) => Math.min(meters, maxPickupDistanceMeters)),
    tripMeters: Float64Array.from(longest),
  };
}

function numbersOf(couriers: readonly CourierLoad[]): ReadonlyMap<string, number> {
  return new Map(couriers.map(({ courierId }, number) => [courierId, number]));
}

function intendedOf(
  orders: readonly WaitingOrder[],
  couriers: readonly CourierLoad[],
  intended: LiveFacts['intended'],
) {
  const numbers = numbersOf(couriers);
  const named = orders.map(({ orderId }) => intended(orderId));
  return {
    courier: Int32Array.from(named, (it) => numbers.get(it?.courierId ?? '') ?? NOBODY),
    rank: Int32Array.from(named, (it) => it?.rank ?? 0),
    head: Uint8Array.from(named, (it) => it?.head ?? 1),
  };
}
