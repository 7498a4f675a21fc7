import type { Queryable } from '../database/pool.ts';

export interface OrderRef {
  readonly city_id: string;
  readonly order_id: string;
}

/** How far a consumer has come with an order: its events up to this sequence are taken in. */
export interface Position extends OrderRef {
  readonly sequence: number;
}

/** Made when it is missing, and locked: two consumers never work on one order at the same time. */
const LOCK_POSITIONS = {
  name: 'lock_positions',
  text: `
    WITH wanted AS (
      SELECT DISTINCT w.city_id, w.order_id
      FROM jsonb_to_recordset($2::jsonb) AS w(city_id text, order_id uuid)
      ORDER BY 1, 2
    )
    INSERT INTO consumer_positions AS p (consumer, city_id, order_id, sequence)
    SELECT $1, city_id, order_id, 0 FROM wanted
    ON CONFLICT (consumer, city_id, order_id) DO UPDATE SET sequence = p.sequence
    RETURNING p.city_id, p.order_id, p.sequence`,
};
/** Only inbox rows of events that were seen: one that came in the meantime stays. */
const MOVE_ON = {
  name: 'consumer_move_on',
  text: `
    WITH moved AS (
      UPDATE consumer_positions c SET sequence = ($2 ->> c.order_id::text)::integer
      WHERE c.consumer = $1 AND c.city_id = ANY($4) AND c.order_id = ANY($3::uuid[])
        AND c.sequence <> ($2::jsonb ->> c.order_id::text)::integer
    )
    DELETE FROM consumer_inbox i
    WHERE i.consumer = $1 AND i.city_id = ANY($4) AND i.order_id = ANY($3)
      AND i.sequence <= ($2 ->> i.order_id::text)::integer`,
};

/** Locked until the transaction ends; an order that is new to the consumer stands at 0. */
export async function lockPositions(
  tx: Queryable,
  consumer: string,
  orders: readonly OrderRef[],
): Promise<readonly Position[]> {
  return await tx.query<Position>(LOCK_POSITIONS, [consumer, JSON.stringify(orders)]);
}

/**
 * The events are taken in: positions move to the newest, and what the inbox holds up to there goes.
 * @param positions as `lockPositions` gave them
 * @param events of these orders, ascending in each
 */
export async function moveOn(
  tx: Queryable,
  consumer: string,
  positions: readonly Position[],
  events: readonly Position[],
): Promise<void> {
  const newest = new Map(events.map((event) => [event.order_id, event.sequence]));
  const reached = positions.map((p) => [p.order_id, newest.get(p.order_id) ?? p.sequence] as const);
  await tx.query(MOVE_ON, [
    consumer,
    JSON.stringify(Object.fromEntries(reached)),
    positions.map((p) => p.order_id),
    [...new Set(positions.map((p) => p.city_id))],
  ]);
}
