import { forbiddenPairs } from '../forbidden-pairs.ts';
import { metersBetween, NOBODY, type Intention, type PlanSnapshot } from '../snapshot.ts';
import { travelMinutes, type Stops } from './stops.ts';

/** Orders in one courier's queue at most: with more, the day is lost anyway. */
const ROUTE_MAX = 24;
export const IMPOSSIBLE = 1e9;
/** A foreseen order that the courier cannot take before its shift ends. */
const FORESEEN_LOST_MINUTES = 60;
/**
 * Of several couriers who would be in time, the one is best who waits least at the restaurant, and
 * who is free already: the nearer ones stay free for what comes with less notice.
 */
const WAIT_WEIGHT = 0.02;
const LATER_WEIGHT = 0.02;

/** Where an order may go in a courier's queue. */
interface Place {
  /** From 0. */
  rank: number;
  joins: Joins;
  /** Weighted minutes that it adds to everybody's; IMPOSSIBLE when it may go nowhere. */
  cost: number;
}

/** The best of the places with several couriers. */
export interface Insertion extends Place {
  courier: number;
  /** The same for the best other courier. */
  secondCost: number;
}

const ALONE = 0;
const PREVIOUS = 1;
const NEXT = 2;
type Joins = typeof ALONE | typeof PREVIOUS | typeof NEXT;

/**
 * The couriers' queues, and what they cost: minutes until every order in them is at its door. A queue
 * is cut into trips by `head`: an order whose head is 0 is picked up together with the one before it.
 * Foreseen orders stand behind all real ones and alone.
 */
export class Routes {
  readonly stops: Stops;
  readonly couriers: number;
  /** Per courier, weighted minutes. */
  readonly cost: Float64Array;
  /** Per order the courier, or NOBODY. */
  readonly where: Int32Array;
  readonly #snapshot: PlanSnapshot;
  readonly #travel: (dx: number, dy: number) => number;
  readonly #startAt: Float64Array;
  readonly #queues: Int32Array;
  readonly #lengths: Int32Array;
  readonly #head: Uint8Array;
  readonly #forbidden: Uint8Array | null;
  // The queue that is being looked at.
  readonly #order = new Int32Array(ROUTE_MAX + 1);
  readonly #heads = new Uint8Array(ROUTE_MAX + 1);
  readonly #pickupAt = new Float64Array(ROUTE_MAX + 1);
  #now = 0;
  #x = 0;
  #y = 0;
  #waited = 0;
  readonly #own: Place = { rank: 0, joins: ALONE, cost: IMPOSSIBLE };
  readonly #found: Insertion = {
    courier: NOBODY,
    rank: 0,
    joins: ALONE,
    cost: IMPOSSIBLE,
    secondCost: IMPOSSIBLE,
  };

  constructor(snapshot: PlanSnapshot, stops: Stops) {
    const { couriers, nowMinute } = snapshot;
    const count = couriers.x.length;
    this.#snapshot = snapshot;
    this.stops = stops;
    this.couriers = count;
    this.#travel = travelMinutes(snapshot.terms);
    this.cost = new Float64Array(count);
    this.where = new Int32Array(stops.count).fill(NOBODY);
    this.#startAt = Float64Array.from(couriers.freeAt, (freeAt) => Math.max(freeAt, nowMinute));
    this.#queues = new Int32Array(count * ROUTE_MAX);
    this.#lengths = new Int32Array(count);
    this.#head = new Uint8Array(stops.count).fill(1);
    this.#forbidden = forbiddenPairs(snapshot);
  }

  lengthOf(courier: number): number {
    return this.#lengths[courier] as number;
  }

  orderAt(courier: number, rank: number): number {
    return this.#queues[courier * ROUTE_MAX + rank] as number;
  }

  isHead(order: number): boolean {
    return this.#head[order] === 1;
  }

  get metersPerMinute(): number {
    return this.#snapshot.terms.metersPerMinute;
  }

  /** Along the axes. */
  metersBetweenRestaurants(a: number, b: number): number {
    const { x, y } = this.#snapshot.restaurants;
    return (
      Math.abs((x[a] as number) - (x[b] as number)) + Math.abs((y[a] as number) - (y[b] as number))
    );
  }

  /** When the courier could be at the restaurant if it went there next. */
  arrivalAt(courier: number, restaurant: number): number {
    const { couriers, restaurants } = this.#snapshot;
    const dx = (couriers.x[courier] as number) - (restaurants.x[restaurant] as number);
    const dy = (couriers.y[courier] as number) - (restaurants.y[restaurant] as number);
    const way = this.#travel(dx, dy) * (couriers.pace[courier] as number);
    return (this.#startAt[courier] as number) + way;
  }

  /** Puts the queues back as they were meant, as far as the couriers still can. */
  take(intended: Intention): void {
    const planned = Array.from({ length: this.stops.real }, (_, order) => order)
      .filter((order) => (intended.courier[order] as number) !== NOBODY)
      .toSorted((a, b) => (intended.rank[a] as number) - (intended.rank[b] as number));
    for (const order of planned) {
      const courier = intended.courier[order] as number;
      const length = this.lengthOf(courier);
      if (length === ROUTE_MAX) continue;
      // What came before it may have gone meanwhile.
      const before = length === 0 ? NOBODY : this.orderAt(courier, length - 1);
      const joins = before !== NOBODY && this.#mayJoin(before, order) && intended.head[order] === 0;
      this.#head[order] = joins ? 0 : 1;
      this.#queues[courier * ROUTE_MAX + length] = order;
      this.#lengths[courier] = length + 1;
      this.where[order] = courier;
    }
    for (let courier = 0; courier < this.couriers; courier++) {
      if (this.#recost(courier) >= IMPOSSIBLE) this.clear(courier);
    }
  }

  clear(courier: number): void {
    for (let i = 0; i < this.lengthOf(courier); i++) this.where[this.orderAt(courier, i)] = NOBODY;
    this.#lengths[courier] = 0;
    this.cost[courier] = 0;
  }

  /** The cheapest place for the order with these couriers. The object is used again by the next call. */
  cheapest(order: number, couriers: Iterable<number>): Readonly<Insertion> {
    const found = this.#found;
    found.courier = NOBODY;
    found.cost = IMPOSSIBLE;
    found.secondCost = IMPOSSIBLE;
    for (const courier of couriers) this.#tryCourier(order, courier);
    return found;
  }

  insert(order: number, { courier, rank, joins }: Insertion): void {
    const base = courier * ROUTE_MAX;
    const length = this.lengthOf(courier);
    this.#queues.copyWithin(base + rank + 1, base + rank, base + length);
    if (joins === NEXT) this.#head[this.#queues[base + rank + 1] as number] = 0;
    this.#queues[base + rank] = order;
    this.#head[order] = joins === PREVIOUS ? 0 : 1;
    this.#lengths[courier] = length + 1;
    this.where[order] = courier;
    this.#recost(courier);
  }

  remove(order: number): void {
    const courier = this.where[order] as number;
    const base = courier * ROUTE_MAX;
    const length = this.lengthOf(courier);
    const at = this.#queues.indexOf(order, base);
    const next = at + 1 < base + length ? (this.#queues[at + 1] as number) : NOBODY;
    if (next !== NOBODY && this.#head[order] === 1) this.#head[next] = 1;
    this.#queues.copyWithin(at, at + 1, base + length);
    this.#lengths[courier] = length - 1;
    this.where[order] = NOBODY;
    this.#recost(courier);
  }

  /** What one courier's queue would cost another; IMPOSSIBLE when it cannot carry it. */
  costFor(courier: number, queueOf: number): number {
    const length = this.lengthOf(queueOf);
    for (let i = 0; i < length; i++)
      if (this.#isForbidden(this.orderAt(queueOf, i), courier)) return IMPOSSIBLE;
    this.#look(queueOf);
    return this.#evaluate(courier, length);
  }

  /** A queue as a value, to put it back or elsewhere. */
  copyOf(courier: number): Queue {
    const base = courier * ROUTE_MAX;
    const orders = this.#queues.slice(base, base + this.lengthOf(courier));
    return { orders, heads: Uint8Array.from(orders, (order) => this.#head[order] as number) };
  }

  put(courier: number, { orders, heads }: Queue): void {
    this.#queues.set(orders, courier * ROUTE_MAX);
    this.#lengths[courier] = orders.length;
    for (let i = 0; i < orders.length; i++) {
      const order = orders[i] as number;
      this.#head[order] = heads[i] as number;
      this.where[order] = courier;
    }
    this.#recost(courier);
  }

  /**
   * When each order of a courier's queue would be picked up and dropped off.
   * @param visit is called for each order, in their sequence, with minutes
   */
  follow(
    courier: number,
    visit: (order: number, pickupAt: number, dropoffAt: number) => void,
  ): void {
    const length = this.lengthOf(courier);
    this.#look(courier);
    this.#evaluate(courier, length, visit);
  }

  #look(courier: number): void {
    const base = courier * ROUTE_MAX;
    for (let i = 0; i < this.lengthOf(courier); i++) {
      const order = this.#queues[base + i] as number;
      this.#order[i] = order;
      this.#heads[i] = this.#head[order] as number;
    }
  }

  #recost(courier: number): number {
    this.#look(courier);
    const cost = this.#evaluate(courier, this.lengthOf(courier));
    this.cost[courier] = cost;
    return cost;
  }

  #mayJoin(a: number, b: number): boolean {
    const { restaurant, real } = this.stops;
    if (a >= real || b >= real) return false;
    const from = restaurant[a] as number;
    const to = restaurant[b] as number;
    return from === to || this.#isNear(from, to);
  }

  /** Whether orders of both restaurants may go together. */
  #isNear(from: number, to: number): boolean {
    const { restaurants, terms } = this.#snapshot;
    if (terms.bundleMeters === 0) return false;
    return metersBetween(restaurants, from, to) <= terms.bundleMeters;
  }

  #isForbidden(order: number, courier: number): boolean {
    if (this.#forbidden === null || order >= this.stops.real) return false;
    return this.#forbidden[order * this.couriers + courier] === 1;
  }

  #tryCourier(order: number, courier: number): void {
    const length = this.lengthOf(courier);
    if (length >= ROUTE_MAX || this.#isForbidden(order, courier)) return;
    const base = courier * ROUTE_MAX;
    const found = this.#own;
    found.cost = IMPOSSIBLE;
    // The queue with a gap, which moves from the front to the end.
    for (let i = 0; i < length; i++) this.#show(i + 1, this.#queues[base + i] as number);
    for (let rank = 0; rank <= length; rank++) {
      if (rank > 0) this.#show(rank - 1, this.#queues[base + rank - 1] as number);
      this.#order[rank] = order;
      this.#tryRank(order, courier, rank);
    }
    this.#keep(courier, found);
  }

  #show(at: number, order: number): void {
    this.#order[at] = order;
    this.#heads[at] = this.#head[order] as number;
  }

  /** The ways in which the order may stand at this place of the queue that is being looked at. */
  #tryRank(order: number, courier: number, rank: number): void {
    const length = this.lengthOf(courier);
    const { real } = this.stops;
    const previous = rank === 0 ? NOBODY : (this.#order[rank - 1] as number);
    const next = rank === length ? NOBODY : (this.#order[rank + 1] as number);
    // Foreseen orders behind the real ones: what may come must not hold up what has come.
    if (order < real ? previous >= real : next !== NOBODY && next < real) return;
    const isBetweenTrips = next === NOBODY || this.#heads[rank + 1] === 1;
    if (isBetweenTrips) {
      this.#heads[rank] = 1;
      this.#weigh(courier, rank, ALONE);
    }
    if (previous !== NOBODY && this.#mayJoin(previous, order)) {
      this.#heads[rank] = 0;
      this.#weigh(courier, rank, PREVIOUS);
    }
    if (next !== NOBODY && isBetweenTrips && this.#mayJoin(next, order)) {
      this.#heads[rank] = 1;
      this.#heads[rank + 1] = 0;
      this.#weigh(courier, rank, NEXT);
      this.#heads[rank + 1] = 1;
    }
  }

  #weigh(courier: number, rank: number, joins: Joins): void {
    const length = this.lengthOf(courier) + 1;
    const cost = this.#evaluate(courier, length) - (this.cost[courier] as number);
    if (cost >= this.#own.cost) return;
    this.#own.cost = cost;
    this.#own.rank = rank;
    this.#own.joins = joins;
  }

  #keep(courier: number, { cost, rank, joins }: Place): void {
    const found = this.#found;
    if (cost < found.cost) {
      found.secondCost = found.cost;
      found.courier = courier;
      found.cost = cost;
      found.rank = rank;
      found.joins = joins;
    } else if (cost < found.secondCost) found.secondCost = cost;
  }

  /**
   * Drives through the first `length` orders that are being looked at.
   * @returns weighted minutes; IMPOSSIBLE when a real order would be picked up after the shift, or a
   *   trip is larger than what the courier carries
   */
  #evaluate(
    courier: number,
    length: number,
    visit?: (order: number, pickupAt: number, dropoffAt: number) => void,
  ): number {
    if (length === 0) return 0;
    const { stops } = this;
    const { couriers, terms, nowMinute } = this.#snapshot;
    const { halfDropoffMinutes } = terms;
    const travel = this.#travel;
    const pace = couriers.pace[courier] as number;
    const capacity = couriers.capacity[courier] as number;
    let now = this.#startAt[courier] as number;
    let x = couriers.x[courier] as number;
    let y = couriers.y[courier] as number;
    let cost = LATER_WEIGHT * (now - nowMinute);
    let at = 0;
    while (at < length) {
      const first = this.#order[at] as number;
      let end = at + 1;
      while (end < length && this.#heads[end] === 0) end++;
      if (end - at > capacity) return IMPOSSIBLE;
      const weight = stops.weight[first] as number;
      const isReal = first < stops.real;
      // Nobody sets out for an order that was not placed yet.
      if (!isReal && now < (stops.knownAt[first] as number)) now = stops.knownAt[first] as number;
      this.#now = now;
      this.#x = x;
      this.#y = y;
      if (!this.#pickUp(courier, at, end)) {
        if (isReal) return IMPOSSIBLE;
        return cost + weight * FORESEEN_LOST_MINUTES * (length - at);
      }
      now = this.#now;
      x = this.#x;
      y = this.#y;
      cost += (couriers.handicap[courier] as number) + WAIT_WEIGHT * this.#waited;
      for (let i = at; i < end; i++) {
        const order = this.#order[i] as number;
        const doorX = stops.x[order] as number;
        const doorY = stops.y[order] as number;
        const way = travel(x - doorX, y - doorY);
        now += way * pace + halfDropoffMinutes;
        cost += weight * (now - (stops.knownAt[order] as number));
        visit?.(order, this.#pickupAt[i] as number, now);
        now += halfDropoffMinutes;
        x = doorX;
        y = doorY;
      }
      at = end;
    }
    return cost;
  }

  /**
   * Goes to the restaurants of a trip, orders `at` up to `end`: one visit picks up what is of one
   * restaurant; there are several only where the terms allow it. Afterwards `#now` is when the courier
   * leaves the last one.
   * @returns false when the shift would be over before a pickup
   */
  #pickUp(courier: number, at: number, end: number): boolean {
    const { stops } = this;
    const { couriers, restaurants, terms } = this.#snapshot;
    const { halfPickupMinutes } = terms;
    const pace = couriers.pace[courier] as number;
    const offAt = couriers.offAt[courier] as number;
    this.#waited = 0;
    for (let i = at, next = at; i < end; i = next) {
      const shop = stops.restaurant[this.#order[i] as number] as number;
      let readyAt = stops.readyAt[this.#order[i] as number] as number;
      for (next = i + 1; next < end; next++) {
        const order = this.#order[next] as number;
        if (stops.restaurant[order] !== shop) break;
        const other = stops.readyAt[order] as number;
        if (other > readyAt) readyAt = other;
      }
      const shopX = restaurants.x[shop] as number;
      const shopY = restaurants.y[shop] as number;
      const way = this.#travel(this.#x - shopX, this.#y - shopY) * pace;
      const hereAt = this.#now + way + halfPickupMinutes;
      const pickupAt = hereAt > readyAt ? hereAt : readyAt;
      if (pickupAt > offAt) return false;
      for (let order = i; order < next; order++) this.#pickupAt[order] = pickupAt;
      this.#waited += pickupAt - hereAt;
      this.#now = pickupAt + halfPickupMinutes;
      this.#x = shopX;
      this.#y = shopY;
    }
    return true;
  }
}

export interface Queue {
  readonly orders: Int32Array;
  readonly heads: Uint8Array;
}
