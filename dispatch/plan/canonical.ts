import {
  NOBODY,
  type Intention,
  type Plan,
  type PlanCouriers,
  type PlanSnapshot,
  type Points,
} from './snapshot.ts';

/**
 * The same city in one numbering, whatever the caller's was, so that the same facts in another sequence
 * give the same plan: orders by their times and places, couriers and restaurants by theirs. What is
 * equal in everything may change places; nobody can tell.
 */
export interface Canonical {
  readonly snapshot: PlanSnapshot;
  /** The plan of the canonical snapshot, in the caller's numbers. */
  readonly restore: (plan: Plan) => Plan;
}

export function canonical(snapshot: PlanSnapshot): Canonical {
  const { orders, couriers, restaurants, past } = snapshot;
  const shops = sorted(restaurants.x.length, [restaurants.x, restaurants.y]);
  const shopNumber = inverse(shops);
  const crew = sorted(couriers.x.length, [
    couriers.x,
    couriers.y,
    couriers.freeAt,
    couriers.offAt,
    couriers.capacity,
    couriers.reachMeters,
    couriers.tripMeters,
    couriers.pace,
    couriers.handicap,
    couriers.price,
  ]);
  const crewNumber = inverse(crew);
  const renumbered = (list: Int32Array, numbers: Int32Array): Int32Array<ArrayBuffer> =>
    Int32Array.from(list, (number) => (number === NOBODY ? NOBODY : (numbers[number] as number)));
  const restaurant = renumbered(orders.restaurant, shopNumber);
  const sequence = sorted(orders.x.length, [
    orders.placedAt,
    orders.readyAt,
    restaurant,
    orders.x,
    orders.y,
  ]);
  const pastRestaurant = renumbered(past.restaurant, shopNumber);
  const before = sorted(past.x.length, [
    past.placedAt,
    past.readyAt,
    pastRestaurant,
    past.x,
    past.y,
  ]);
  const { intended } = snapshot;
  return {
    snapshot: {
      ...snapshot,
      restaurants: picked(restaurants, shops),
      orders: {
        ...picked(orders, sequence),
        restaurant: pick(restaurant, sequence),
        placedAt: pick(orders.placedAt, sequence),
        readyAt: pick(orders.readyAt, sequence),
        ...refusalsIn(snapshot, sequence, crewNumber),
      },
      couriers: couriersIn(couriers, crew),
      intended:
        intended === null
          ? null
          : {
              courier: pick(renumbered(intended.courier, crewNumber), sequence),
              rank: pick(intended.rank, sequence),
              head: pick(intended.head, sequence),
            },
      past: {
        ...picked(past, before),
        restaurant: pick(pastRestaurant, before),
        placedAt: pick(past.placedAt, before),
        readyAt: pick(past.readyAt, before),
      },
    },
    restore: (plan) => restored(plan, sequence, crew),
  };
}

function couriersIn(couriers: PlanCouriers, crew: Int32Array): PlanCouriers {
  return {
    ...picked(couriers, crew),
    freeAt: pick(couriers.freeAt, crew),
    offAt: pick(couriers.offAt, crew),
    capacity: pick(couriers.capacity, crew),
    reachMeters: pick(couriers.reachMeters, crew),
    tripMeters: pick(couriers.tripMeters, crew),
    pace: pick(couriers.pace, crew),
    handicap: pick(couriers.handicap, crew),
    price: pick(couriers.price, crew),
  };
}

function restored(plan: Plan, sequence: Int32Array, crew: Int32Array): Plan {
  const place = inverse(sequence);
  const { courier, rank, head } = plan.intended;
  const intended: Intention = {
    courier: pick(
      Int32Array.from(courier, (number) => (number === NOBODY ? NOBODY : (crew[number] as number))),
      place,
    ),
    rank: pick(rank, place),
    head: pick(head, place),
  };
  return {
    trips: plan.trips.map((trip) => ({
      courier: crew[trip.courier] as number,
      orders: trip.orders.map((order) => sequence[order] as number),
    })),
    intended,
    pickupAt: pick(plan.pickupAt, place),
    dropoffAt: pick(plan.dropoffAt, place),
    prices: pick(plan.prices, inverse(crew)),
  };
}

function refusalsIn({ orders }: PlanSnapshot, sequence: Int32Array, crewNumber: Int32Array) {
  const refusals: number[] = [];
  const refusalStarts = new Uint32Array(sequence.length + 1);
  sequence.forEach((order, at) => {
    const from = orders.refusalStarts[order] as number;
    const to = orders.refusalStarts[order + 1] as number;
    const own = Array.from(orders.refusals.subarray(from, to), (c) => crewNumber[c] as number);
    refusals.push(...own.toSorted((a, b) => a - b));
    refusalStarts[at + 1] = refusals.length;
  });
  return { refusalStarts, refusals: Uint32Array.from(refusals) };
}

type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The numbers 0 to count-1 in the order of the first key, then the second, and so on. */
function sorted(count: number, keys: readonly Numbers[]): Int32Array<ArrayBuffer> {
  const numbers = Int32Array.from({ length: count }, (_, i) => i);
  return numbers.sort((a, b) => {
    for (const key of keys) {
      const difference = (key[a] as number) - (key[b] as number);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

function inverse(permutation: Int32Array): Int32Array<ArrayBuffer> {
  const back = new Int32Array(permutation.length);
  permutation.forEach((from, to) => (back[from] = to));
  return back;
}

function pick<List extends Numbers>(list: List, numbers: Int32Array): List {
  const chosen = list.slice() as List;
  numbers.forEach((from, to) => (chosen[to] = list[from] as number));
  return chosen;
}

function picked({ x, y }: Points, numbers: Int32Array): Points {
  return { x: pick(x, numbers), y: pick(y, numbers) };
}
