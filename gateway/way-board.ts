import type { OrderSummary, Topic } from '../protocol/index.ts';
import type { Metrics, Tally } from '../runtime/index.ts';
import { Broadcast, type Outlet } from './socket/outlet.ts';
import { topicKey, type Topics } from './socket/topics.ts';
import { WayWatch, type RowOfWay, type WayFact } from './way-watch.ts';

/** Tells of couriers who are at their stops, off their way, or silent. */
export class WayBoard {
  readonly #topics: Topics;
  readonly #counts: Tally = {};

  constructor({ topics, metrics }: { readonly topics: Topics; readonly metrics: Metrics }) {
    this.#topics = topics;
    metrics.tally('hexfleet_courier_events_total', 'What happened to couriers on their ways', {
      label: 'event',
      by: this.#counts,
    });
  }

  /** Of an order that this courier carries from now on. */
  watch(order: OrderSummary, courierId: string, at: RowOfWay): WayWatch {
    return new WayWatch(order, at, (fact) => this.#tell(order, courierId, fact));
  }

  /** What holds of the way of an order, for one who begins to listen. */
  showTo(outlet: Outlet, { orderId, courierId, watch }: WatchedOrder): void {
    for (const fact of watch.holds) {
      outlet.send({ type: 'courier_event', orderId, courierId, ...fact });
    }
  }

  #tell({ cityId, orderId, restaurantId }: OrderSummary, courierId: string, fact: WayFact): void {
    this.#counts[fact.event] = (this.#counts[fact.event] ?? 0) + 1;
    const broadcast = new Broadcast({ type: 'courier_event', orderId, courierId, ...fact });
    const topics: readonly Topic[] = [
      { kind: 'order', id: orderId },
      { kind: 'restaurant', id: restaurantId },
      { kind: 'courier', id: courierId },
    ];
    for (const topic of topics) {
      for (const { outlet } of this.#topics.listeners(topicKey(cityId, topic))) {
        outlet.sendEvent(broadcast);
      }
    }
  }
}

interface WatchedOrder {
  readonly orderId: string;
  readonly courierId: string;
  readonly watch: WayWatch;
}
