import { signal, type ReadonlySignal } from '@preact/signals';
import type { OrderCommandBody } from '../../protocol/index.ts';
import type { EngineLink } from '../live/engine-link.ts';
import type { Bell } from '../live/bell.ts';
import { NOTHING_YET, openOffers, withOrder, workAfter, type CourierWork } from './work.ts';

/** What a courier has to do, live, and what it says about it. */
export class CourierDesk {
  readonly #engine: EngineLink;
  readonly #work = signal<CourierWork>(NOTHING_YET);
  /** By order: ends its topic. */
  readonly #followed = new Map<string, () => void>();
  readonly #end: () => void;

  /** @param bell rings for each new offer */
  constructor(engine: EngineLink, bell: Bell) {
    this.#engine = engine;
    this.#end = engine.listen((message) => {
      const asked = new Set(this.#work.value.offers.map(({ offer }) => offer.offerId));
      const nowMs = engine.exactNowMs();
      this.#set(workAfter(this.#work.value, message, { who: engine.session.subject, nowMs }));
      const isNew = openOffers(this.#work.value, nowMs).some(
        ({ offer }) => !asked.has(offer.offerId),
      );
      if (isNew) bell.ring();
    });
  }

  get work(): ReadonlySignal<CourierWork> {
    return this.#work;
  }

  /** @throws ApiError, ConnectionLost */
  async setDuty(onDuty: boolean): Promise<void> {
    await this.#engine.send({ type: 'set_duty', onDuty });
    this.#work.value = { ...this.#work.value, onDuty };
  }

  /**
   * After a lost connection it is not known whether it was done: what comes with the next one says so.
   * @throws ApiError, ConnectionLost
   */
  async give(orderId: string, command: OrderCommandBody): Promise<void> {
    const order = await this.#engine.send({ ...command, orderId });
    if (order !== null) this.#set(withOrder(this.#work.value, order, this.#engine.session.subject));
  }

  close(): void {
    this.#end();
    for (const end of this.#followed.values()) end();
  }

  #set(work: CourierWork): void {
    if (work === this.#work.value) return;
    this.#work.value = work;
    const carried = new Set(work.orders.map(({ orderId }) => orderId));
    for (const [orderId, end] of this.#followed) {
      if (carried.has(orderId)) continue;
      this.#followed.delete(orderId);
      end();
    }
    for (const orderId of carried) {
      // When it will be where, the engine tells to those who watch the order.
      if (!this.#followed.has(orderId))
        this.#followed.set(orderId, this.#engine.follow(`order:${orderId}`));
    }
  }
}
