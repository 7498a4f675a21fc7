import { ApiError, HexfleetApi, HexfleetSocket } from '../../clients/ts/index.ts';
import type { OrderSummary, ServerMessage } from '../../protocol/index.ts';
import { sleep, type Clock } from '../../runtime/index.ts';
import { isOver, requestOf, wallMsAt, type World, type WorldOrder } from '../world/world.ts';
import { Signal } from './signal.ts';

/** The customer looks at the order again by itself, should a message have been lost. */
const LOOK_AGAIN_MS = 5_000;
/** An engine that is away for longer is not coming back. */
const PLACE_TRIES_MAX = 30;

export interface CustomerDeps {
  readonly world: World;
  readonly clock: Clock;
  readonly token: string;
  readonly events: CustomerEvents;
}

/** What a customer has to tell. */
export interface CustomerEvents {
  placed(reference: string, orderId: string): void;
  refused(reference: string, code: string): void;
  /** Something was told about the order. */
  heard(order: OrderSummary, event: string): void;
  /** The courier's position was told; `latencyMs` after the courier's app had sent it. */
  position(latencyMs: number): void;
  /** When the courier was said to have the food, and to be at the door. */
  estimated(estimate: Extract<ServerMessage, { type: 'eta_update' }>): void;
  ended(order: OrderSummary): void;
}

/** One customer with one order: places it, watches it on the map, until it is at the door. */
export class CustomerActor {
  readonly #order: WorldOrder;
  readonly #deps: CustomerDeps;
  readonly #changed = new Signal();
  #newest: OrderSummary | null = null;

  constructor(order: WorldOrder, deps: CustomerDeps) {
    this.#order = order;
    this.#deps = deps;
  }

  async live(signal: AbortSignal): Promise<void> {
    const { world, clock, token, events } = this.#deps;
    const { reference } = this.#order;
    await sleep(wallMsAt(world.schedule, this.#order.placedAtMinute) - clock.nowMs(), signal);
    if (signal.aborted) return;
    const api = new HexfleetApi({ url: world.url, token, tries: PLACE_TRIES_MAX });
    try {
      const key = `${world.seed}:${world.schedule.startsAtMs}:${reference}`;
      const placed = await api.placeOrder(requestOf(this.#order), key);
      events.placed(reference, placed.orderId);
      await this.#watch(placed.orderId, api, signal);
    } catch (error) {
      events.refused(reference, error instanceof ApiError ? error.code : String(error));
    }
  }

  async #watch(orderId: string, api: HexfleetApi, signal: AbortSignal): Promise<void> {
    const { world, token, events } = this.#deps;
    const socket = new HexfleetSocket({
      url: world.url,
      token,
      onMessage: (message) => this.#hear(message),
    });
    signal.addEventListener('abort', () => this.#changed.notify(), { once: true });
    // Kept for whenever there is a connection: a loss now is no reason to give up.
    socket.subscribe(`order:${orderId}`).catch(() => undefined);
    try {
      while (!signal.aborted && !isOver(this.#newest?.state ?? 'PLACED')) {
        await this.#changed.changed(LOOK_AGAIN_MS);
        if (!socket.connected) this.#see(await api.order(orderId).catch(() => null));
      }
    } finally {
      socket.close();
    }
    if (this.#newest !== null && isOver(this.#newest.state)) events.ended(this.#newest);
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'location_update') {
      this.#deps.events.position(this.#deps.clock.nowMs() - message.atMs);
    }
    if (message.type === 'eta_update') this.#deps.events.estimated(message);
    if (message.type === 'snapshot') this.#see(message.orders[0] ?? null);
    if (message.type === 'order_event') {
      this.#deps.events.heard(message.order, message.event);
      this.#see(message.order);
    }
  }

  #see(order: OrderSummary | null): void {
    if (order === null) return;
    this.#newest = order;
    this.#changed.notify();
  }
}
