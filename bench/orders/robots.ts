import { ApiError, HexfleetSocket, type Command } from '../../clients/ts/index.ts';
import type { OrderSummary, Place, ServerMessage } from '../../protocol/index.ts';
import { sleep, systemClock } from '../../runtime/index.ts';

/** Tries of a command that met another change of the same order, or a lost connection. */
const TRIES_MAX = 5;
const RETRY_MS = 20;
const READY_MS_MAX = 20_000;
const POLL_MS = 10;

export interface RobotEvents {
  readonly delivered: (reference: string, atMs: number) => void;
  /** A command was refused for good. */
  readonly refused: (code: string) => void;
}

export interface RobotOptions {
  readonly url: string;
  readonly token: string;
  readonly events: RobotEvents;
}

/** Somebody at a socket of the SDK who does at once whatever comes next. */
abstract class Robot {
  protected readonly socket: HexfleetSocket;
  readonly #events: RobotEvents;
  /** Orders in hand; what is heard of them meanwhile starts nothing a second time. */
  readonly #busy = new Set<string>();
  #here = false;

  constructor({ url, token, events }: RobotOptions) {
    this.#events = events;
    this.socket = new HexfleetSocket({
      url,
      token,
      onMessage: (message) => {
        if (message.type === 'snapshot') this.#here = true;
        this.hear(message);
      },
    });
  }

  /** Resolves when the engine has said what there is to do. @throws Error when it does not */
  async arrived(): Promise<void> {
    for (let waitedMs = 0; !this.#here; waitedMs += POLL_MS) {
      if (waitedMs > READY_MS_MAX) throw new Error('a robot cannot connect');
      await sleep(POLL_MS);
    }
  }

  leave(): void {
    this.socket.close();
  }

  protected abstract hear(message: ServerMessage): void;

  /** Works on an order unless it is in hand; a refusal ends the work. */
  protected begin(key: string, work: () => Promise<void>): void {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    void work()
      .catch((error: unknown) => {
        this.#events.refused(error instanceof ApiError ? error.code : String(error));
      })
      .finally(() => this.#busy.delete(key));
  }

  protected delivered(order: OrderSummary | null): void {
    this.#events.delivered(order?.reference ?? '', systemClock.nowMs());
  }

  protected async command(command: Command): Promise<OrderSummary | null> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.socket.send(command);
      } catch (error) {
        const isFinal = error instanceof ApiError && error.code !== 'order_busy';
        if (isFinal || tries >= TRIES_MAX) throw error;
        await sleep(RETRY_MS * tries);
      }
    }
  }
}

/** A kitchen in which food is ready the moment it is ordered. */
export class RestaurantRobot extends Robot {
  protected hear(message: ServerMessage): void {
    if (message.type === 'order_event') this.#look(message.order);
    if (message.type === 'snapshot') for (const order of message.orders) this.#look(order);
  }

  #look({ orderId, state }: OrderSummary): void {
    if (state !== 'PAID') return;
    this.begin(orderId, async () => {
      await this.command({ type: 'accept_order', orderId, preparationSeconds: 0 });
      await this.command({ type: 'start_preparation', orderId });
      await this.command({ type: 'mark_ready', orderId });
    });
  }
}

/** A courier who takes every offer and is everywhere at once. */
export class CourierRobot extends Robot {
  readonly #place: Place;
  readonly #carried = new Set<string>();

  constructor(options: RobotOptions & { readonly place: Place }) {
    super(options);
    this.#place = options.place;
  }

  /** On duty, and where the index can find it. */
  async startShift(): Promise<void> {
    await this.arrived();
    await this.command({ type: 'set_duty', onDuty: true });
    const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
    const atMs = systemClock.nowMs();
    this.socket.sendFixes([{ ...this.#place, ...still, sequence: 1, atMs }]);
  }

  protected hear(message: ServerMessage): void {
    if (message.type === 'offer') this.#take(message.offer);
    if (message.type === 'order_event') this.#look(message.order);
    if (message.type === 'snapshot') {
      for (const offer of message.offers) this.#take(offer);
      for (const order of message.orders) {
        this.#carried.add(order.orderId);
        this.#look(order);
      }
    }
  }

  #take({ offerId, orderId }: { readonly offerId: string; readonly orderId: string }): void {
    this.begin(offerId, async () => {
      // Before the answer: that the food is ready may be heard first.
      this.#carried.add(orderId);
      const order = await this.command({ type: 'accept_offer', orderId, offerId });
      if (order !== null) this.#look(order);
    });
  }

  #look({ orderId, state }: OrderSummary): void {
    if (state !== 'READY' || !this.#carried.has(orderId)) return;
    this.begin(orderId, async () => {
      await this.command({ type: 'pick_up', orderId });
      this.#carried.delete(orderId);
      await this.command({ type: 'depart', orderId });
      this.delivered(await this.command({ type: 'deliver', orderId }));
    });
  }
}
