import {
  CUSTOMER_TERMS,
  followRoute,
  followSilence,
  followStop,
  RESTAURANT_TERMS,
  ROUTE_TERMS,
  watchRoute,
  watchStop,
  type RouteWatch,
  type StopWatch,
} from '../geo/index.ts';
import {
  hasFood,
  type CourierEventType,
  type OrderSummary,
  type Position,
} from '../protocol/index.ts';

/** Something that happened on the way, and when, ms since the Unix epoch. */
export interface WayFact {
  readonly event: CourierEventType;
  readonly atMs: number;
}

/** Facts of one kind end each other. */
type Kind = 'stop' | 'route' | 'silence';

/** After these nothing of their kind holds any more. */
const ENDS: ReadonlySet<CourierEventType> = new Set([
  'left_restaurant',
  'left_customer',
  'back_on_route',
  'heard',
]);

/**
 * A courier's way with one order: to the restaurant, and with the food to the door. Tells of each
 * change once, and remembers what holds.
 */
export class WayWatch {
  readonly #tell: (fact: WayFact) => void;
  readonly #holds = new Map<Kind, WayFact>();
  readonly #silence = { isSilent: false };
  #hasFood: boolean;
  #stop: StopWatch;
  /** Null until the first fix on the way to the stop, and while there are other stops. */
  #route: RouteWatch | null = null;

  constructor(order: OrderSummary, tell: (fact: WayFact) => void) {
    this.#tell = tell;
    this.#hasFood = hasFood(order);
    this.#stop = stopOf(order);
  }

  /** What has happened and is still so, oldest kind first. */
  get holds(): Iterable<WayFact> {
    return this.#holds.values();
  }

  /** The order as it stands now: with the food the way is another. */
  changed(order: OrderSummary, nowMs: number): void {
    if (hasFood(order) === this.#hasFood) return;
    this.#hasFood = hasFood(order);
    this.#stop = stopOf(order);
    this.#holds.delete('stop');
    this.#endRoute(nowMs);
  }

  /**
   * The courier is here.
   * @param fix filtered
   * @param seconds city seconds since the one before; 0 for the first
   * @param isOnlyStop the courier is going to no other; else nobody knows which way it takes
   * @hot bench: ingest
   */
  followFix(fix: Position, seconds: number, isOnlyStop: boolean): void {
    const terms = this.#hasFood ? CUSTOMER_TERMS : RESTAURANT_TERMS;
    const event = followStop(this.#stop, fix, seconds, terms);
    if (event !== null) this.#happened('stop', event, fix.atMs);
    if (!isOnlyStop) return this.#endRoute(fix.atMs);
    this.#route ??= watchRoute({ lat: fix.lat, lng: fix.lng }, this.#stop.place);
    const routeEvent = followRoute(this.#route, fix, seconds, ROUTE_TERMS);
    if (routeEvent !== null) this.#happened('route', routeEvent, fix.atMs);
  }

  /** @param sinceFixSeconds city seconds since the courier's last fix */
  followSilence(sinceFixSeconds: number, silentSecondsMax: number, nowMs: number): void {
    const event = followSilence(this.#silence, true, sinceFixSeconds, silentSecondsMax);
    if (event !== null) this.#happened('silence', event, nowMs);
  }

  #endRoute(atMs: number): void {
    const wasOff = this.#route?.isOff === true;
    this.#route = null;
    if (wasOff) this.#happened('route', 'back_on_route', atMs);
  }

  #happened(kind: Kind, event: CourierEventType, atMs: number): void {
    const fact = { event, atMs };
    if (ENDS.has(event)) this.#holds.delete(kind);
    else this.#holds.set(kind, fact);
    this.#tell(fact);
  }
}

function stopOf(order: OrderSummary): StopWatch {
  return hasFood(order)
    ? watchStop('customer', order.dropoff.place)
    : watchStop('restaurant', order.pickup);
}
