import { etaSeconds } from '../geo/index.ts';
import type { Actor, OrderState, OrderSummary } from '../protocol/index.ts';
import type { Clock, Metrics, TimeScale } from '../runtime/index.ts';
import type { LiveCities } from './ports.ts';
import { Broadcast, type Outlet } from './socket/outlet.ts';
import { topicKey, type Topics } from './socket/topics.ts';

/** The order has left the courier's hands, or never comes into them. */
const OVER: ReadonlySet<OrderState> = new Set(['DELIVERED', 'COMPLETED', 'CANCELLED']);

/**
 * Who watches whom: which orders each courier carries, and with it, whose map moves when a fix
 * comes. Follows the events of orders; the database is read once, at the start.
 */
export class Tracking {
  readonly #deps: TrackingDeps;
  /** By courier, then by order. */
  readonly #carried = new Map<string, Map<string, OrderSummary>>();
  readonly #courierOf = new Map<string, string>();
  readonly #updates: ReturnType<Metrics['counter']>;
  readonly #seconds: ReturnType<Metrics['latency']>;

  constructor(deps: TrackingDeps) {
    this.#deps = deps;
    this.#updates = deps.metrics.counter(
      'hexfleet_location_updates_total',
      'Positions for watchers: sent, or put aside for a slow reader',
      ['outcome'],
    );
    this.#seconds = deps.metrics.latency(
      'hexfleet_fix_to_watcher_seconds',
      'From the arrival of a fix to the watchers of its order, inside this process',
      [],
    );
    deps.metrics.gauge(
      'hexfleet_orders_carried',
      'Orders bound to a courier',
      () => this.#courierOf.size,
    );
  }

  /** The order as it stands now, from an event or from the database. */
  orderChanged(order: OrderSummary): void {
    const key = order.courierId === null ? null : `${order.cityId}/${order.courierId}`;
    const before = this.#courierOf.get(order.orderId);
    if (before !== undefined && before !== key) this.#drop(before, order.orderId);
    if (key === null) return;
    if (OVER.has(order.state)) return this.#drop(key, order.orderId);
    this.#courierOf.set(order.orderId, key);
    const orders = this.#carried.get(key);
    if (orders === undefined) this.#carried.set(key, new Map([[order.orderId, order]]));
    else orders.set(order.orderId, order);
  }

  /** Tells the watchers of everything that this courier carries where it is now. */
  courierMoved(courier: Actor, receivedAtMs: number): void {
    const orders = this.#carried.get(`${courier.cityId}/${courier.subject}`);
    if (orders === undefined) return;
    for (const order of orders.values()) {
      const topic = topicKey(order.cityId, { kind: 'order', id: order.orderId });
      const watchers = this.#deps.topics.listeners(topic);
      if (watchers.size === 0) continue;
      const update = this.#updateFor(order, courier.subject);
      if (update === null) continue;
      for (const watcher of watchers) this.#send(watcher.outlet, order.orderId, update);
      this.#seconds.observe((this.#deps.clock.monotonicMs() - receivedAtMs) / 1000);
    }
  }

  /** For one who begins to watch: where the courier was last. */
  showTo(outlet: Outlet, orderId: string): void {
    const key = this.#courierOf.get(orderId);
    const order = key === undefined ? undefined : this.#carried.get(key)?.get(orderId);
    if (order?.courierId === undefined || order.courierId === null) return;
    const update = this.#updateFor(order, order.courierId);
    if (update !== null) this.#send(outlet, orderId, update);
  }

  #send(outlet: Outlet, orderId: string, update: Broadcast): void {
    const sent = outlet.sendState(orderId, update);
    this.#updates.inc({ outcome: sent ? 'sent' : 'conflated' });
  }

  #updateFor(order: OrderSummary, courierId: string): Broadcast | null {
    const { cities, clock, timeScale } = this.#deps;
    const city = cities.city(order.cityId);
    const position = city?.index.positionOf(courierId) ?? null;
    if (city === null || position === null) return null;
    const readyInMs = (order.readyAtMs ?? 0) - clock.nowMs();
    const eta = etaSeconds(city.travel, position, {
      pickup: order.pickup,
      dropoff: order.dropoff.place,
      pickedUp: order.state === 'PICKED_UP' || order.state === 'OUT_FOR_DELIVERY',
      readyInSeconds: timeScale.citySeconds(readyInMs),
    });
    const { orderId } = order;
    const etaRounded = Math.round(eta);
    return new Broadcast({
      type: 'location_update',
      orderId,
      courierId,
      ...position,
      etaSeconds: etaRounded,
    });
  }

  #drop(courierKey: string, orderId: string): void {
    this.#courierOf.delete(orderId);
    const orders = this.#carried.get(courierKey);
    orders?.delete(orderId);
    if (orders?.size === 0) this.#carried.delete(courierKey);
  }
}

export interface TrackingDeps {
  readonly topics: Topics;
  readonly cities: LiveCities;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
}
