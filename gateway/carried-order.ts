import {
  readPosition,
  type OrderSummary,
  type Position,
  type Subprotocol,
} from '../protocol/index.ts';
import type { CarriedRows } from './carried-rows.ts';
import type { Estimate, EstimatedOrder } from './estimates.ts';
import type { Sendable } from './socket/outlet.ts';
import { topicKey, type TopicListener, type Topics } from './socket/topics.ts';
import type { RowOfWay, WayWatch } from './way-watch.ts';

/**
 * An order that a courier carries, and what its watchers see of it: one message for its whole way, in a
 * row that each fix changes in place, so that a fix makes no garbage.
 *
 * | state   | entered when                 | left when | what then holds                                   |
 * | ------- | ---------------------------- | --------- | ------------------------------------------------- |
 * | carried | made                         | `end()`   | its row and its topic's listeners are held        |
 * | over    | delivered, or another's now  | never     | it says for ever where it was last; nobody is told |
 */
export class CarriedOrder implements Sendable, EstimatedOrder {
  readonly orderId: string;
  readonly cityId: string;
  readonly courierId: string;
  /** Who watches it; changes as they come and go. */
  readonly listeners: ReadonlySet<TopicListener>;
  readonly watch: WayWatch;
  readonly #deps: CarriedOrderDeps;
  readonly #rows: CarriedRows;
  readonly #row: number;
  #order: OrderSummary;
  /** The frame as JSON text; null until somebody needs it. */
  #json: string | null = null;
  /** Its last frame, when it is over. */
  #last: Uint8Array | null = null;

  /** @throws RangeError when its ids are none */
  constructor(order: OrderSummary, courierId: string, deps: CarriedOrderDeps) {
    const { orderId, cityId } = order;
    this.orderId = orderId;
    this.cityId = cityId;
    this.courierId = courierId;
    this.#deps = deps;
    this.#rows = deps.rows;
    this.#order = order;
    this.#row = deps.rows.add(orderId, courierId);
    this.watch = deps.watch({ rows: deps.rows, row: this.#row });
    this.listeners = deps.topics.hold(this.#topicKey);
  }

  get #topicKey(): string {
    return topicKey(this.cityId, { kind: 'order', id: this.orderId });
  }

  get order(): OrderSummary {
    return this.#order;
  }

  get isOver(): boolean {
    return this.#last !== null;
  }

  /** By the newest estimate, ms since the Unix epoch; 0 before the first. */
  get dropoffAtMs(): number {
    return this.#rows.dropoffAtMs(this.#row);
  }

  /** The order as it stands now. */
  changed(order: OrderSummary): void {
    this.#order = order;
  }

  estimated(estimate: Estimate): void {
    this.#rows.setDropoffAtMs(this.#row, estimate.dropoffAtMs);
    this.#deps.tellEstimate(estimate);
  }

  /**
   * The courier is here.
   * @param etaSeconds city seconds until the order is at the door
   * @hot bench: fanout
   */
  moveTo(position: Position, etaSeconds: number): void {
    this.#rows.moveTo(this.#row, position, etaSeconds);
    this.#json = null;
  }

  /** Whether its watchers are still to be told. */
  get isWaiting(): boolean {
    return this.#rows.waitsSinceMs(this.#row) >= 0;
  }

  /** @param everyMs how often its watchers are told at most */
  isToldSince(nowMs: number, everyMs: number): boolean {
    return nowMs - this.#rows.toldOfMs(this.#row) < everyMs;
  }

  /** @param nowMs monotonic */
  waitsSince(nowMs: number): void {
    this.#rows.setWaitsSinceMs(this.#row, nowMs);
  }

  /** The watchers are told now. @returns since when they waited, monotonic, ms */
  told(): number {
    const since = this.#rows.waitsSinceMs(this.#row);
    this.#rows.setWaitsSinceMs(this.#row, -1);
    this.#rows.setToldOfMs(this.#row, since);
    return since;
  }

  /** It is over. Its row is another order's soon; a slow reader may yet be told where it was last. */
  end(): void {
    this.#last = this.#rows.frame(this.#row).slice();
    this.#rows.remove(this.#row);
    this.#deps.topics.release(this.#topicKey);
  }

  /** Where the courier is now. The bytes are good until the next that any order gives. */
  encodedFor(subprotocol: Subprotocol): string | Uint8Array {
    if (subprotocol === 'hexfleet.v1.bin') return this.#frame;
    this.#json ??= JSON.stringify(readPosition(this.#frame));
    return this.#json;
  }

  get #frame(): Uint8Array {
    return this.#last ?? this.#rows.frame(this.#row);
  }
}

interface CarriedOrderDeps {
  readonly rows: CarriedRows;
  readonly topics: Pick<Topics, 'hold' | 'release'>;
  /** Its way, which has the same row. */
  readonly watch: (at: RowOfWay) => WayWatch;
  /** Tells of each estimate. */
  readonly tellEstimate: (estimate: Estimate) => void;
}
