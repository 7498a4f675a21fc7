/**
 * Dispatch: decides which courier is asked to carry which order.
 *
 * In: nudges that an order waits, the live city (courier index, travel model), what the order core
 * says of waiting orders and couriers (`ports.ts`).
 * Out: reservations, each under the version of the courier that it was decided on.
 * `plan/` is pure and runs in worker threads; everything else waits and asks.
 * May import runtime/, protocol/ and geo/.
 */
export { OsrmRoutes } from './routing/osrm.ts';
export { CANDIDATES_PER_ORDER_MAX } from './city-dispatcher.ts';
export { iterationsFor } from './live-snapshot.ts';
export { Matcher } from './matcher.ts';
export { threadPool } from './thread-pool.ts';
export type { PlanSnapshot, Strategy } from './plan/index.ts';
export { Dispatcher, type DispatcherDeps } from './dispatcher.ts';
export type {
  CarriedOrder,
  CourierLoad,
  CourierOnDuty,
  CourierPresence,
  DispatchStore,
  EstimateBoard,
  Reservation,
  WaitingOrder,
} from './ports.ts';
