import type { Actor, OrderState, OrderSummary, Position, Vehicle } from '../protocol/index.ts';
import type { Clock, Metrics, TimeScale } from '../runtime/index.ts';
import { CarriedOrder } from './carried-order.ts';
import { CarriedRows } from './carried-rows.ts';
import { CourierRows } from './courier-rows.ts';
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
  /** Of its state (courier-rows.ts). */
  readonly row: number;
  readonly orders: CarriedOrder[];
  /** Where the courier must be going is known: all that it carries goes to one place next. */
  hasOneStop: boolean;
  /** Streams that have it; with none and no orders it is forgotten. */
  followers: number;
}

/**
 * Who watches whom: which orders each courier carries, and with it, whose map moves when a fix
 * comes. Follows the events of orders; the database is read once, at the start.
 */
export class Tracking {
  readonly #deps: TrackingDeps;
  /** What each courier's fixes are looked at with, by the row of its trail. */
  readonly rows: CourierRows = new CourierRows();
  readonly #carriedRows = new CarriedRows();
  readonly #estimator: Estimator;
  readonly #etas: EtaBoard;
  readonly #ways: WayBoard;
  /** By courier. */
  readonly #trails = new Map<string, Trail>();
  readonly #carried = new Map<string, CarriedOrder>();
  /** Orders whose watchers have not been told of the newest fix; each once. */
  readonly #moved: CarriedOrder[] = [];
  readonly #updates = { sent: 0, conflated: 0 };
  readonly #seconds: ReturnType<Metrics['latencyTally']>;

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
    this.#seconds = deps.metrics.latencyTally(
      'hexfleet_fix_to_watcher_seconds',
      'From the arrival of a fix to the watchers of its order, inside this process: of those told together the longest',
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
      rows: this.#carriedRows,
      topics: this.#deps.topics,
      watch: (at) => this.#ways.watch(order, courierId, at),
      tellEstimate: (estimate) => this.#etas.set(carried.order, estimate),
    });
    this.#carried.set(orderId, carried);
    const trail = this.#trailOf(order.cityId, courierId);
    if (trail.orders.length === 0) {
      this.rows.setFixAtMs(trail.row, 0);
      this.rows.setHeardAtMs(trail.row, this.#deps.clock.monotonicMs());
    }
    trail.orders.push(carried);
    this.#stopsChanged(trail);
    this.rows.setEstimatedAtMs(trail.row, Number.NEGATIVE_INFINITY);
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
    const trail = this.#followed(courier);
    if (trail !== undefined) trail.way.vehicle = vehicle;
  }

  /** What the books say of the courier's shift; what it has said here since is newer. */
  courierWorks(courier: Actor, untilMs: number): void {
    const trail = this.#followed(courier);
    if (trail === undefined || !Number.isNaN(this.rows.worksUntilMs(trail.row))) return;
    this.rows.setWorksUntilMs(trail.row, untilMs);
  }

  /** What the courier says of its shift holds at once. */
  courierSays(courier: Actor, untilMs: number): void {
    const trail = this.#followed(courier);
    if (trail !== undefined) this.rows.setWorksUntilMs(trail.row, untilMs);
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
   * A fix of a courier who carries something was taken: whatever changes with it on its ways is told.
   * @param position filtered
   * @hot bench: ingest
   */
  fixTaken(trail: Trail, position: Position): void {
    const beforeMs = this.rows.fixAtMs(trail.row);
    const sinceMs = beforeMs === 0 ? 0 : Math.max(0, position.atMs - beforeMs);
    this.rows.setFixAtMs(trail.row, position.atMs);
    const seconds = this.#deps.timeScale.citySeconds(sinceMs);
    for (const { watch } of trail.orders) watch.followFix(position, seconds, trail.hasOneStop);
  }

  /** Tells which couriers with work have fallen silent, and which are heard again. */
  checkSilence(): void {
    const { clock, timeScale, courierSilenceSeconds } = this.#deps;
    const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    for (const { cityId, courierId, watch } of this.#carried.values()) {
      const { row } = this.#trailOf(cityId, courierId);
      const seconds = timeScale.citySeconds(monotonicMs - this.rows.heardAtMs(row));
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
    this.rows.setHeardAtMs(trail.row, receivedAtMs);
    const everyMs = this.#deps.positionsEveryMs();
    this.#estimateWhenDue(trail, position, receivedAtMs);
    for (const carried of trail.orders) {
      if (carried.listeners.size === 0) continue;
      carried.moveTo(position, this.#etaSeconds(carried));
      if (carried.isWaiting || carried.isToldSince(receivedAtMs, everyMs)) continue;
      carried.waitsSince(receivedAtMs);
      this.#moved.push(carried);
      if (this.#moved.length === 1) setImmediate(this.#tellWatchers);
    }
  }

  /** One function for all times: a new one for each read would be garbage. */
  readonly #tellWatchers = (): void => {
    // They were put aside one after the other: the first has waited longest.
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const carried of this.#moved) {
      // It may have been delivered meanwhile, or given to somebody else.
      if (carried.isOver) continue;
      sinceMs = Math.min(sinceMs, carried.told());
      for (const { outlet } of carried.listeners) this.#send(outlet, carried);
    }
    this.#moved.length = 0;
    if (sinceMs === Number.POSITIVE_INFINITY) return;
    this.#seconds.observe((this.#deps.clock.monotonicMs() - sinceMs) / 1000);
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
      this.#estimateWhenDue(trail, position, clock.monotonicMs());
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
    this.#stopsChanged(trail);
    this.rows.setEstimatedAtMs(trail.row, Number.NEGATIVE_INFINITY);
  }

  /** @param atMs monotonic */
  #estimateWhenDue(trail: Trail, position: Position, atMs: number): void {
    if (!this.#estimator.isDue(this.rows.estimatedAtMs(trail.row), atMs)) return;
    const city = this.#deps.cities.city(trail.cityId);
    if (city === null) return;
    this.rows.setEstimatedAtMs(trail.row, atMs);
    this.#estimator.estimate(trail.way, trail.orders, { city, position, atMs });
  }

  /** City seconds until the order is at the door. */
  #etaSeconds({ dropoffAtMs }: CarriedOrder): number {
    const { clock, timeScale } = this.#deps;
    return Math.max(0, timeScale.citySeconds(dropoffAtMs - clock.nowMs()));
  }

  /** Nothing is remembered of one who has gone meanwhile and carries nothing. */
  #followed({ cityId, subject }: Actor): Trail | undefined {
    return this.#trails.get(`${cityId}/${subject}`);
  }

  #trailOf(cityId: string, courierId: string): Trail {
    const key = `${cityId}/${courierId}`;
    const known = this.#trails.get(key);
    if (known !== undefined) return known;
    const trail: Trail = {
      key,
      cityId,
      way: newWay(),
      row: this.rows.add(this.#deps.cities.city(cityId)?.index.positionOf(courierId) ?? null),
      orders: [],
      hasOneStop: false,
      followers: 0,
    };
    this.#trails.set(key, trail);
    return trail;
  }

  #drop(carried: CarriedOrder): void {
    this.#carried.delete(carried.orderId);
    carried.end();
    const trail = this.#trailOf(carried.cityId, carried.courierId);
    const at = trail.orders.indexOf(carried);
    if (at >= 0) trail.orders.splice(at, 1);
    this.#stopsChanged(trail);
    this.#forgetUnused(trail);
  }

  #forgetUnused(trail: Trail): void {
    if (trail.followers > 0 || trail.orders.length > 0) return;
    this.#trails.delete(trail.key);
    this.rows.remove(trail.row);
  }

  /** The courier carries something else, or what it carries goes elsewhere. */
  #stopsChanged(trail: Trail): void {
    this.rows.setCarrying(trail.row, trail.orders.length > 0);
    trail.hasOneStop = onlyStopOf(trail.orders) !== null;
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
