import { etaSeconds } from '../geo/index.ts';
import type { Actor, OrderState, OrderSummary, Position } from '../protocol/index.ts';
import type { Clock, Metrics, TimeScale } from '../runtime/index.ts';
import { CarriedOrder } from './carried-order.ts';
import type { LiveCities } from './ports.ts';
import type { Outlet } from './socket/outlet.ts';
import type { Topics } from './socket/topics.ts';

/** The order has left the courier's hands, or never comes into them. */
const OVER: ReadonlySet<OrderState> = new Set(['DELIVERED', 'COMPLETED', 'CANCELLED']);
/** City seconds for which an estimate of the arrival is good. */
const ETA_GOOD_SECONDS = 3;

/** What a courier carries, looked up once by who streams its fixes. */
export interface Trail {
  readonly key: string;
  readonly orders: CarriedOrder[];
  /** Streams that have it; with none and no orders it is forgotten. */
  followers: number;
}

/**
 * Who watches whom: which orders each courier carries, and with it, whose map moves when a fix
 * comes. Follows the events of orders; the database is read once, at the start.
 */
export class Tracking {
  readonly #deps: TrackingDeps;
  readonly #etaGoodMs: number;
  /** By courier. */
  readonly #trails = new Map<string, Trail>();
  readonly #carried = new Map<string, CarriedOrder>();
  /** Orders whose watchers have not been told of the newest fix; each once. */
  readonly #moved: CarriedOrder[] = [];
  readonly #updates = { sent: 0, conflated: 0 };
  readonly #seconds: ReturnType<Metrics['latency']>;

  constructor(deps: TrackingDeps) {
    this.#deps = deps;
    this.#etaGoodMs = deps.timeScale.wallMs(ETA_GOOD_SECONDS);
    deps.metrics.tally(
      'hexfleet_location_updates_total',
      'Positions for watchers: sent, or put aside for a slow reader',
      { label: 'outcome', by: this.#updates },
    );
    this.#seconds = deps.metrics.latency(
      'hexfleet_fix_to_watcher_seconds',
      'From the arrival of a fix to the watchers of its order, inside this process',
      [],
    );
    deps.metrics.gauge(
      'hexfleet_orders_carried',
      'Orders bound to a courier',
      () => this.#carried.size,
    );
  }

  /** The order as it stands now, from an event or from the database. */
  orderChanged(order: OrderSummary): void {
    const { orderId, courierId } = order;
    const known = this.#carried.get(orderId);
    if (known?.courierId === courierId && !OVER.has(order.state)) return known.changed(order);
    if (known !== undefined) this.#drop(known);
    if (courierId === null || OVER.has(order.state)) return;
    const carried = new CarriedOrder(order, courierId);
    this.#carried.set(orderId, carried);
    this.#trailOf(order.cityId, courierId).orders.push(carried);
  }

  /** For a stream of the courier's fixes; to be given back with `unfollow`. */
  follow(courier: Actor): Trail {
    const trail = this.#trailOf(courier.cityId, courier.subject);
    trail.followers += 1;
    return trail;
  }

  unfollow(trail: Trail): void {
    trail.followers -= 1;
    this.#forgetUnused(trail);
  }

  /**
   * Tells the watchers of everything that this courier carries where it is now, when the sockets have
   * been read. While one is read it has the library's send buffer, and what is sent to others goes
   * through the heap, message by message; and of fixes that were read together the newest is enough.
   * @param receivedAtMs monotonic
   * @hot bench: fanout
   */
  courierMoved(trail: Trail, position: Position, receivedAtMs: number): void {
    const { topics } = this.#deps;
    for (const carried of trail.orders) {
      if (topics.listeners(carried.topicKey).size === 0) continue;
      this.#update(carried, position, receivedAtMs);
      if (carried.isWaiting) continue;
      carried.waitsSince(receivedAtMs);
      this.#moved.push(carried);
      if (this.#moved.length === 1) setImmediate(this.#tellWatchers);
    }
  }

  /** One function for all times: a new one for each read would be garbage. */
  readonly #tellWatchers = (): void => {
    const { topics, clock } = this.#deps;
    for (const carried of this.#moved) {
      const waitedSinceMs = carried.told();
      // It may have been delivered meanwhile, or given to somebody else.
      if (this.#carried.get(carried.orderId) !== carried) continue;
      for (const watcher of topics.listeners(carried.topicKey)) this.#send(watcher.outlet, carried);
      this.#seconds.observe((clock.monotonicMs() - waitedSinceMs) / 1000);
    }
    this.#moved.length = 0;
  };

  /** For one who begins to watch: where the courier was last. */
  showTo(outlet: Outlet, orderId: string): void {
    const carried = this.#carried.get(orderId);
    if (carried === undefined) return;
    const { cities, clock } = this.#deps;
    const position = cities.city(carried.cityId)?.index.positionOf(carried.courierId) ?? null;
    if (position === null) return;
    this.#update(carried, position, clock.monotonicMs());
    this.#send(outlet, carried);
  }

  #send(outlet: Outlet, carried: CarriedOrder): void {
    if (outlet.sendState(carried.orderId, carried)) this.#updates.sent += 1;
    else this.#updates.conflated += 1;
  }

  #update(carried: CarriedOrder, position: Position, nowMs: number): void {
    if (carried.etaAgeMs(nowMs) > this.#etaGoodMs) {
      carried.estimated(this.#etaSeconds(carried.order, position), nowMs);
    }
    carried.moveTo(position);
  }

  /** City seconds until the order is at the door; null in a city that is not there. */
  #etaSeconds(order: OrderSummary, position: Position): number | null {
    const { cities, clock, timeScale } = this.#deps;
    const city = cities.city(order.cityId);
    if (city === null) return null;
    return etaSeconds(city.travel, position, {
      pickup: order.pickup,
      dropoff: order.dropoff.place,
      pickedUp: order.state === 'PICKED_UP' || order.state === 'OUT_FOR_DELIVERY',
      readyInSeconds: timeScale.citySeconds((order.readyAtMs ?? 0) - clock.nowMs()),
    });
  }

  #trailOf(cityId: string, courierId: string): Trail {
    const key = `${cityId}/${courierId}`;
    const known = this.#trails.get(key);
    if (known !== undefined) return known;
    const trail: Trail = { key, orders: [], followers: 0 };
    this.#trails.set(key, trail);
    return trail;
  }

  #drop(carried: CarriedOrder): void {
    this.#carried.delete(carried.orderId);
    const trail = this.#trailOf(carried.cityId, carried.courierId);
    const at = trail.orders.indexOf(carried);
    if (at >= 0) trail.orders.splice(at, 1);
    this.#forgetUnused(trail);
  }

  #forgetUnused(trail: Trail): void {
    if (trail.followers === 0 && trail.orders.length === 0) this.#trails.delete(trail.key);
  }
}

export interface TrackingDeps {
  readonly topics: Topics;
  readonly cities: LiveCities;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
}
