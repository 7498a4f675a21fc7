import type { Logger, Metrics } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { InboxConsumer } from '../outbox/inbox-consumer.ts';
import { catchUp, READ_MODELS } from './store.ts';

/** Keeps the read models up to date: brings each order to everything that is stored of it. */
export function projector(deps: {
  readonly database: Database;
  readonly metrics: Metrics;
  readonly log: Logger;
}): InboxConsumer {
  const { database, metrics, log } = deps;
  const applied = metrics.counter(
    'hexfleet_read_model_events_total',
    'Events that the read models have taken in',
    [],
  );
  return new InboxConsumer({
    consumer: READ_MODELS,
    name: 'read models',
    apply: catchUp,
    applied: (events) => applied.inc({}, events),
    database,
    log,
  });
}
