import {
  newPositionFrame,
  readPosition,
  writePosition,
  type OrderSummary,
  type Position,
  type Subprotocol,
} from '../protocol/index.ts';
import type { Estimate, EstimatedOrder } from './estimates.ts';
import type { Sendable } from './socket/outlet.ts';
import { topicKey } from './socket/topics.ts';
import type { WayWatch } from './way-watch.ts';

/**
 * An order that a courier carries, and what its watchers see of it: one message for its whole way,
 * changed in place with each fix, so that a fix makes no garbage.
 */
export class CarriedOrder implements Sendable, EstimatedOrder {
  readonly orderId: string;
  readonly cityId: string;
  readonly courierId: string;
  readonly topicKey: string;
  readonly watch: WayWatch;
  readonly #frame: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #order: OrderSummary;
  /** The frame as JSON text; null until somebody needs it. */
  #json: string | null = null;
  #dropoffAtMs = 0;
  /** Monotonic, ms, of the first fix that its watchers have not heard of; negative when there is none. */
  #waitsSinceMs = -1;
  /** Monotonic, ms, of the fix at which its watchers were told last. */
  #toldOfMs = Number.NEGATIVE_INFINITY;
  readonly #told: (estimate: Estimate) => void;

  /** @param told hears of each estimate */
  constructor(
    order: OrderSummary,
    courierId: string,
    { watch, told }: { readonly watch: WayWatch; readonly told: (estimate: Estimate) => void },
  ) {
    const { orderId, cityId } = order;
    this.watch = watch;
    this.orderId = orderId;
    this.cityId = cityId;
    this.courierId = courierId;
    this.topicKey = topicKey(cityId, { kind: 'order', id: orderId });
    this.#frame = newPositionFrame(orderId, courierId);
    this.#view = new DataView(this.#frame.buffer);
    this.#order = order;
    this.#told = told;
  }

  get order(): OrderSummary {
    return this.#order;
  }

  /** By the newest estimate, ms since the Unix epoch; 0 before the first. */
  get dropoffAtMs(): number {
    return this.#dropoffAtMs;
  }

  /** The order as it stands now. */
  changed(order: OrderSummary): void {
    this.#order = order;
  }

  estimated(estimate: Estimate): void {
    this.#dropoffAtMs = estimate.dropoffAtMs;
    this.#told(estimate);
  }

  /**
   * The courier is here.
   * @param etaSeconds city seconds until the order is at the door
   * @hot bench: fanout
   */
  moveTo(position: Position, etaSeconds: number): void {
    writePosition(this.#view, position, etaSeconds);
    this.#json = null;
  }

  /** Whether its watchers are still to be told. */
  get isWaiting(): boolean {
    return this.#waitsSinceMs >= 0;
  }

  /** @param everyMs how often its watchers are told at most */
  isToldSince(nowMs: number, everyMs: number): boolean {
    return nowMs - this.#toldOfMs < everyMs;
  }

  /** @param nowMs monotonic */
  waitsSince(nowMs: number): void {
    this.#waitsSinceMs = nowMs;
  }

  /** The watchers are told now. @returns since when they waited, monotonic, ms */
  told(): number {
    const since = this.#waitsSinceMs;
    this.#waitsSinceMs = -1;
    this.#toldOfMs = since;
    return since;
  }

  /** Where the courier is now. The bytes are changed by the next fix. */
  encodedFor(subprotocol: Subprotocol): string | Uint8Array {
    if (subprotocol === 'hexfleet.v1.bin') return this.#frame;
    this.#json ??= JSON.stringify(readPosition(this.#frame));
    return this.#json;
  }
}
