import { dropOldest, type TimeScale } from '../runtime/index.ts';
import type { Estimate } from './estimates.ts';
import { Broadcast, type Outlet } from './socket/outlet.ts';
import { topicKey, type Topics } from './socket/topics.ts';

/** City seconds by which an estimate must differ from what was told to be told again. */
const TELL_SECONDS = 30;
/** Orders with an estimate; beyond it the oldest are forgotten, and told anew by the next round. */
const ORDERS_MAX = 200_000;

/** A plan takes a moment, in which not so many orders end. */
const ENDED_MAX = 10_000;

/** Whose times they are. */
export interface EtaOrder {
  readonly cityId: string;
  readonly orderId: string;
  readonly restaurantId: string;
}

/** What is estimated of each order, and what those to whom it matters were told of it. */
export class EtaBoard {
  readonly #topics: Topics;
  readonly #timeScale: TimeScale;
  /** Orders that have ended lately: a plan that was under way may still speak of them. */
  readonly #ended = new Set<string>();
  readonly #entries = new Map<string, { estimate: Estimate; told: Estimate }>();

  constructor(deps: { readonly topics: Topics; readonly timeScale: TimeScale }) {
    this.#topics = deps.topics;
    this.#timeScale = deps.timeScale;
  }

  /** Tells who watches the order, and its restaurant, unless it differs little from what they know. */
  set(order: EtaOrder, estimate: Estimate): void {
    if (this.#ended.has(order.orderId)) return;
    const entry = this.#entries.get(order.orderId);
    if (entry !== undefined && !this.#isNews(entry.told, estimate)) {
      entry.estimate = estimate;
      return;
    }
    this.#entries.set(order.orderId, { estimate, told: estimate });
    dropOldest(this.#entries, ORDERS_MAX);
    this.#tell(order, messageOf(order.orderId, estimate));
  }

  /** Null when there is no estimate. */
  dropoffAtMs(orderId: string): number | null {
    return this.#entries.get(orderId)?.estimate.dropoffAtMs ?? null;
  }

  showTo(outlet: Outlet, orderId: string): void {
    const entry = this.#entries.get(orderId);
    if (entry !== undefined) send(outlet, orderId, messageOf(orderId, entry.estimate));
  }

  /** Nothing can be said any more: who was told something hears that. */
  withdraw(order: EtaOrder): void {
    if (!this.#entries.delete(order.orderId)) return;
    this.#tell(order, messageOf(order.orderId, null));
  }

  /** The order is over. */
  end(orderId: string): void {
    this.#entries.delete(orderId);
    this.#ended.add(orderId);
    dropOldest(this.#ended, ENDED_MAX);
  }

  #tell({ cityId, orderId, restaurantId }: EtaOrder, message: Broadcast): void {
    for (const topic of [
      { kind: 'order', id: orderId },
      { kind: 'restaurant', id: restaurantId },
    ] as const) {
      for (const { outlet } of this.#topics.listeners(topicKey(cityId, topic))) {
        send(outlet, orderId, message);
      }
    }
  }

  #isNews(told: Estimate, estimate: Estimate): boolean {
    if (told.by !== estimate.by) return true;
    if ((told.pickupAtMs === null) !== (estimate.pickupAtMs === null)) return true;
    const apartMs = Math.max(
      Math.abs((told.pickupAtMs ?? 0) - (estimate.pickupAtMs ?? 0)),
      Math.abs(told.dropoffAtMs - estimate.dropoffAtMs),
    );
    return this.#timeScale.citySeconds(apartMs) >= TELL_SECONDS;
  }
}

/** @param estimate null: there is none any more */
function messageOf(orderId: string, estimate: Estimate | null): Broadcast {
  if (estimate === null) {
    const nothing = { pickupAtMs: null, dropoffAtMs: null, by: 'plan' } as const;
    return new Broadcast({ type: 'eta_update', orderId, ...nothing });
  }
  const { pickupAtMs, dropoffAtMs, by } = estimate;
  return new Broadcast({
    type: 'eta_update',
    orderId,
    pickupAtMs: pickupAtMs === null ? null : Math.round(pickupAtMs),
    dropoffAtMs: Math.round(dropoffAtMs),
    by,
  });
}

function send(outlet: Outlet, orderId: string, message: Broadcast): void {
  outlet.sendState(etaKey(orderId), message);
}

/** Beside the order's position, which is a state of its own. */
function etaKey(orderId: string): string {
  return `${orderId}/eta`;
}
