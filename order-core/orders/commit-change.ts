import type { OrderSummary } from '../../protocol/index.ts';
import { assert, isAppError } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import type { Change } from '../model/change.ts';
import type { Order, StepName } from '../model/order.ts';

/**
 * One change, one statement: the order's row under its version, its events, their outbox rows, the
 * steps and timers that begin or end, the courier's slot and the payment. Every part hangs on
 * `changed`: when the version has moved on, nothing at all happens. `must` aborts the whole
 * statement when a part that has to match does not (a courier that somebody else took).
 * One statement and not a transaction of eight: a round trip costs more than all of the parts.
 */
const COMMIT_CHANGE = {
  name: 'commit_change',
  text: `
    WITH changed AS (
      UPDATE orders SET
        state = $4, cancel_reason = $5, courier_id = $6, courier_search = $7,
        waiting_since = CASE WHEN $7 = 'waiting'
          THEN coalesce(waiting_since, clock_timestamp()) END,
        ready_at = to_timestamp($8::float8 / 1000),
        version = version + 1, sequence = sequence + jsonb_array_length($9::jsonb)
      WHERE city_id = $1 AND order_id = $2 AND version = $3
      RETURNING city_id, order_id, sequence - jsonb_array_length($9::jsonb) AS base
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, data, actor, at)
      SELECT c.city_id, c.order_id, c.base + e.ordinality, e.value->>'type', e.value->'data', $10,
        clock_timestamp()
      FROM changed c, jsonb_array_elements($9::jsonb) WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY sequence
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step)
      SELECT c.city_id, c.order_id, s FROM changed c, unnest($11::text[]) s
      ON CONFLICT DO NOTHING
    ), finished AS (
      DELETE FROM saga_steps s USING changed c
      WHERE s.city_id = c.city_id AND s.order_id = c.order_id AND s.step = $12
    ), cleared AS (
      DELETE FROM timers t USING changed c
      WHERE t.city_id = c.city_id AND t.order_id = c.order_id AND t.kind = ANY($13::text[])
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT c.city_id, c.order_id, t->>'kind',
        clock_timestamp() + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM changed c, jsonb_array_elements($14::jsonb) t
      ON CONFLICT (city_id, order_id, kind) DO UPDATE SET due_at = excluded.due_at
    ), reserved AS (
      UPDATE couriers k SET active_orders = active_orders + 1, version = version + 1
      FROM changed c, jsonb_array_elements($15::jsonb) n
      WHERE k.city_id = c.city_id AND k.courier_id = n->>'courierId'
        AND k.version = (n->>'courierVersion')::bigint
        AND k.on_duty AND k.active_orders < k.capacity
      RETURNING k.city_id, k.courier_id, k.on_duty, k.active_orders, k.capacity
    ), offered AS (
      INSERT INTO offers (city_id, offer_id, order_id, courier_id, slot, state, expires_at)
      SELECT r.city_id, (n->>'offerId')::uuid, $2, r.courier_id,
        (SELECT min(slot) FROM generate_series(0, r.capacity - 1) slot WHERE NOT EXISTS (
          SELECT FROM offers f WHERE f.city_id = r.city_id AND f.courier_id = r.courier_id
            AND f.slot = slot.slot AND f.state IN ('offered', 'accepted'))),
        'offered', to_timestamp((n->>'expiresAtMs')::float8 / 1000)
      FROM reserved r, jsonb_array_elements($15::jsonb) n
    ), moved AS (
      UPDATE offers f SET state = m->>'state',
        ended_at = CASE WHEN m->>'state' <> 'accepted' THEN clock_timestamp() END
      FROM changed c, jsonb_array_elements($16::jsonb) m
      WHERE f.city_id = c.city_id AND f.offer_id = (m->>'offerId')::uuid
        AND f.state IN ('offered', 'accepted')
      RETURNING f.city_id, f.courier_id, f.state
    ), freed AS (
      UPDATE couriers k SET active_orders = active_orders - 1, version = version + 1
      FROM moved m
      WHERE k.city_id = m.city_id AND k.courier_id = m.courier_id AND m.state <> 'accepted'
      RETURNING k.courier_id, k.on_duty, k.active_orders, k.capacity
    ), paid AS (
      UPDATE payments p SET state = v->>'state',
        provider_intent_id = coalesce(v->>'intentId', provider_intent_id),
        authorized_minor = coalesce((v->>'authorizedMinor')::bigint, authorized_minor),
        captured_minor = coalesce((v->>'capturedMinor')::bigint, captured_minor)
      FROM changed c, jsonb_array_elements($17::jsonb) v
      WHERE p.city_id = c.city_id AND p.order_id = c.order_id
    ), touched AS (
      SELECT courier_id, on_duty, active_orders, capacity FROM reserved
      UNION ALL SELECT courier_id, on_duty, active_orders, capacity FROM freed
    )
    SELECT t.courier_id, t.on_duty AND t.active_orders < t.capacity AS available,
      must((SELECT count(*) FROM reserved) = jsonb_array_length($15::jsonb), 'courier_taken')
        AND must((SELECT count(*) FROM moved) = jsonb_array_length($16::jsonb), 'offer_gone') AS holds
    FROM changed c LEFT JOIN touched t ON true`,
};

interface CommittedRow {
  courier_id: string | null;
  available: boolean | null;
}

/** What a commit did, for those who keep a picture of it in memory. */
export interface Committed {
  readonly order: OrderSummary;
  readonly courier: { readonly courierId: string; readonly available: boolean } | null;
}

/**
 * @param order what the change was decided on
 * @param actor who caused it, `role:subject` or the engine's own part
 * @param finishedStep the saga step whose outcome this change is
 * @returns null when somebody else changed the order first: load again and decide again
 * @throws AppError `courier_taken`, `offer_gone`
 */
export async function commitChange(
  database: Database,
  order: Order,
  change: Change,
  cause: { readonly actor: string; readonly finishedStep?: StepName },
): Promise<Committed | null> {
  assert(
    !change.setTimer || change.clearTimers?.includes(change.setTimer.kind) !== true,
    'a change does not both set and clear a timer',
  );
  const after = applied(order, change);
  const rows = await run(database, [
    order.cityId,
    order.orderId,
    order.version,
    after.state,
    after.cancelReason,
    after.courierId,
    change.courierSearch ?? order.courierSearch,
    after.readyAtMs,
    JSON.stringify(change.events),
    cause.actor,
    change.steps ?? [],
    cause.finishedStep ?? null,
    change.clearTimers ?? [],
    list(change.setTimer),
    list(change.newOffer),
    list(change.offerBecomes),
    list(change.payment),
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  assert(rows.length === 1, 'a change touches one courier at most');
  const courier =
    row.courier_id === null
      ? null
      : { courierId: row.courier_id, available: row.available === true };
  return { order: after, courier };
}

/** A part that had to match and did not, as the error that the caller knows. */
async function run(database: Database, values: readonly unknown[]): Promise<CommittedRow[]> {
  try {
    return await database.query<CommittedRow>(COMMIT_CHANGE, values);
  } catch (error) {
    const reason = isAppError(error, 'statement_refused') ? error.details['reason'] : null;
    if (reason === 'offer_gone') throw orderErrors.make('offer_gone', { cause: error });
    // The partial unique indexes say the same as the version check, should that ever be wrong.
    if (reason === 'courier_taken' || isViolation(error, 'offer_one_per_courier_slot')) {
      throw orderErrors.make('courier_taken', { cause: error });
    }
    throw error;
  }
}

/** None or one, as the JSON list that the statement unfolds. */
function list(part: object | undefined): string {
  return JSON.stringify(part === undefined ? [] : [part]);
}

function applied(order: Order, change: Change): OrderSummary {
  return {
    ...order.summary,
    state: change.state ?? order.state,
    cancelReason: change.cancelReason ?? order.cancelReason,
    courierId: change.courierId === undefined ? order.courierId : change.courierId,
    readyAtMs: change.readyAtMs ?? order.readyAtMs,
    sequence: order.sequence + change.events.length,
  };
}
