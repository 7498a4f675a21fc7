import { HexfleetSocket, type Command, type HexfleetApi } from '../../clients/ts/index.ts';
import type { OrderSummary, ServerMessage } from '../../protocol/index.ts';
import { sleep, systemClock } from '../../runtime/index.ts';
import { codeOf, countIn, isBreakage } from './failures.ts';

/** The gateway takes 64 commands of one socket at once; an app stays well below. */
const COMMANDS_AT_ONCE = 8;
const PAUSE_MS = 200;
/** An order that nothing was heard of for so long is looked at. */
const LOOK_AGAIN_MS = 3_000;

export interface RobotDeps {
  readonly url: string;
  readonly token: string;
  readonly api: HexfleetApi;
  /** What the order asks this app for next; null when it waits for somebody else. */
  readonly next: (order: OrderSummary) => Command | null;
  /** Whether this app has anything more to do with the order, ever. */
  readonly concerns: (order: OrderSummary) => boolean;
  readonly onMessage?: (message: ServerMessage, robot: OrderRobot) => void;
  readonly figures: RobotFigures;
}

/** The engine was wrong, and neither the world nor whoever asked. */
export interface Breakage {
  readonly code: string;
  readonly command: Command;
  readonly atMs: number;
}

const BREAKAGES_KEPT_MAX = 10;

/** What robots noticed of the engine, all of them together. */
export interface RobotFigures {
  commands: number;
  /** Commands that were not carried out, by error code. */
  readonly failures: Record<string, number>;
  /** The first few of those in which the engine itself broke. */
  readonly breakages: Breakage[];
  connectionsLost: number;
  /** The socket was refused for good, and a new one made. */
  refusedForGood: number;
}

/**
 * An app that does at once what each of its orders asks for next. It knows nothing but the orders
 * themselves: after a cut it goes on from what snapshots say, and what it hears nothing of, it asks.
 */
export class OrderRobot {
  readonly #deps: RobotDeps;
  readonly #orders = new Map<string, { order: OrderSummary; heardAtMs: number }>();
  readonly #busy = new Set<string>();
  readonly #queue = new Set<string>();
  /** What was found by looking, and must still be told by the socket: sequences by order. */
  readonly #owed = new Map<string, number>();
  /** Newest sequence that this connection has told of each order. */
  readonly #told = new Map<string, number>();
  readonly #stopped = new AbortController();
  readonly #lookingAgain: NodeJS.Timeout;
  #socket: HexfleetSocket;
  /** Grows with each snapshot: what was remembered of before is not. */
  #era = 0;

  constructor(deps: RobotDeps) {
    this.#deps = deps;
    this.#socket = this.#connect();
    this.#lookingAgain = setInterval(() => void this.#lookAgain(), LOOK_AGAIN_MS);
  }

  get socket(): HexfleetSocket {
    return this.#socket;
  }

  /**
   * Orders that had moved on without a word although the connection held. Lateness is no fault: to be
   * asked when nothing moves any more.
   */
  get untold(): readonly string[] {
    return this.#socket.connected ? [...this.#owed.keys()] : [];
  }

  /** Carries out one command; a failure is no news, for what counts is what the order is then. */
  async say(command: Command): Promise<OrderSummary | null> {
    this.#deps.figures.commands += 1;
    try {
      const order = await this.#socket.send(command);
      if (order !== null) this.see(order);
      return order;
    } catch (error) {
      this.#failed(command, codeOf(error));
      return null;
    }
  }

  /** The order as somebody has told it; what is older than known is nothing new. */
  see(order: OrderSummary): void {
    const known = this.#orders.get(order.orderId);
    if (known !== undefined && order.sequence < known.order.sequence) return;
    if (!this.#deps.concerns(order)) {
      this.#orders.delete(order.orderId);
      return;
    }
    this.#orders.set(order.orderId, { order, heardAtMs: systemClock.monotonicMs() });
    if (this.#deps.next(order) === null) return;
    this.#queue.add(order.orderId);
    this.#pump();
  }

  stop(): void {
    this.#stopped.abort();
    clearInterval(this.#lookingAgain);
    this.#socket.close();
  }

  #failed(command: Command, code: string): void {
    const { failures, breakages } = this.#deps.figures;
    countIn(failures, code);
    if (!isBreakage(code) || breakages.length >= BREAKAGES_KEPT_MAX) return;
    breakages.push({ code, command, atMs: systemClock.nowMs() });
  }

  #connect(): HexfleetSocket {
    const { url, token, figures } = this.#deps;
    return new HexfleetSocket({
      url,
      token,
      onMessage: (message) => this.#hear(message),
      onState: ({ connected, final }) => {
        if (connected || this.#stopped.signal.aborted) return;
        this.#owed.clear();
        figures.connectionsLost += 1;
        if (final !== true) return;
        figures.refusedForGood += 1;
        this.#socket = this.#connect();
      },
    });
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'snapshot') {
      this.#era += 1;
      this.#orders.clear();
      this.#told.clear();
      this.#owed.clear();
      for (const order of message.orders) this.see(order);
    }
    if (message.type === 'order_event') {
      const { orderId, order } = message;
      this.#told.set(orderId, order.sequence);
      if (order.sequence >= (this.#owed.get(orderId) ?? Infinity)) this.#owed.delete(orderId);
      this.see(order);
    }
    this.#deps.onMessage?.(message, this);
  }

  #pump(): void {
    for (const orderId of this.#queue) {
      if (this.#busy.size >= COMMANDS_AT_ONCE) return;
      if (this.#busy.has(orderId)) continue;
      this.#queue.delete(orderId);
      this.#busy.add(orderId);
      void this.#act(orderId).finally(() => {
        this.#busy.delete(orderId);
        this.#pump();
      });
    }
  }

  /** Never rejects. */
  async #act(orderId: string): Promise<void> {
    const order = this.#orders.get(orderId)?.order;
    const command = order === undefined ? null : this.#deps.next(order);
    if (command === null || this.#stopped.signal.aborted) return;
    if ((await this.say(command)) !== null) return;
    // Refused, or not heard: the order may be another one by now.
    await sleep(PAUSE_MS, this.#stopped.signal);
    await this.#ask(orderId);
  }

  async #ask(orderId: string): Promise<OrderSummary | null> {
    if (this.#stopped.signal.aborted) return null;
    try {
      const order = await this.#deps.api.order(orderId);
      this.see(order);
      return order;
    } catch (error) {
      // No longer ours, or not to be reached; #lookAgain comes back to it while it is known.
      if (error instanceof Error && error.message.startsWith('not_found')) {
        this.#orders.delete(orderId);
      }
      return null;
    }
  }

  async #lookAgain(): Promise<void> {
    if (!this.#socket.connected) return;
    const before = systemClock.monotonicMs() - LOOK_AGAIN_MS;
    const silent = [...this.#orders.values()].filter(({ heardAtMs }) => heardAtMs < before);
    for (const { order } of silent) {
      if (this.#busy.has(order.orderId) || this.#queue.has(order.orderId)) continue;
      await this.#lookAt(order);
    }
  }

  async #lookAt({ orderId, sequence }: OrderSummary): Promise<void> {
    const era = this.#era;
    const now = await this.#ask(orderId);
    const isSameSocket = this.#era === era && this.#socket.connected;
    if (now === null || now.sequence <= sequence || !isSameSocket) return;
    if ((this.#told.get(orderId) ?? 0) < now.sequence) this.#owed.set(orderId, now.sequence);
  }
}
