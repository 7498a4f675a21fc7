import type { OrderSummary } from '../../protocol/index.ts';
import { assert, isAppError } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import { orderErrors } from '../errors.ts';
import { versionOf } from '../events/upcast.ts';
import type { Change } from '../model/change.ts';
import type { Order, StepRef } from '../model/order.ts';

/**
 * One change, one statement: the order's row under its version, its events, their outbox rows, the
 * steps and timers that begin or end, the courier's slot, the money, the stock. Every part hangs on
 * `changed`: when the version has moved on, nothing at all happens. `must` aborts the whole
 * statement when a part that has to match does not (a courier that somebody else took).
 * One statement and not a transaction of a dozen: a round trip costs more than all of the parts.
 */
const COMMIT_CHANGE = {
  name: 'commit_change',
  text: `
    WITH changed AS (
      UPDATE orders o SET
        state = r.state, cancel_reason = r.cancel_reason, courier_id = r.courier_id,
        courier_search = r.courier_search,
        waiting_since = CASE WHEN r.courier_search = 'waiting'
          THEN coalesce(o.waiting_since, clock_timestamp()) END,
        ready_at = to_timestamp(r.ready_at_ms / 1000),
        confirmed_at = CASE WHEN r.confirmed THEN clock_timestamp() ELSE o.confirmed_at END,
        attention = r.attention, modification = r.modification, rating = r.rating,
        code_attempts = r.code_attempts,
        items = coalesce(r.items, o.items),
        subtotal_minor = coalesce(r.subtotal_minor, o.subtotal_minor),
        delivery_fee_minor = coalesce(r.delivery_fee_minor, o.delivery_fee_minor),
        tax_minor = coalesce(r.tax_minor, o.tax_minor),
        total_minor = coalesce(r.total_minor, o.total_minor),
        version = o.version + 1, sequence = o.sequence + jsonb_array_length($5::jsonb)
      FROM jsonb_to_record($4::jsonb) AS r(state text, cancel_reason text, courier_id text,
        courier_search text, ready_at_ms float8, confirmed boolean, attention text,
        modification jsonb, rating jsonb, code_attempts integer, items jsonb,
        subtotal_minor bigint, delivery_fee_minor bigint, tax_minor bigint, total_minor bigint)
      WHERE o.city_id = $1 AND o.order_id = $2 AND o.version = $3
      RETURNING o.city_id, o.order_id, o.sequence - jsonb_array_length($5::jsonb) AS base
    ), keyed AS (
      INSERT INTO commands (city_id, actor, key, order_id, request_hash)
      SELECT c.city_id, $6, k->>'key', c.order_id, decode(k->>'hash', 'hex')
      FROM changed c, jsonb_array_elements($18::jsonb) k
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, schema_version, data, actor,
        causation, at)
      SELECT c.city_id, c.order_id, c.base + e.ordinality, e.value->>'type',
        (e.value->>'version')::smallint, e.value->'data', $6, $7, clock_timestamp()
      FROM changed c, jsonb_array_elements($5::jsonb) WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY sequence
    ), finished AS (
      DELETE FROM saga_steps s USING changed c, jsonb_array_elements($9::jsonb) f
      WHERE s.city_id = c.city_id AND s.order_id = c.order_id
        AND s.step = f->>'step' AND s.number = (f->>'number')::integer
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step, number)
      SELECT c.city_id, c.order_id, s->>'step', (s->>'number')::integer
      FROM changed c, jsonb_array_elements($8::jsonb) s
      ON CONFLICT DO NOTHING
    ), cleared AS (
      DELETE FROM timers t USING changed c
      WHERE t.city_id = c.city_id AND t.order_id = c.order_id AND t.kind = ANY($10::text[])
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT c.city_id, c.order_id, t->>'kind',
        clock_timestamp() + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM changed c, jsonb_array_elements($11::jsonb) t
      ON CONFLICT (city_id, order_id, kind) DO UPDATE SET due_at = excluded.due_at
    ), reserved AS (
      UPDATE couriers k SET active_orders = active_orders + 1, version = version + 1
      FROM changed c, jsonb_array_elements($12::jsonb) n
      WHERE k.city_id = c.city_id AND k.courier_id = n->>'courierId'
        AND (n->>'courierVersion' IS NULL OR k.version = (n->>'courierVersion')::bigint)
        AND k.on_duty AND k.active_orders < k.capacity
      RETURNING k.city_id, k.courier_id, k.on_duty, k.active_orders, k.capacity
    ), offered AS (
      INSERT INTO offers (city_id, offer_id, order_id, courier_id, slot, state, expires_at)
      SELECT r.city_id, (n->>'offerId')::uuid, $2, r.courier_id,
        (SELECT min(slot) FROM generate_series(0, r.capacity - 1) slot WHERE NOT EXISTS (
          SELECT FROM offers f WHERE f.city_id = r.city_id AND f.courier_id = r.courier_id
            AND f.slot = slot.slot AND f.state IN ('offered', 'accepted'))),
        n->>'state', to_timestamp((n->>'expiresAtMs')::float8 / 1000)
      FROM reserved r, jsonb_array_elements($12::jsonb) n
    ), moved AS (
      UPDATE offers f SET state = m->>'state',
        ended_at = CASE WHEN m->>'state' <> 'accepted' THEN clock_timestamp() END
      FROM changed c, jsonb_array_elements($13::jsonb) m
      WHERE f.city_id = c.city_id AND f.offer_id = (m->>'offerId')::uuid
        AND f.state IN ('offered', 'accepted')
      RETURNING f.city_id, f.courier_id, f.state
    ), freed AS (
      UPDATE couriers k SET active_orders = active_orders - 1, version = version + 1
      FROM moved m
      WHERE k.city_id = m.city_id AND k.courier_id = m.courier_id AND m.state <> 'accepted'
      RETURNING k.courier_id, k.on_duty, k.active_orders, k.capacity
    ), paid AS (
      UPDATE payments p SET state = coalesce(v.state, p.state),
        generation = coalesce(v.generation, p.generation),
        authorized_minor = coalesce(v.authorized_minor, p.authorized_minor),
        capture_minor = coalesce(v.capture_minor, p.capture_minor),
        captured_minor = coalesce(v.captured_minor, p.captured_minor),
        refunded_minor = coalesce(v.refunded_minor, p.refunded_minor)
      FROM changed c, jsonb_to_recordset($14::jsonb) AS v(state text, generation integer,
        authorized_minor bigint, capture_minor bigint, captured_minor bigint,
        refunded_minor bigint)
      WHERE p.city_id = c.city_id AND p.order_id = c.order_id
    ), held AS (
      INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state, intent_id)
      SELECT c.city_id, c.order_id, (a->>'generation')::integer, (a->>'amountMinor')::bigint,
        a->>'state', a->>'intentId'
      FROM changed c, jsonb_array_elements($15::jsonb) a
      ON CONFLICT (city_id, order_id, generation) DO UPDATE SET state = excluded.state,
        intent_id = coalesce(excluded.intent_id, authorizations.intent_id)
    ), refunded AS (
      INSERT INTO refunds (city_id, order_id, number, amount_minor, state, provider_refund_id)
      SELECT c.city_id, c.order_id, (f->>'number')::integer, (f->>'amountMinor')::bigint,
        f->>'state', f->>'providerRefundId'
      FROM changed c, jsonb_array_elements($16::jsonb) f
      ON CONFLICT (city_id, order_id, number) DO UPDATE SET state = excluded.state,
        provider_refund_id = excluded.provider_refund_id
    ), counted AS (
      -- In one order, so that two orders of the same dishes do not wait for each other in a circle.
      SELECT m.city_id, m.restaurant_id, m.item_id, s.delta
      FROM menu_items m
        JOIN orders o ON o.city_id = m.city_id AND o.restaurant_id = m.restaurant_id
        JOIN changed c ON c.city_id = o.city_id AND c.order_id = o.order_id
        JOIN (SELECT i->>'itemId' AS item_id, sum((i->>'delta')::integer) AS delta
          FROM jsonb_array_elements($17::jsonb) i GROUP BY 1) s ON s.item_id = m.item_id
      WHERE m.stock IS NOT NULL ORDER BY m.item_id FOR UPDATE OF m
    ), stocked AS (
      UPDATE menu_items m SET stock = m.stock + t.delta FROM counted t
      WHERE m.city_id = t.city_id AND m.restaurant_id = t.restaurant_id AND m.item_id = t.item_id
    ), touched AS (
      SELECT courier_id, on_duty, active_orders, capacity FROM reserved
      UNION ALL SELECT courier_id, on_duty, active_orders, capacity FROM freed
    )
    SELECT t.courier_id, t.on_duty AND t.active_orders < t.capacity AS available,
      must((SELECT count(*) FROM reserved) = jsonb_array_length($12::jsonb), 'courier_taken')
        AND must((SELECT count(*) FROM moved) = jsonb_array_length($13::jsonb), 'offer_gone') AS holds
    FROM changed c LEFT JOIN touched t ON true`,
};

interface CommittedRow {
  courier_id: string | null;
  available: boolean | null;
}

/** Who caused a change, and by what. */
export interface Cause {
  /** `role:subject`, or the engine's own part. */
  readonly actor: string;
  /** What made it happen: a command's id, a timer, a step. */
  readonly causation: string | null;
  /** The saga step whose outcome this change is. */
  readonly finishedStep?: StepRef;
  /** Under which the command is carried out once. */
  readonly key?: CommandKey;
}

export interface CommandKey {
  readonly key: string;
  /** The command, to tell a repetition from a mistake. */
  readonly hash: Buffer;
}

/** What a commit did, for those who keep a picture of it in memory. */
export interface Committed {
  readonly order: OrderSummary;
  readonly courier: { readonly courierId: string; readonly available: boolean } | null;
}

/**
 * @param order what the change was decided on
 * @returns null when somebody else changed the order first: load again and decide again
 * @throws AppError `courier_taken`, `offer_gone`, `out_of_stock`
 */
export async function commitChange(
  database: Database,
  order: Order,
  change: Change,
  cause: Cause,
): Promise<Committed | null> {
  const set = new Set(change.setTimers?.map(({ kind }) => kind));
  assert(
    change.clearTimers?.some((kind) => set.has(kind)) !== true,
    'a change does not both set and clear a timer',
  );
  const after = applied(order, change);
  const rows = await run(database, [
    order.cityId,
    order.orderId,
    order.version,
    JSON.stringify(rowAfter(order, change, after)),
    JSON.stringify(change.events.map((event) => ({ ...event, version: versionOf(event.type) }))),
    cause.actor,
    cause.causation,
    JSON.stringify(change.steps ?? []),
    list(cause.finishedStep),
    change.clearTimers ?? [],
    JSON.stringify(change.setTimers ?? []),
    list(change.newOffer),
    list(change.offerBecomes),
    list(paymentRow(change.payment)),
    JSON.stringify(change.authorizations ?? []),
    list(change.refund),
    JSON.stringify(change.stock ?? []),
    list(cause.key && { key: cause.key.key, hash: cause.key.hash.toString('hex') }),
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
    // The same command is being carried out beside us: look again.
    if (isViolation(error, 'command_key')) return [];
    const reason = isAppError(error, 'statement_refused') ? error.details['reason'] : null;
    if (reason === 'offer_gone') throw orderErrors.make('offer_gone', { cause: error });
    // The partial unique indexes say the same as the version check, should that ever be wrong.
    if (reason === 'courier_taken' || isViolation(error, 'offer_one_per_courier_slot')) {
      throw orderErrors.make('courier_taken', { cause: error });
    }
    if (isViolation(error, 'stock_left')) throw orderErrors.make('out_of_stock', { cause: error });
    throw error;
  }
}

/** None or one, as the JSON list that the statement unfolds. */
function list(part: object | undefined): string {
  return JSON.stringify(part === undefined ? [] : [part]);
}

/** The columns of the order's row after the change; items and prices only when they change. */
function rowAfter(order: Order, change: Change, after: OrderSummary): object {
  const { basket } = change;
  return {
    state: after.state,
    cancel_reason: after.cancelReason,
    courier_id: after.courierId,
    courier_search: change.courierSearch ?? order.courierSearch,
    ready_at_ms: after.readyAtMs,
    confirmed: change.confirmed === true,
    attention: after.attention,
    modification: change.modification === undefined ? order.modification : change.modification,
    rating: change.rating ?? order.rating,
    code_attempts: change.codeAttempts ?? order.codeAttempts,
    ...(basket === undefined
      ? {}
      : {
          items: basket.items,
          subtotal_minor: basket.subtotalMinor,
          delivery_fee_minor: basket.deliveryFeeMinor,
          tax_minor: basket.taxMinor,
          total_minor: basket.totalMinor,
        }),
  };
}

function paymentRow(payment: Change['payment']): object | undefined {
  if (payment === undefined) return undefined;
  return {
    state: payment.state,
    generation: payment.generation,
    authorized_minor: payment.authorizedMinor,
    capture_minor: payment.captureMinor,
    captured_minor: payment.capturedMinor,
    refunded_minor: payment.refundedMinor,
  };
}

function applied(order: Order, change: Change): OrderSummary {
  return {
    ...order.summary,
    ...change.basket,
    state: change.state ?? order.state,
    cancelReason: change.cancelReason ?? order.cancelReason,
    courierId: change.courierId === undefined ? order.courierId : change.courierId,
    readyAtMs: change.readyAtMs ?? order.readyAtMs,
    attention: change.attention === undefined ? order.attention : change.attention,
    sequence: order.sequence + change.events.length,
  };
}
