import type { Metrics } from '../runtime/index.ts';

/** What dispatch counts; made once per engine. */
export interface DispatchInstruments {
  readonly roundSeconds: ReturnType<Metrics['latency']>;
  readonly reservations: ReturnType<Metrics['counter']>;
}

/** @param waiting orders of all cities that wait for a courier */
export function dispatchInstruments(metrics: Metrics, waiting: () => number): DispatchInstruments {
  metrics.gauge('hexfleet_dispatch_waiting_orders', 'Orders that wait for a courier', waiting);
  return {
    roundSeconds: metrics.latency(
      'hexfleet_dispatch_round_seconds',
      'One planning round of a city with waiting orders, reservations included',
      [],
    ),
    reservations: metrics.counter(
      'hexfleet_dispatch_reservations_total',
      'Couriers that dispatch tried to reserve',
      ['outcome'],
    ),
  };
}
