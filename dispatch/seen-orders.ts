import type { WaitingOrder } from './ports.ts';

/** Demand is foreseen from what was ordered within this time. */
const KEPT_MS = 6 * 3_600_000;
const ORDERS_MAX = 2_000;

/** Orders of a city that dispatch has seen lately, oldest placement first. */
export class SeenOrders {
  readonly #byId = new Map<string, WaitingOrder>();

  /** @param keptMs wall milliseconds of KEPT_MS city milliseconds */
  add(orders: readonly WaitingOrder[], nowMs: number, timeScale: number): void {
    for (const order of orders) this.#byId.set(order.orderId, order);
    const oldestMs = nowMs - KEPT_MS / timeScale;
    for (const [orderId, { placedAtMs }] of this.#byId) {
      if (placedAtMs >= oldestMs && this.#byId.size <= ORDERS_MAX) break;
      this.#byId.delete(orderId);
    }
  }

  byPlacement(): readonly WaitingOrder[] {
    return [...this.#byId.values()].toSorted((a, b) => a.placedAtMs - b.placedAtMs);
  }
}
