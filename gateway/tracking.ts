import type { Actor, OrderState, OrderSummary, Vehicle } from '../protocol/index.ts';
import type { Clock, Metrics, TimeScale } from '../runtime/index.ts';
import { Estimates, newCarrier, type Carrier, type Estimate } from './estimates.ts';
import type { LiveCities } from './ports.ts';
import { Broadcast, type Outlet } from './socket/outlet.ts';
import { topicKey, type Topics } from './socket/topics.ts';

/** City seconds by which an estimate must differ from what was told to be told again. */
const TELL_SECONDS = 30;

/** Who has to hear of an order's times. */
interface EstimatedOrder {
  readonly cityId: string;
  readonly orderId: string;
  readonly restaurantId: string;
}

/** The order has left the courier's hands, or never comes into them. */
const OVER: ReadonlySet<OrderState> = new Set(['DELIVERED', 'COMPLETED', 'CANCELLED']);

/**
 * Who watches whom: which orders each courier carries, and with it, whose map moves when a fix
 * comes. Follows the events of orders; the database is read once, at the start.
 */
export class Tracking {
  readonly #deps: TrackingDeps;
  readonly #estimates: Estimates;
  /** By order, what its watchers were told last. */
  readonly #told = new Map<string, Estimate>();
  /** By courier. */
  readonly #carriers = new Map<string, Carrier>();
  /** Of every courier that has come since the start. */
  readonly #vehicles = new Map<string, Vehicle>();
  readonly #courierOf = new Map<string, string>();
  readonly #updates: ReturnType<Metrics['counter']>;
  readonly #seconds: ReturnType<Metrics['latency']>;

  constructor(deps: TrackingDeps) {
    this.#deps = deps;
    this.#estimates = new Estimates(deps);
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
    if (OVER.has(order.state)) {
      this.#forgetEstimate(order.orderId);
      if (key !== null) this.#drop(key, order.orderId);
      return;
    }
    if (key === null) return;
    this.#courierOf.set(order.orderId, key);
    const carrier = this.#carriers.get(key) ?? newCarrier();
    this.#carriers.set(key, carrier);
    carrier.vehicle = this.#vehicles.get(key) ?? null;
    carrier.orders.set(order.orderId, order);
    // The next fix tells what has changed by it.
    carrier.estimatedAtMs = -Infinity;
  }

  /** A courier's app has come; its vehicle says how fast its ways are. */
  courierCame({ cityId, subject }: Actor, vehicle: Vehicle): void {
    const key = `${cityId}/${subject}`;
    this.#vehicles.set(key, vehicle);
    const carrier = this.#carriers.get(key);
    if (carrier !== undefined) carrier.vehicle = vehicle;
  }

  /** When an order that nobody carries yet is meant to be where. */
  planned({ pickupAtMs, dropoffAtMs, ...order }: EstimatedOrder & PlannedTimes): void {
    if (this.#courierOf.has(order.orderId)) return;
    this.#estimates.set(order.orderId, { pickupAtMs, dropoffAtMs, by: 'plan' });
    this.#tellEstimate(order);
  }

  /** Tells the watchers of everything that this courier carries where it is now. */
  courierMoved(courier: Actor, receivedAtMs: number): void {
    const carrier = this.#carriers.get(`${courier.cityId}/${courier.subject}`);
    if (carrier === undefined) return;
    this.#estimate(carrier, courier);
    for (const order of carrier.orders.values()) {
      const topic = topicKey(order.cityId, { kind: 'order', id: order.orderId });
      const watchers = this.#deps.topics.listeners(topic);
      if (watchers.size === 0) continue;
      const update = this.#updateFor(order, courier.subject);
      if (update === null) continue;
      for (const watcher of watchers) this.#send(watcher.outlet, order.orderId, update);
      this.#seconds.observe((this.#deps.clock.monotonicMs() - receivedAtMs) / 1000);
    }
  }

  /** For one who begins to watch: what is estimated, and where the courier was last. */
  showTo(outlet: Outlet, orderId: string): void {
    const estimate = this.#estimates.of(orderId);
    if (estimate !== null) this.#sendEstimate(outlet, orderId, estimateMessage(orderId, estimate));
    const key = this.#courierOf.get(orderId);
    const order = key === undefined ? undefined : this.#carriers.get(key)?.orders.get(orderId);
    if (order?.courierId === undefined || order.courierId === null) return;
    const update = this.#updateFor(order, order.courierId);
    if (update !== null) this.#send(outlet, orderId, update);
  }

  #send(outlet: Outlet, orderId: string, update: Broadcast): void {
    const sent = outlet.sendState(orderId, update);
    this.#updates.inc({ outcome: sent ? 'sent' : 'conflated' });
  }

  #estimate(carrier: Carrier, { cityId, subject }: Actor): void {
    const city = this.#deps.cities.city(cityId);
    const position = city?.index.positionOf(subject) ?? null;
    if (city === null || position === null) return;
    if (!this.#estimates.follow(carrier, city, position)) return;
    for (const order of carrier.orders.values()) this.#tellEstimate(order);
  }

  /** To whom the order matters, unless it differs little from what they know. */
  #tellEstimate({ cityId, orderId, restaurantId }: EstimatedOrder): void {
    const estimate = this.#estimates.of(orderId);
    if (estimate === null || !this.#isNews(orderId, estimate)) return;
    this.#told.set(orderId, estimate);
    const message = estimateMessage(orderId, estimate);
    for (const topic of [
      { kind: 'order', id: orderId },
      { kind: 'restaurant', id: restaurantId },
    ] as const) {
      for (const { outlet } of this.#deps.topics.listeners(topicKey(cityId, topic))) {
        this.#sendEstimate(outlet, orderId, message);
      }
    }
  }

  #isNews(orderId: string, estimate: Estimate): boolean {
    const told = this.#told.get(orderId);
    if (told === undefined || told.by !== estimate.by) return true;
    const apart = (a: number | null, b: number | null): number =>
      a === null || b === null ? (a === b ? 0 : Infinity) : Math.abs(a - b);
    const apartMs = Math.max(
      apart(told.pickupAtMs, estimate.pickupAtMs),
      apart(told.dropoffAtMs, estimate.dropoffAtMs),
    );
    return this.#deps.timeScale.citySeconds(apartMs) >= TELL_SECONDS;
  }

  #sendEstimate(outlet: Outlet, orderId: string, message: Broadcast): void {
    outlet.sendState(`${orderId}/eta`, message);
  }

  #forgetEstimate(orderId: string): void {
    this.#estimates.forget(orderId);
    this.#told.delete(orderId);
  }

  #updateFor({ orderId, cityId }: OrderSummary, courierId: string): Broadcast | null {
    const { cities, clock, timeScale } = this.#deps;
    const position = cities.city(cityId)?.index.positionOf(courierId) ?? null;
    if (position === null) return null;
    const { dropoffAtMs } = this.#estimates.of(orderId) ?? {};
    const etaSeconds =
      dropoffAtMs === undefined
        ? null
        : Math.max(0, Math.round(timeScale.citySeconds(dropoffAtMs - clock.nowMs())));
    return new Broadcast({ type: 'location_update', orderId, courierId, ...position, etaSeconds });
  }

  #drop(courierKey: string, orderId: string): void {
    this.#courierOf.delete(orderId);
    const carrier = this.#carriers.get(courierKey);
    carrier?.orders.delete(orderId);
    if (carrier?.orders.size === 0) this.#carriers.delete(courierKey);
  }
}

interface PlannedTimes {
  readonly pickupAtMs: number;
  readonly dropoffAtMs: number;
}

function estimateMessage(orderId: string, estimate: Estimate): Broadcast {
  const { pickupAtMs, dropoffAtMs, by } = estimate;
  return new Broadcast({
    type: 'eta_update',
    orderId,
    pickupAtMs: pickupAtMs === null ? null : Math.round(pickupAtMs),
    dropoffAtMs: Math.round(dropoffAtMs),
    by,
  });
}

export interface TrackingDeps {
  readonly topics: Topics;
  readonly cities: LiveCities;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly metrics: Metrics;
}
