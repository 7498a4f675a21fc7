import { isAppError } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import type { OrderRef } from '../outbox/positions.ts';
import { catchUp, READ_MODELS } from './store.ts';

const BATCH = 500;

/** In the projector's order of locks: waits until it is done with what it has in hand. */
const FORGET = [
  { name: 'rebuild_lock_inbox', text: `LOCK TABLE consumer_inbox IN EXCLUSIVE MODE` },
  {
    name: 'rebuild_forget_positions',
    text: `DELETE FROM consumer_positions WHERE consumer = '${READ_MODELS}'`,
  },
  { name: 'rebuild_forget', text: `TRUNCATE order_list, restaurant_days, courier_days` },
];
const LOCK_TRIES_MAX = 10;
const COUNT_ORDERS = { name: 'rebuild_count', text: `SELECT count(*)::integer AS n FROM orders` };
const NEXT_ORDERS = {
  name: 'rebuild_next',
  text: `
    SELECT city_id, order_id FROM orders WHERE (city_id, order_id) > ($1, $2::uuid)
    ORDER BY city_id, order_id LIMIT ${BATCH}`,
};
const FIGURES = {
  name: 'read_model_figures',
  text: `
    SELECT (SELECT count(*)::integer FROM order_list) AS orders,
      (SELECT count(*)::integer FROM consumer_inbox WHERE consumer = $1) AS waiting,
      (SELECT count(*)::integer FROM consumer_inbox
        WHERE consumer = $1 AND due_at = 'infinity') AS stuck,
      (SELECT last_error FROM consumer_inbox
        WHERE consumer = $1 AND due_at = 'infinity' LIMIT 1) AS error`,
};

export interface ReadModelFigures {
  readonly orders: number;
  /** Orders with events that are not in the read models yet. */
  readonly waiting: number;
  /** Of these, given up; a rebuild tries them again. */
  readonly stuck: number;
  readonly error: string | null;
}

export async function readModelFigures(database: Database): Promise<ReadModelFigures> {
  const [row] = await database.query<ReadModelFigures>(FIGURES, [READ_MODELS]);
  return row ?? { orders: 0, waiting: 0, stuck: 0, error: null };
}

/**
 * Throws the read models away and makes them again from the events. The engine may run: what happens
 * meanwhile is announced to the projector as always.
 * @param progress called after each batch with orders done and orders in all
 * @returns how many events were read
 */
export async function rebuildReadModels(
  database: Database,
  progress: (done: number, total: number) => void,
): Promise<number> {
  const [count] = await database.query<{ n: number }>(COUNT_ORDERS);
  const total = count?.n ?? 0;
  await patiently(() =>
    database.transaction(async (tx) => {
      for (const statement of FORGET) await tx.query(statement);
    }),
  );
  let events = 0;
  let done = 0;
  let after: OrderRef = { city_id: '', order_id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const batch = await database.query<OrderRef>(NEXT_ORDERS, [after.city_id, after.order_id]);
    const last = batch.at(-1);
    if (last === undefined) return events;
    events += await patiently(() => database.transaction((tx) => catchUp(tx, batch)));
    done += batch.length;
    progress(done, Math.max(total, done));
    after = last;
  }
}

/** A projector that works on the same orders is waited for more than once. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= LOCK_TRIES_MAX || !isAppError(error, 'lock_timeout')) throw error;
    }
  }
}
