import {
  CUSTOMER_TERMS,
  endRoute,
  followRoute,
  followSilence,
  followStop,
  RESTAURANT_TERMS,
  ROUTE_TERMS,
  startRoute,
  startWay,
  type Place,
  type StopWay,
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

/** What each fix changes of the ways of orders (carried-rows.ts). */
interface WayRows {
  /** Good until the next call; what is changed in it counts with `writeWay`. */
  way(row: number): StopWay;
  /** The row is what the way that was read last has become. */
  writeWay(row: number): void;
}

export interface RowOfWay {
  readonly rows: WayRows;
  readonly row: number;
}

/**
 * A courier's way with one order: to the restaurant, and with the food to the door. Tells of each
 * change once, and remembers what holds.
 */
export class WayWatch {
  readonly #tell: (fact: WayFact) => void;
  readonly #rows: WayRows;
  readonly #row: number;
  readonly #holds = new Map<Kind, WayFact>();
  readonly #silence = { isSilent: false };

  /** @param at its row from now on, until the order is not carried any more */
  constructor(order: OrderSummary, at: RowOfWay, tell: (fact: WayFact) => void) {
    this.#tell = tell;
    this.#rows = at.rows;
    this.#row = at.row;
    startWay(this.#rows.way(this.#row), ...stopOf(order));
    this.#rows.writeWay(this.#row);
  }

  /** What has happened and is still so, oldest kind first. */
  get holds(): Iterable<WayFact> {
    return this.#holds.values();
  }

  /** The order as it stands now: with the food the way is another. */
  changed(order: OrderSummary, nowMs: number): void {
    const way = this.#rows.way(this.#row);
    const [kind, place] = stopOf(order);
    if (way.stop.kind === kind) return;
    const routeEvent = endRoute(way);
    startWay(way, kind, place);
    this.#rows.writeWay(this.#row);
    this.#holds.delete('stop');
    if (routeEvent !== null) this.#happened('route', routeEvent, nowMs);
  }

  /**
   * The courier is here.
   * @param fix filtered
   * @param seconds city seconds since the one before; 0 for the first
   * @param isOnlyStop the courier is going to no other; else nobody knows which way it takes
   * @hot bench: fanout
   */
  followFix(fix: Position, seconds: number, isOnlyStop: boolean): void {
    const way = this.#rows.way(this.#row);
    const terms = way.stop.kind === 'customer' ? CUSTOMER_TERMS : RESTAURANT_TERMS;
    const stopEvent = followStop(way.stop, fix, seconds, terms);
    if (isOnlyStop && !way.hasRoute) startRoute(way, fix);
    const routeEvent = isOnlyStop
      ? followRoute(way.route, fix, seconds, ROUTE_TERMS)
      : endRoute(way);
    this.#rows.writeWay(this.#row);
    if (stopEvent !== null) this.#happened('stop', stopEvent, fix.atMs);
    if (routeEvent !== null) this.#happened('route', routeEvent, fix.atMs);
  }

  /** @param sinceFixSeconds city seconds since the courier's last fix */
  followSilence(sinceFixSeconds: number, silentSecondsMax: number, nowMs: number): void {
    const event = followSilence(this.#silence, true, sinceFixSeconds, silentSecondsMax);
    if (event !== null) this.#happened('silence', event, nowMs);
  }

  #happened(kind: Kind, event: CourierEventType, atMs: number): void {
    const fact = { event, atMs };
    if (ENDS.has(event)) this.#holds.delete(kind);
    else this.#holds.set(kind, fact);
    this.#tell(fact);
  }
}

function stopOf(order: OrderSummary): readonly [kind: 'customer' | 'restaurant', place: Place] {
  return hasFood(order) ? ['customer', order.dropoff.place] : ['restaurant', order.pickup];
}
