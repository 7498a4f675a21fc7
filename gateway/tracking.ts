import type { Actor, OrderState, OrderSummary, Position, Vehicle } from '../protocol/index.ts';
import type { Clock, Metrics, TimeScale } from '../runtime/index.ts';
import { CarriedOrder } from './carried-order.ts';
import { Estimator, newWay, onlyStopOf, type Way } from './estimates.ts';
import { EtaBoard, type EtaOrder } from './eta-board.ts';
import type { LiveCities } from './ports.ts';
import type { Outlet } from './socket/outlet.ts';
import type { Topics } from './socket/topics.ts';
import { WayBoard } from './way-board.ts';

/** The order has left the courier's hands, or never comes into them. */
const OVER: ReadonlySet<OrderState> = new Set(['DELIVERED', 'COMPLETED', 'CANCELLED']);

/** What a courier carries, looked up once by who streams its fixes. */
export interface Trail {
  readonly key: string;
  readonly cityId: string;
  readonly way: Way;
  readonly orders: CarriedOrder[];
  /** Where the courier must be going is known: all that it carries goes to one place next. */
  hasOneStop: boolean;
  /**
   * Until when the courier works, ms since the Unix epoch: -Infinity off duty, Infinity when it did not
   * say; null while nobody knows.
   */
  worksUntilMs: number | null;
  /** Of the newest fix that was taken, ms since the Unix epoch; 0 before the first. */
  fixAtMs: number;
  /** When it came, or when the courier was first heard of; monotonic, ms. */
  heardAtMs: number;
  /** Streams that have it; with none and no orders it is forgotten. */
  followers: number;
}

/**
 * Who watches whom: which orders each courier carries, and with it, whose map moves when a fix
 * comes. Follows the events of orders; the database is read once, at the start.
 */
export class Tracking {
  readonly #deps: TrackingDeps;
  readonly #estimator: Estimator;
  readonly #etas: EtaBoard;
  readonly #ways: WayBoard;
  /** By courier. */
  readonly #trails = new Map<string, Trail>();
  readonly #carried = new Map<string, CarriedOrder>();
  /** Orders whose watchers have not been told of the newest fix; each once. */
  readonly #moved: CarriedOrder[] = [];
  readonly #updates = { sent: 0, conflated: 0 };
  readonly #seconds: ReturnType<Metrics['latency']>;

  constructor(deps: TrackingDeps) {
    this.#deps = deps;
    this.#estimator = new Estimator(deps);
    this.#etas = new EtaBoard(deps);
    this.#ways = new WayBoard(deps);
    deps.metrics.tally(
      'hexfleet_location_updates_total',
      'Positions for watchers: sent, or put aside for a slow reader',
      { label: 'outcome', by: this.#updates },
    );
    this.#seconds = deps.metrics.latency(
      'hexfleet_fix_to_watcher_seconds',
      'From the arrival of a fix to the watchers of its order, inside this process: of those told together the longest',
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
    const isOver = OVER.has(order.state);
    if (isOver) this.#etas.end(orderId);
    if (known?.courierId === courierId && !isOver) return this.#changed(known, order);
    if (known !== undefined) this.#drop(known);
    if (isOver) return;
    if (courierId === null) {
      // What was estimated went by the courier who does not carry it any more.
      if (known !== undefined) this.#etas.withdraw(order);
      return;
    }
    const carried = new CarriedOrder(order, courierId, {
      watch: this.#ways.watch(order, courierId),
      told: (estimate) => this.#etas.set(carried.order, estimate),
    });
    this.#carried.set(orderId, carried);
    const trail = this.#trailOf(order.cityId, courierId);
    trail.orders.push(carried);
    trail.hasOneStop = onlyStopOf(trail.orders) !== null;
    trail.way.estimatedAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * When an order that nobody carries yet is meant to be where, ms since the Unix epoch; null: nobody
   * can carry it as things are.
   */
  planned(order: EtaOrder, times: PlannedTimes | null): void {
    if (this.#carried.has(order.orderId)) return;
    if (times === null) this.#etas.withdraw(order);
    else this.#etas.set(order, { ...times, by: 'plan' });
  }

  /** What a courier drives says how long its ways take. */
  courierDrives(courier: Actor, vehicle: Vehicle): void {
    this.#trailOf(courier.cityId, courier.subject).way.vehicle = vehicle;
  }

  /** What the books say of the courier's shift; what it has said here since is newer. */
  courierWorks(courier: Actor, untilMs: number): void {
    this.#trailOf(courier.cityId, courier.subject).worksUntilMs ??= untilMs;
  }

  /** What the courier says of its shift holds at once. */
  courierSays(courier: Actor, untilMs: number): void {
    this.#trailOf(courier.cityId, courier.subject).worksUntilMs = untilMs;
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
   * A fix was taken: whatever changes with it on the courier's ways is told.
   * @param position filtered
   * @hot bench: ingest
   */
  fixTaken(trail: Trail, position: Position): void {
    const sinceMs = trail.fixAtMs === 0 ? 0 : Math.max(0, position.atMs - trail.fixAtMs);
    trail.fixAtMs = position.atMs;
    if (trail.orders.length === 0) return;
    const seconds = this.#deps.timeScale.citySeconds(sinceMs);
    for (const { watch } of trail.orders) watch.followFix(position, seconds, trail.hasOneStop);
  }

  /** Tells which couriers with work have fallen silent, and which are heard again. */
  checkSilence(): void {
    const { clock, timeScale, courierSilenceSeconds } = this.#deps;
    const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    for (const { cityId, courierId, watch } of this.#carried.values()) {
      const { heardAtMs } = this.#trailOf(cityId, courierId);
      const seconds = timeScale.citySeconds(monotonicMs - heardAtMs);
      watch.followSilence(seconds, courierSilenceSeconds, nowMs);
    }
  }

  /**
   * Tells the watchers of everything that this courier carries where it is now, when the sockets have
   * been read. While one is read it has the library's send buffer, and what is sent to others goes
   * through the heap, message by message; and of fixes that were read together the newest is enough.
   * @param receivedAtMs monotonic
   * @hot bench: fanout
   */
  courierMoved(trail: Trail, position: Position, receivedAtMs: number): void {
    trail.heardAtMs = receivedAtMs;
    if (trail.orders.length === 0) return;
    const { topics } = this.#deps;
    const everyMs = this.#deps.positionsEveryMs();
    if (this.#estimator.isDue(trail.way, receivedAtMs)) {
      this.#estimate(trail, position, receivedAtMs);
    }
    for (const carried of trail.orders) {
      if (topics.listeners(carried.topicKey).size === 0) continue;
      carried.moveTo(position, this.#etaSeconds(carried));
      if (carried.isWaiting || carried.isToldSince(receivedAtMs, everyMs)) continue;
      carried.waitsSince(receivedAtMs);
      this.#moved.push(carried);
      if (this.#moved.length === 1) setImmediate(this.#tellWatchers);
    }
  }

  /** One function for all times: a new one for each read would be garbage. */
  readonly #tellWatchers = (): void => {
    const { topics, clock } = this.#deps;
    // They were put aside one after the other: the first has waited longest.
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const carried of this.#moved) {
      sinceMs = Math.min(sinceMs, carried.told());
      // It may have been delivered meanwhile, or given to somebody else.
      if (this.#carried.get(carried.orderId) !== carried) continue;
      for (const watcher of topics.listeners(carried.topicKey)) this.#send(watcher.outlet, carried);
    }
    // One observation costs more than all else that is done for a position but sending it.
    this.#seconds.observe((clock.monotonicMs() - sinceMs) / 1000);
    this.#moved.length = 0;
  };

  /** For one who begins to listen to these orders: what holds of their couriers' ways. */
  showWays(outlet: Outlet, orderIds: Iterable<string>): void {
    for (const orderId of orderIds) {
      const carried = this.#carried.get(orderId);
      if (carried !== undefined) this.#ways.showTo(outlet, carried);
    }
  }

  /** For one who begins to watch: what is estimated, and where the courier was last. */
  showTo(outlet: Outlet, orderId: string): void {
    const carried = this.#carried.get(orderId);
    if (carried === undefined) return this.#etas.showTo(outlet, orderId);
    const { cities, clock } = this.#deps;
    const { cityId, courierId } = carried;
    const position = cities.city(cityId)?.index.positionOf(courierId) ?? null;
    if (position !== null) {
      const trail = this.#trailOf(cityId, courierId);
      const nowMs = clock.monotonicMs();
      if (this.#estimator.isDue(trail.way, nowMs)) this.#estimate(trail, position, nowMs);
      carried.moveTo(position, this.#etaSeconds(carried));
      this.#send(outlet, carried);
    }
    this.#etas.showTo(outlet, orderId);
  }

  #send(outlet: Outlet, carried: CarriedOrder): void {
    if (outlet.sendState(carried.orderId, carried)) this.#updates.sent += 1;
    else this.#updates.conflated += 1;
  }

  /** What was estimated before is void: the next fix tells. */
  #changed(carried: CarriedOrder, order: OrderSummary): void {
    carried.changed(order);
    carried.watch.changed(order, this.#deps.clock.nowMs());
    const trail = this.#trailOf(carried.cityId, carried.courierId);
    trail.hasOneStop = onlyStopOf(trail.orders) !== null;
    trail.way.estimatedAtMs = Number.NEGATIVE_INFINITY;
  }

  #estimate(trail: Trail, position: Position, atMs: number): void {
    const city = this.#deps.cities.city(trail.cityId);
    if (city !== null) this.#estimator.estimate(trail.way, trail.orders, { city, position, atMs });
  }

  /** City seconds until the order is at the door. */
  #etaSeconds({ dropoffAtMs }: CarriedOrder): number {
    const { clock, timeScale } = this.#deps;
    return Math.max(0, timeScale.citySeconds(dropoffAtMs - clock.nowMs()));
  }

  #trailOf(cityId: string, courierId: string): Trail {
    const key = `${cityId}/${courierId}`;
    const known = this.#trails.get(key);
    if (known !== undefined) return known;
    const trail: Trail = {
      key,
      cityId,
      way: newWay(),
      orders: [],
      hasOneStop: false,
      worksUntilMs: null,
      fixAtMs: 0,
      heardAtMs: this.#deps.clock.monotonicMs(),
      followers: 0,
    };
    this.#trails.set(key, trail);
    return trail;
  }

  #drop(carried: CarriedOrder): void {
    this.#carried.delete(carried.orderId);
    const trail = this.#trailOf(carried.cityId, carried.courierId);
    const at = trail.orders.indexOf(carried);
    if (at >= 0) trail.orders.splice(at, 1);
    trail.hasOneStop = onlyStopOf(trail.orders) !== null;
    this.#forgetUnused(trail);
  }

  #forgetUnused(trail: Trail): void {
    if (trail.followers === 0 && trail.orders.length === 0) this.#trails.delete(trail.key);
  }
}

interface PlannedTimes {
  readonly pickupAtMs: number;
  readonly dropoffAtMs: number;
}

export interface TrackingDeps {
  readonly topics: Topics;
  readonly cities: LiveCities;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  /** City seconds without a fix after which a courier with work is silent. */
  readonly courierSilenceSeconds: number;
  /** How often watchers of an order are told where its courier is, at most, ms; 0: at each fix. */
  readonly positionsEveryMs: () => number;
  readonly metrics: Metrics;
}
