/**
 * The order core: takes an order from the click to the door.
 *
 * In: placements and commands of customers, restaurants and couriers (from the gateway), chosen
 * couriers (from dispatch), outcomes of the payment provider, deadlines.
 * Out: committed events on the bus, what each side may see, nudges to dispatch.
 * Holds: the database and its migrations; nobody else speaks SQL.
 * May import runtime/ and protocol/. What it needs of the rest are the ports in `ports.ts`.
 */
export { OrderCore, type OrderCoreDeps } from './core.ts';
export {
  acquireEngineLock,
  Database,
  DatabaseClock,
  databaseErrors,
  LOOKUP_PLANS,
  migrate,
  startEmbeddedPostgres,
} from './database/index.ts';
export { orderErrors } from './errors.ts';
export { FixHistory } from './history/fix-history.ts';
export { checkInvariants, compareLedgers, type InvariantResult } from './invariants.ts';
export { SmtpChannel, WebhookChannel, type NotificationChannels } from './notifications/index.ts';
export { StripeProvider } from './payments/stripe-provider.ts';
export {
  readModelFigures,
  rebuildReadModels,
  type ReadModelFigures,
} from './read-models/rebuild.ts';
export {
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  showDeadLetter,
} from './saga/dead-letters.ts';
export type {
  CityBoard,
  CitySettings,
  CourierAssigner,
  CourierBoard,
  LedgerEntry,
  PaymentProvider,
  ServiceArea,
} from './ports.ts';
