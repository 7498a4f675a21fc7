import type { OrderSummary } from '../../protocol/index.ts';
import { versionOf } from '../events/upcast.ts';
import type { Change } from '../model/change.ts';
import type { Order } from '../model/order.ts';
import type { Decided } from './decided.ts';

/**
 * Changes of several orders in one statement, each whole or not at all: the order's row under its
 * version, its events, their outbox rows, the steps and timers that begin or end, the courier's slot,
 * the money, the stock. Every part hangs on `changed`: where the version has moved on, nothing
 * happens, nor where the courier to ask is no longer as the decision saw it (`free`). `must` aborts the
 * whole statement when a part that has to match does not; the changes are then tried one by one.
 *
 * $1 is an object of changes by order, $5 one of offers by city and courier: each row finds its own
 * there by name. A join would be planned while the tables are empty, and read all of the group for
 * each of the group; so every table is read by the keys of the group ($2 to $4) and by nothing else.
 * One statement and not a transaction of a dozen for each: round trips, plans and commits are the
 * price of an order.
 */
export const COMMIT_CHANGES = {
  name: 'commit_changes',
  text: `
    WITH free AS (
      -- Locked before anything changes: who is refused here takes nobody else of the group with it.
      SELECT ($5::jsonb -> k.city_id -> k.courier_id ->> 'orderId')::uuid AS order_id
      FROM couriers k
      WHERE k.city_id = ANY($2) AND k.courier_id = ANY($4)
        AND $5 -> k.city_id ? k.courier_id AND k.on_duty AND k.active_orders < k.capacity
        AND k.version = coalesce(
          ($5 -> k.city_id -> k.courier_id ->> 'courierVersion')::bigint, k.version)
      FOR UPDATE
    ), changed AS (
      UPDATE orders o SET
        (state, cancel_reason, courier_id, courier_search, waiting_since, ready_at, confirmed_at,
          attention, modification, rating, code_attempts, items, subtotal_minor,
          delivery_fee_minor, tax_minor, total_minor)
        = (SELECT r.state, r.cancel_reason, r.courier_id, r.courier_search,
            CASE WHEN r.courier_search = 'waiting'
              THEN coalesce(o.waiting_since, clock_timestamp()) END,
            to_timestamp(r.ready_at_ms / 1000),
            CASE WHEN r.confirmed THEN clock_timestamp() ELSE o.confirmed_at END,
            r.attention, r.modification, r.rating, r.code_attempts, coalesce(r.items, o.items),
            coalesce(r.subtotal_minor, o.subtotal_minor),
            coalesce(r.delivery_fee_minor, o.delivery_fee_minor),
            coalesce(r.tax_minor, o.tax_minor), coalesce(r.total_minor, o.total_minor)
          FROM jsonb_to_record($1 -> o.order_id::text -> 'after') AS r(state text,
            cancel_reason text, courier_id text, courier_search text, ready_at_ms float8,
            confirmed boolean, attention text, modification jsonb, rating jsonb,
            code_attempts integer, items jsonb, subtotal_minor bigint, delivery_fee_minor bigint,
            tax_minor bigint, total_minor bigint)),
        version = o.version + 1,
        sequence = o.sequence + jsonb_array_length($1 -> o.order_id::text -> 'events')
      WHERE o.city_id = ANY($2) AND o.order_id = ANY($3::uuid[])
        AND o.city_id = $1::jsonb -> o.order_id::text ->> 'cityId'
        AND o.version = ($1 -> o.order_id::text ->> 'version')::integer
        AND (NOT $1 -> o.order_id::text ? 'offer' OR o.order_id IN (SELECT order_id FROM free))
      RETURNING o.city_id, o.order_id, o.restaurant_id, $1 -> o.order_id::text AS change,
        o.sequence - jsonb_array_length($1 -> o.order_id::text -> 'events') AS base
    ), keyed AS (
      INSERT INTO commands (city_id, actor, key, order_id, request_hash)
      SELECT city_id, change ->> 'actor', change -> 'key' ->> 'key', order_id,
        decode(change -> 'key' ->> 'hash', 'hex')
      FROM changed WHERE change ? 'key'
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, schema_version, data, actor,
        causation, at)
      SELECT c.city_id, c.order_id, c.base + e.ordinality, e.value->>'type',
        (e.value->>'version')::smallint, e.value->'data', c.change ->> 'actor',
        c.change ->> 'causation', clock_timestamp()
      FROM changed c, jsonb_array_elements(c.change -> 'events') WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY order_id, sequence
    ), finished AS (
      DELETE FROM saga_steps s
      WHERE s.city_id = ANY($2) AND s.order_id = ANY($3)
        AND s.step = $1 -> s.order_id::text -> 'finished' ->> 'step'
        AND s.number = ($1 -> s.order_id::text -> 'finished' ->> 'number')::integer
        AND s.order_id IN (SELECT order_id FROM changed)
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step, number, attempts, due_at)
      SELECT c.city_id, c.order_id, s->>'step', (s->>'number')::integer,
        CASE WHEN s->>'leaseMs' IS NULL THEN 0 ELSE 1 END,
        clock_timestamp() + coalesce((s->>'leaseMs')::float8, 0) * interval '1 millisecond'
      FROM changed c, jsonb_array_elements(c.change -> 'steps') s
      ON CONFLICT DO NOTHING
    ), cleared AS (
      DELETE FROM timers t
      WHERE t.city_id = ANY($2) AND t.order_id = ANY($3)
        AND $1 -> t.order_id::text -> 'cleared' ? t.kind
        AND t.order_id IN (SELECT order_id FROM changed)
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT c.city_id, c.order_id, t->>'kind',
        clock_timestamp() + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM changed c, jsonb_array_elements(c.change -> 'timers') t
      ON CONFLICT (city_id, order_id, kind) DO UPDATE SET due_at = excluded.due_at
    ), moved AS (
      UPDATE offers f SET state = $1 -> f.order_id::text -> 'move' ->> 'state',
        ended_at = CASE WHEN $1 -> f.order_id::text -> 'move' ->> 'state' <> 'accepted'
          THEN clock_timestamp() END
      WHERE f.city_id = ANY($2) AND f.order_id = ANY($3) AND f.state IN ('offered', 'accepted')
        AND f.offer_id = ($1 -> f.order_id::text -> 'move' ->> 'offerId')::uuid
        AND f.order_id IN (SELECT order_id FROM changed)
      RETURNING f.city_id, f.courier_id, f.state
    ), reserved AS (
      UPDATE couriers k SET active_orders = active_orders + 1, version = k.version + 1
      WHERE k.city_id = ANY($2) AND k.courier_id = ANY($4)
        AND ($5 -> k.city_id -> k.courier_id ->> 'orderId')::uuid
          IN (SELECT order_id FROM changed)
      RETURNING k.city_id, k.courier_id, k.on_duty, k.active_orders, k.capacity,
        $5 -> k.city_id -> k.courier_id AS offer
    ), freed AS (
      UPDATE couriers k SET active_orders = active_orders - 1, version = k.version + 1,
        -- Whoever was asked and said no has had nothing to do in the meantime.
        idle_since = CASE WHEN (k.city_id, k.courier_id)
            IN (SELECT city_id, courier_id FROM moved WHERE state = 'delivered')
          THEN clock_timestamp() ELSE k.idle_since END
      WHERE k.city_id = ANY($2) AND k.courier_id = ANY($4)
        AND (k.city_id, k.courier_id)
          IN (SELECT city_id, courier_id FROM moved WHERE state <> 'accepted')
      RETURNING k.city_id, k.courier_id, k.on_duty, k.active_orders, k.capacity
    ), offered AS (
      INSERT INTO offers (city_id, offer_id, order_id, courier_id, slot, state, expires_at, why)
      SELECT r.city_id, (r.offer->>'offerId')::uuid, (r.offer->>'orderId')::uuid, r.courier_id,
        (SELECT min(slot) FROM generate_series(0, r.capacity - 1) slot WHERE NOT EXISTS (
          SELECT FROM offers f WHERE f.city_id = r.city_id AND f.courier_id = r.courier_id
            AND f.slot = slot.slot AND f.state IN ('offered', 'accepted'))),
        r.offer->>'state', to_timestamp((r.offer->>'expiresAtMs')::float8 / 1000), nullif(r.offer -> 'why', 'null')
      FROM reserved r
      -- The old offer of an order that changes hands is over before the new one is there.
      WHERE (SELECT count(*) FROM moved) >= 0
    ), paid AS (
      UPDATE payments p SET (state, generation, authorized_minor, capture_minor, captured_minor,
          refunded_minor)
        = (SELECT coalesce(v.state, p.state), coalesce(v.generation, p.generation),
            coalesce(v.authorized_minor, p.authorized_minor),
            coalesce(v.capture_minor, p.capture_minor),
            coalesce(v.captured_minor, p.captured_minor),
            coalesce(v.refunded_minor, p.refunded_minor)
          FROM jsonb_to_record($1 -> p.order_id::text -> 'payment') AS v(state text,
            generation integer, authorized_minor bigint, capture_minor bigint,
            captured_minor bigint, refunded_minor bigint))
      WHERE p.city_id = ANY($2) AND p.order_id = ANY($3)
        AND $1 -> p.order_id::text ? 'payment' AND p.order_id IN (SELECT order_id FROM changed)
    ), held AS (
      INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state, intent_id)
      SELECT c.city_id, c.order_id, (a->>'generation')::integer, (a->>'amountMinor')::bigint,
        a->>'state', a->>'intentId'
      FROM changed c, jsonb_array_elements(c.change -> 'authorizations') a
      ON CONFLICT (city_id, order_id, generation) DO UPDATE SET state = excluded.state,
        intent_id = coalesce(excluded.intent_id, authorizations.intent_id)
    ), refunded AS (
      INSERT INTO refunds (city_id, order_id, number, amount_minor, state, provider_refund_id)
      SELECT city_id, order_id, (change -> 'refund' ->> 'number')::integer,
        (change -> 'refund' ->> 'amountMinor')::bigint, change -> 'refund' ->> 'state',
        change -> 'refund' ->> 'providerRefundId'
      FROM changed WHERE change ? 'refund'
      ON CONFLICT (city_id, order_id, number) DO UPDATE SET state = excluded.state,
        provider_refund_id = excluded.provider_refund_id
    ), counted AS (
      -- In one order, so that two orders of the same dishes do not wait for each other in a circle.
      SELECT m.city_id, m.restaurant_id, m.item_id, s.delta
      FROM (SELECT c.city_id, c.restaurant_id, i->>'itemId' AS item_id,
          sum((i->>'delta')::integer) AS delta
        FROM changed c, jsonb_array_elements(c.change -> 'stock') i GROUP BY 1, 2, 3) s
        JOIN menu_items m ON m.city_id = s.city_id AND m.restaurant_id = s.restaurant_id
          AND m.item_id = s.item_id
      WHERE m.stock IS NOT NULL ORDER BY m.city_id, m.restaurant_id, m.item_id FOR UPDATE OF m
    ), stocked AS (
      UPDATE menu_items m SET stock = m.stock + t.delta FROM counted t
      WHERE m.city_id = t.city_id AND m.restaurant_id = t.restaurant_id AND m.item_id = t.item_id
    )
    SELECT ARRAY(SELECT order_id::text FROM changed) AS changed,
      ARRAY(SELECT order_id::text FROM free) AS free,
      ARRAY(SELECT city_id || ' ' || courier_id FROM (
        SELECT * FROM freed UNION ALL
        SELECT city_id, courier_id, on_duty, active_orders, capacity FROM reserved) t
        WHERE t.on_duty AND t.active_orders = 0) AS available,
      must((SELECT count(*) FROM reserved)
        = (SELECT count(*) FROM changed WHERE change ? 'offer'), 'courier_taken')
      AND must((SELECT count(*) FROM moved)
        = (SELECT count(*) FROM changed WHERE change ? 'move'), 'offer_gone') AS holds`,
};

export interface CommittedRow {
  /** Orders. */
  changed: string[];
  /** Orders whose courier was as the decision saw it. */
  free: string[];
  /** `nameOfCourier` of those that were touched and have room. */
  available: string[];
}

/** A change that was decided, and what the order is after it. */
export interface Input {
  readonly decided: Decided;
  readonly after: OrderSummary;
}

/** The values of the statement. */
export function valuesOf(inputs: readonly Input[]): readonly unknown[] {
  const decided = inputs.map((input) => input.decided);
  return [
    JSON.stringify(Object.fromEntries(inputs.map((i) => [i.decided.order.orderId, changeOf(i)]))),
    [...new Set(decided.map(({ order }) => order.cityId))],
    decided.map(({ order }) => order.orderId),
    decided.flatMap(couriersOf),
    JSON.stringify(offersOf(decided)),
  ];
}

/** The couriers whose rows change: the one who is asked, and the one whose offer moves on. */
export function couriersOf({ order, change }: Decided): readonly string[] {
  const asked = change.newOffer === undefined ? [] : [change.newOffer.courierId];
  const freed = change.offerBecomes === undefined ? null : order.liveOffer;
  return freed === null ? asked : [...asked, freed.courierId];
}

/** As in `CommittedRow.available`; no id has a space. */
export function nameOfCourier(cityId: string, courierId: string): string {
  return `${cityId} ${courierId}`;
}

function offersOf(decided: readonly Decided[]): Readonly<Record<string, Record<string, object>>> {
  const offers: Record<string, Record<string, object>> = {};
  for (const { order, change } of decided) {
    if (change.newOffer === undefined) continue;
    const ofCity = (offers[order.cityId] ??= {});
    ofCity[change.newOffer.courierId] = { ...change.newOffer, orderId: order.orderId };
  }
  return offers;
}

/** A change as the statement unfolds it; what there may be one of is left out where there is none. */
function changeOf({ decided: { order, change, cause, leaseMs }, after }: Input): object {
  const { key, finishedStep } = cause;
  return {
    cityId: order.cityId,
    version: order.version,
    after: rowAfter(order, change, after),
    events: change.events.map((event) => ({ ...event, version: versionOf(event.type) })),
    actor: cause.actor,
    causation: cause.causation,
    key: key === undefined ? undefined : { key: key.key, hash: key.hash.toString('hex') },
    steps: (change.steps ?? []).map((step) => ({ ...step, leaseMs })),
    finished: finishedStep,
    cleared: change.clearTimers ?? [],
    timers: change.setTimers ?? [],
    // What it is stands in $5.
    offer: change.newOffer === undefined ? undefined : true,
    move: change.offerBecomes,
    payment: paymentRow(change.payment),
    authorizations: change.authorizations ?? [],
    refund: change.refund,
    stock: change.stock ?? [],
  };
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
