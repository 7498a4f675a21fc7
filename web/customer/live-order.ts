import { signal, type ReadonlySignal } from '@preact/signals';
import type { OrderView, Place, ServerMessage } from '../../protocol/index.ts';
import { TRACK_POINTS_MAX } from '../../protocol/wire.ts';
import { sayFailure } from '../i18n/failures.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { Motion } from '../map/motion.ts';
import { afterEvent, isOver } from './order-story.ts';

/** When the food will be where, as the engine means it now; ms since the Unix epoch. */
interface Arrival {
  readonly pickupAtMs: number | null;
  readonly dropoffAtMs: number | null;
}

/** The courier as far as the customer sees it. */
interface SeenCourier {
  readonly motion: Motion;
  /** Of the newest fix. */
  readonly heardAtMs: number;
  /** The engine says that nothing is heard. */
  readonly isSilent: boolean;
}

/** How long after the last fix a courier is shown as what it was last. */
const STALE_MS = 20_000;

/**
 * One order, live: what it is, where its courier is, and when it will come. Kept from a snapshot, the
 * events after it, and positions. What events do not say (money, the code) is read anew after each.
 */
export class LiveOrder {
  readonly orderId: string;
  readonly #engine: EngineLink;
  readonly #view = signal<OrderView | null>(null);
  readonly #failure = signal<string | null>(null);
  readonly #arrival = signal<Arrival>({ pickupAtMs: null, dropoffAtMs: null });
  readonly #courier = signal<SeenCourier | null>(null);
  readonly #isNear = signal(false);
  readonly #track = signal<readonly Place[]>([]);
  #ends: readonly (() => void)[] = [];

  constructor(engine: EngineLink, orderId: string) {
    this.#engine = engine;
    this.orderId = orderId;
  }

  /** Null before the first answer. */
  get view(): ReadonlySignal<OrderView | null> {
    return this.#view;
  }

  /** Why there is nothing to see, in the reader's words. */
  get failure(): ReadonlySignal<string | null> {
    return this.#failure;
  }

  get arrival(): ReadonlySignal<Arrival> {
    return this.#arrival;
  }

  get courier(): ReadonlySignal<SeenCourier | null> {
    return this.#courier;
  }

  /** The courier is nearly at the door. */
  get isNear(): ReadonlySignal<boolean> {
    return this.#isNear;
  }

  /** The way of the food so far, oldest first. */
  get track(): ReadonlySignal<readonly Place[]> {
    return this.#track;
  }

  /** What is shown of the courier is old. Read while something is shown: it changes with time. */
  get isStale(): boolean {
    const courier = this.#courier.value;
    if (courier === null) return false;
    return courier.isSilent || this.#engine.nowMs - courier.heardAtMs > STALE_MS;
  }

  start(): void {
    const unlisten = this.#engine.listen((message) => this.#heard(message));
    const unfollow = this.#engine.follow(`order:${this.orderId}`);
    this.#ends = [unlisten, unfollow];
    void this.refresh();
    void this.#loadTrack();
  }

  stop(): void {
    for (const end of this.#ends) end();
  }

  /** Reads the order anew. Never rejects. */
  async refresh(): Promise<void> {
    try {
      this.#show(await this.#engine.api.order(this.orderId));
      this.#failure.value = null;
    } catch (error) {
      // What is known stays on the screen; the banner says that the connection is lost.
      if (this.#view.value === null) this.#failure.value = sayFailure(error);
    }
  }

  #heard(message: ServerMessage): void {
    if (message.type === 'snapshot') {
      const order = message.orders.find(({ orderId }) => orderId === this.orderId);
      if (order !== undefined && 'timeline' in order) this.#show(order);
      return;
    }
    if (!('orderId' in message) || message.orderId !== this.orderId) return;
    if (message.type === 'order_event') this.#happened(message);
    if (message.type === 'eta_update') this.#arrival.value = message;
    if (message.type === 'location_update') this.#moved(message);
    if (message.type === 'courier_event') this.#courierDid(message);
  }

  #show(order: OrderView): void {
    // An answer that was under way while an event came is older than what is shown.
    if (order.sequence < (this.#view.value?.sequence ?? 0)) return;
    this.#view.value = order;
    if (order.courierId === null || isOver(order)) this.#courier.value = null;
  }

  #happened(message: Extract<ServerMessage, { type: 'order_event' }>): void {
    const view = this.#view.value;
    if (view !== null) this.#show(afterEvent(view, message));
    if (message.event === 'order.picked_up') void this.#loadTrack();
    if (message.event === 'order.unassigned') this.#isNear.value = false;
    void this.refresh();
  }

  #moved(message: Extract<ServerMessage, { type: 'location_update' }>): void {
    const motion = this.#courier.value?.motion ?? new Motion();
    motion.add(message, this.#engine.exactNowMs());
    this.#courier.value = { motion, heardAtMs: message.atMs, isSilent: false };
    const { lat, lng, etaSeconds, atMs } = message;
    const dropoffAtMs = atMs + (etaSeconds * 1000) / this.#engine.config.timeScale;
    if (this.#arrival.value.dropoffAtMs === null) {
      this.#arrival.value = { ...this.#arrival.value, dropoffAtMs };
    }
    if (this.#track.value.length > 0) {
      this.#track.value = [...this.#track.value, { lat, lng }].slice(-TRACK_POINTS_MAX);
    }
  }

  #courierDid({ event }: Extract<ServerMessage, { type: 'courier_event' }>): void {
    const courier = this.#courier.value;
    if (event === 'near_customer' || event === 'arrived_customer') this.#isNear.value = true;
    if (courier === null) return;
    if (event === 'silent') this.#courier.value = { ...courier, isSilent: true };
    if (event === 'heard') this.#courier.value = { ...courier, isSilent: false };
  }

  /** Empty until the food is on its way. Never rejects: without, the way begins where it is seen first. */
  async #loadTrack(): Promise<void> {
    try {
      this.#track.value = (await this.#engine.api.track(this.orderId)).points;
    } catch {
      this.#track.value = [];
    }
  }
}
