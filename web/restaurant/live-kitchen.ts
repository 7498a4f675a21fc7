import { signal, type ReadonlySignal } from '@preact/signals';
import { newRequestId } from '../../clients/ts/index.ts';
import type { OrderCommandBody, ServerMessage } from '../../protocol/index.ts';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { Bell } from '../live/bell.ts';
import type { EngineLink } from '../live/engine-link.ts';
import {
  afterMessage,
  newlyAsked,
  ticketsIn,
  withOrder,
  type Kitchen,
  type Ticket,
} from './kitchen.ts';

/** While an order waits for an answer, the bell rings again. */
const RING_AGAIN_MS = 10_000;
/** Mostly they are there with the first; the second is for a busy engine. */
const FIGURES_AFTER_MS = [1_000, 6_000];

/**
 * The kitchen, live. The restaurant's socket has its topic from the beginning, so a page that was loaded
 * again, or was without a network, has everything that there is: by a snapshot, or by what it missed.
 */
export class LiveKitchen {
  readonly #engine: EngineLink;
  readonly #bell: Bell;
  readonly #kitchen = signal<Kitchen>(new Map());
  readonly #isHere = signal(false);
  /** Grows with everything that may change the day's figures. */
  readonly #ended = signal(0);
  #unlisten: () => void = () => undefined;
  #ringing: ReturnType<typeof setInterval> | undefined;

  /** @param bell rings for each new order, and again while one waits for an answer */
  constructor(engine: EngineLink, bell: Bell) {
    this.#engine = engine;
    this.#bell = bell;
  }

  get kitchen(): ReadonlySignal<Kitchen> {
    return this.#kitchen;
  }

  /** Whether the engine has said what there is. */
  get isHere(): ReadonlySignal<boolean> {
    return this.#isHere;
  }

  get ended(): ReadonlySignal<number> {
    return this.#ended;
  }

  start(): void {
    this.#unlisten = this.#engine.listen((message) => this.#heard(message));
    this.#ringing = setInterval(() => {
      if (ticketsIn(this.#kitchen.value, 'new').length > 0) this.#ring();
    }, RING_AGAIN_MS);
  }

  stop(): void {
    this.#unlisten();
    clearInterval(this.#ringing);
  }

  /**
   * Gives a command about an order. It goes by REST under a key, so it is carried out once, also when the
   * network is bad and the answer is lost; and shows what became of it at once.
   */
  async command({ order }: Ticket, command: OrderCommandBody): Promise<void> {
    try {
      const after = await this.#engine.api.command(order.orderId, command, newRequestId());
      this.#kitchen.value = withOrder(this.#kitchen.value, after);
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  }

  #heard(message: ServerMessage): void {
    const before = this.#kitchen.value;
    const after = afterMessage(before, message);
    if (message.type === 'snapshot') this.#isHere.value = true;
    if (message.type === 'order_event' && ENDS.has(message.event)) this.#endsSoon();
    if (message.type === 'order_event' && message.event === 'order.cancelled') {
      if (before.has(message.orderId)) toast(t('kitchen.cancelled'), 'danger');
    }
    this.#kitchen.value = after;
    const asked = newlyAsked(before, after);
    if (asked.length > 0) this.#ring();
    for (const ticket of asked) if (ticket.paidAtMs === null) void this.#askSince(ticket);
  }

  /** A tablet that was told to be silent does not buzz either. */
  #ring(): void {
    if (this.#bell.isOn.value) this.#bell.ring();
  }

  /** The day's figures are made of the same events, a moment after. */
  #endsSoon(): void {
    for (const afterMs of FIGURES_AFTER_MS) {
      setTimeout(() => {
        this.#ended.value += 1;
      }, afterMs);
    }
  }

  /** A snapshot does not say since when an order waits; its story does. Never rejects. */
  async #askSince({ order }: Ticket): Promise<void> {
    try {
      const { timeline, ...now } = await this.#engine.api.order(order.orderId);
      const paid = timeline.find(({ type }) => type === 'order.paid');
      const since = paid === undefined ? {} : { paidAtMs: paid.atMs };
      this.#kitchen.value = withOrder(this.#kitchen.value, now, since);
    } catch {
      // Without, there is no countdown; the order can be answered all the same.
    }
  }
}

const ENDS: ReadonlySet<string> = new Set(['order.delivered', 'order.cancelled', 'order.paid']);
