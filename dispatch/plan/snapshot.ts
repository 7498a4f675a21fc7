import { assert } from '../../runtime/index.ts';

/**
 * Everything that one planning epoch knows of a city, as flat arrays: cheap to send to a thread, and
 * the same for a live engine, a simulation and a benchmark. Places are metres on a plane, times are
 * minutes on any one clock. Orders are numbered 0 to n-1, couriers 0 to m-1, restaurants 0 to r-1.
 */
export interface PlanSnapshot {
  readonly nowMinute: number;
  readonly terms: PlanTerms;
  /** Length r. */
  readonly restaurants: Points;
  readonly orders: PlanOrders;
  readonly couriers: PlanCouriers;
  /** What the epoch before this one meant to do with these orders; null: nothing is known. */
  readonly intended: Intention | null;
  /** Orders of the day so far, by which `optimal` foresees others. */
  readonly past: PastOrders;
  /** The same seed and snapshot give the same plan. */
  readonly seed: number;
}

export interface Points {
  readonly x: Float64Array<ArrayBuffer>;
  readonly y: Float64Array<ArrayBuffer>;
}

export interface PlanTerms {
  /** Of a courier whose `pace` is 1, along a straight line. */
  readonly metersPerMinute: number;
  /** Ways take whole minutes, rounded up. */
  readonly wholeMinutes: boolean;
  /** At the restaurant, before the pickup and again after it. */
  readonly halfPickupMinutes: number;
  /** At the door, before the drop-off and again after it. */
  readonly halfDropoffMinutes: number;
  /** A trip is given out so long before it must begin: couriers answer, and epochs lie apart. */
  readonly leadMinutes: number;
  /** Restaurants so near each other may give their orders to one trip; 0: only orders of the same. */
  readonly bundleMeters: number;
  /** Improvements that `optimal` tries in an epoch: iterations and not time, so a seed repeats a day. */
  readonly iterations: number;
}

/** Orders that nobody was told to carry. Each array has length n. */
export interface PlanOrders extends Points {
  /** Number of the restaurant. */
  readonly restaurant: Int32Array<ArrayBuffer>;
  readonly placedAt: Float64Array<ArrayBuffer>;
  readonly readyAt: Float64Array<ArrayBuffer>;
  /** Couriers that must not be asked: those of order i are refusals[starts[i]] up to starts[i + 1]. */
  readonly refusalStarts: Uint32Array<ArrayBuffer>;
  readonly refusals: Uint32Array<ArrayBuffer>;
}

/** Each array has length m. The place is where the courier is free. */
export interface PlanCouriers extends Points {
  /** In the future: busy until then, or not yet at work. */
  readonly freeAt: Float64Array<ArrayBuffer>;
  /** No pickup after this. */
  readonly offAt: Float64Array<ArrayBuffer>;
  /** Orders that it may carry together, at least 1. */
  readonly capacity: Int32Array<ArrayBuffer>;
  /** No restaurant farther from where it is free, along a straight line; Infinity: no bound. */
  readonly reachMeters: Float64Array<ArrayBuffer>;
  /** No door farther from its restaurant; Infinity: no bound. */
  readonly tripMeters: Float64Array<ArrayBuffer>;
  /** Its ways take this many times as long as those of the terms. */
  readonly pace: Float64Array<ArrayBuffer>;
  /**
   * Minutes that giving it a trip counts as longer, or shorter, than it is: for ratings, acceptance
   * and fairness.
   */
  readonly handicap: Float64Array<ArrayBuffer>;
  /** `prices` of the plan before; 0 where there is none. They save work and change no cost. */
  readonly price: Float64Array<ArrayBuffer>;
}

export interface PastOrders extends Points {
  readonly restaurant: Int32Array<ArrayBuffer>;
  readonly placedAt: Float64Array<ArrayBuffer>;
  readonly readyAt: Float64Array<ArrayBuffer>;
}

/** The courier's queue in which each order stands. Each array has length n. */
export interface Intention {
  /** Number of the courier, or NOBODY. */
  readonly courier: Int32Array<ArrayBuffer>;
  /** Place in the courier's queue, from 0. */
  readonly rank: Int32Array<ArrayBuffer>;
  /** 1: a trip of its own begins with this order; 0: it goes with the one before it. */
  readonly head: Uint8Array<ArrayBuffer>;
}

export const NOBODY = -1;

/** Along the straight line between two of the points. */
export function metersBetween(points: Points, from: number, to: number): number {
  return meters(points, from, points, to);
}

/** Along the straight line from one of these points to one of those. */
function meters(these: Points, from: number, those: Points, to: number): number {
  const dx = (these.x[from] as number) - (those.x[to] as number);
  return Math.hypot(dx, (these.y[from] as number) - (those.y[to] as number));
}

/** A courier is to pick these up together, and drop them off in this sequence; it begins now. */
export interface PlannedTrip {
  readonly courier: number;
  readonly orders: readonly number[];
}

export interface Plan {
  readonly trips: readonly PlannedTrip[];
  /** For the next epoch: where the orders stand that are in no trip. */
  readonly intended: Intention;
  /** Minutes; NaN for an order that nobody can carry as things are. Length n. */
  readonly pickupAt: Float64Array<ArrayBuffer>;
  readonly dropoffAt: Float64Array<ArrayBuffer>;
  /** Per courier what the assignment would give for one more like it, at most 0; for the next epoch. */
  readonly prices: Float64Array<ArrayBuffer>;
}

/** @throws AssertionFailed when the arrays do not fit together */
export function assertSnapshot(snapshot: PlanSnapshot): void {
  const { orders, couriers, restaurants, past, terms, intended } = snapshot;
  sameLength(restaurants, restaurants.x.length);
  const { refusalStarts, refusals, ...perOrder } = orders;
  sameLength(perOrder, orders.x.length);
  sameLength(couriers, couriers.x.length);
  sameLength(past, past.x.length);
  if (intended !== null) sameLength(intended, orders.x.length);
  assert(terms.metersPerMinute > 0, 'couriers move');
  assert(refusalStarts.length === orders.x.length + 1, 'one start per order, and the end');
  assert(refusalStarts[orders.x.length] === refusals.length, 'starts cover all refusals');
  for (const courier of refusals) assert(courier < couriers.x.length, 'couriers exist');
  for (const list of [orders.restaurant, past.restaurant]) {
    for (const number of list) assert(number < restaurants.x.length, 'restaurants exist');
  }
  for (const capacity of couriers.capacity) assert(capacity >= 1, 'everybody can carry something');
}

function sameLength(lists: object, length: number): void {
  for (const list of Object.values(lists) as { length: number }[]) {
    assert(list.length === length, 'one value each');
  }
}

/**
 * The independent check of a plan, whoever made it.
 * @throws AssertionFailed when an order goes twice, a courier is asked twice, is busy, refused, is too
 *   far away or has too little room, or when a trip has orders of restaurants that the terms do not let go together
 */
export function assertPlan(snapshot: PlanSnapshot, { trips }: Plan): void {
  const { orders, couriers, restaurants, terms, nowMinute } = snapshot;
  const carried = new Set<number>();
  const asked = new Set<number>();
  for (const { courier, orders: own } of trips) {
    assert(!asked.has(courier), 'a courier is asked once per epoch');
    asked.add(courier);
    assert((couriers.freeAt[courier] as number) <= nowMinute, 'only who is free is asked');
    assert(own.length >= 1 && own.length <= (couriers.capacity[courier] as number), 'room for all');
    const shops = own.map((order) => orders.restaurant[order] as number);
    shops.forEach((shop, i) => {
      const apart = metersBetween(restaurants, shop, shops[Math.max(0, i - 1)] as number);
      assert(apart <= terms.bundleMeters, 'one restaurant, or the next is near');
    });
    for (const order of own) {
      assert(!carried.has(order), 'an order goes once');
      carried.add(order);
      const refused = orders.refusals.subarray(
        orders.refusalStarts[order],
        orders.refusalStarts[order + 1],
      );
      assert(!refused.includes(courier), 'nobody is asked who has refused');
      const at = orders.restaurant[order] as number;
      const toShop = meters(couriers, courier, restaurants, at);
      assert(toShop <= (couriers.reachMeters[courier] as number), 'the restaurant is in reach');
      const toDoor = meters(orders, order, restaurants, at);
      assert(toDoor <= (couriers.tripMeters[courier] as number), 'the door is in reach');
    }
  }
}
