import { HexfleetSocket } from '../../clients/ts/index.ts';
import type { OrderSummary, ServerMessage } from '../../protocol/index.ts';
import { randomInteger, sleep, type Clock, type Random } from '../../runtime/index.ts';
import { wallMsAt, wallMsOf, type World } from '../world/world.ts';
import { Signal } from './signal.ts';

const LOOK_AGAIN_MS = 2_000;
/** Food that is not ready when it was said, with a noise of 1. */
const LATE_MINUTES_MAX = 20;
/** How long a dish takes that no day has planned, minutes. */
const PREPARATION_MINUTES = { least: 6, most: 15 };

export interface RestaurantDeps {
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  readonly token: string;
  /** When food is ready, by the order's reference, minute of the day. */
  readonly readyAtMinute: ReadonlyMap<string, number>;
}

/** A restaurant's tablet: accepts what comes, cooks, says when it is ready. */
export class RestaurantActor {
  readonly #deps: RestaurantDeps;
  readonly #orders = new Map<string, OrderSummary>();
  readonly #cooking = new Set<string>();
  readonly #changed = new Signal();

  constructor(deps: RestaurantDeps) {
    this.#deps = deps;
  }

  async work(signal: AbortSignal): Promise<void> {
    const { world, token } = this.#deps;
    const socket = new HexfleetSocket({
      url: world.url,
      token,
      onMessage: (message) => this.#hear(message, socket, signal),
    });
    signal.addEventListener('abort', () => this.#changed.notify(), { once: true });
    while (!signal.aborted) await this.#changed.changed(LOOK_AGAIN_MS);
    socket.close();
  }

  #hear(message: ServerMessage, socket: HexfleetSocket, signal: AbortSignal): void {
    const orders =
      message.type === 'snapshot'
        ? message.orders
        : message.type === 'order_event'
          ? [message.order]
          : [];
    for (const order of orders) {
      this.#orders.set(order.orderId, order);
      if (this.#cooking.has(order.orderId)) continue;
      this.#cooking.add(order.orderId);
      void this.#cook(order.orderId, socket, signal);
    }
    this.#changed.notify();
  }

  /** Does what the order's state asks for next, until the food has left the kitchen. */
  async #cook(orderId: string, socket: HexfleetSocket, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const order = this.#orders.get(orderId);
      if (order === undefined || !['PAID', 'CONFIRMED', 'PREPARING'].includes(order.state)) break;
      try {
        await this.#step(order, socket);
      } catch {
        // Refused, or not connected: what the order is now comes with the next message.
        await this.#changed.changed(LOOK_AGAIN_MS);
      }
    }
    this.#orders.delete(orderId);
    this.#cooking.delete(orderId);
  }

  async #step(order: OrderSummary, socket: HexfleetSocket): Promise<void> {
    const { orderId } = order;
    const after = await socket.send(
      order.state === 'PAID'
        ? { type: 'accept_order', orderId, preparationSeconds: this.#preparationSeconds(order) }
        : order.state === 'CONFIRMED'
          ? { type: 'start_preparation', orderId }
          : await this.#finish(order),
    );
    if (after !== null) this.#orders.set(orderId, after);
  }

  async #finish(order: OrderSummary): Promise<{ type: 'mark_ready'; orderId: string }> {
    const { world, clock, random } = this.#deps;
    const lateMs = wallMsOf(world.schedule, 60 * LATE_MINUTES_MAX * world.noise * random.next());
    await sleep(Math.max(0, (order.readyAtMs ?? 0) + lateMs - clock.nowMs()));
    return { type: 'mark_ready', orderId: order.orderId };
  }

  #preparationSeconds(order: OrderSummary): number {
    const { world, clock, random, readyAtMinute } = this.#deps;
    const planned = readyAtMinute.get(order.reference ?? '');
    if (planned === undefined) {
      return 60 * randomInteger(random, PREPARATION_MINUTES.least, PREPARATION_MINUTES.most);
    }
    const leftMs = wallMsAt(world.schedule, planned) - clock.nowMs();
    return Math.max(0, Math.round(leftMs / wallMsOf(world.schedule, 1)));
  }
}
