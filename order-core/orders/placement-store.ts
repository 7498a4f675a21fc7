import { required } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import { versionOf } from '../events/upcast.ts';
import { SAGA_VERSION } from '../saga/order-saga.ts';
import type { Draft, Placement, PlacementFacts } from './placement-draft.ts';

/** Everything that placements are checked against, and whether their keys were used before. */
const PLACEMENT_FACTS = {
  name: 'placement_facts',
  text: `
    SELECT w.n, c.currency, c.delivery_fee_minor, c.tax_rate, c.delivery_code, r.name, r.lat, r.lng,
      r.open AND coalesce(r.paused_until <= clock_timestamp(), true) AS open,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('itemId', m.item_id, 'name', m.name,
          'priceMinor', m.price_minor, 'available', m.available, 'stock', m.stock)), '[]')
        FROM menu_items m WHERE m.city_id = c.city_id AND m.restaurant_id = r.restaurant_id
          AND m.item_id = ANY(ARRAY(SELECT jsonb_array_elements_text(w.items)))) AS menu,
      k.order_id AS used_for, k.request_hash
    FROM jsonb_to_recordset($1::jsonb) AS w(n integer, city_id text, restaurant_id text,
        items jsonb, customer_id text, key text)
      LEFT JOIN cities c ON c.city_id = w.city_id
      LEFT JOIN restaurants r ON r.city_id = c.city_id AND r.restaurant_id = w.restaurant_id
      LEFT JOIN idempotency_keys k ON k.city_id = w.city_id AND k.customer_id = w.customer_id
        AND k.key = w.key`,
};

/**
 * Orders, each with its key, its payment, its first events with their outbox rows, its first step and
 * its timers, and the portions it takes: one statement, so one transaction. The key's primary key
 * decides between two placements at the same moment, the check on stock between two that want the
 * last one; when one of them fails, each is tried alone.
 */
const INSERT_ORDERS = {
  name: 'insert_orders',
  text: `
    WITH input AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset($1::jsonb) AS i(city_id text, order_id uuid,
        customer_id text, key text, hash text, restaurant_id text, restaurant_name text,
        reference text, correlation_id text, state text, scheduled_for_ms float8,
        delivery_code text, items jsonb, currency text, subtotal_minor bigint,
        delivery_fee_minor bigint, tax_minor bigint, total_minor bigint, pickup_lat float8,
        pickup_lng float8, dropoff_lat float8, dropoff_lng float8, dropoff_address text,
        payment_token text, method text, events jsonb, timers jsonb, stock jsonb,
        lease_ms float8)
    ), keyed AS (
      INSERT INTO idempotency_keys (city_id, customer_id, key, request_hash, order_id)
      SELECT city_id, customer_id, key, decode(hash, 'hex'), order_id FROM input
    ), placed AS (
      INSERT INTO orders (city_id, order_id, customer_id, restaurant_id, restaurant_name, reference,
        correlation_id, state, courier_search, sequence, items, currency, subtotal_minor,
        delivery_fee_minor, tax_minor, total_minor, pickup_lat, pickup_lng, dropoff_lat,
        dropoff_lng, dropoff_address, placed_at, saga_version, scheduled_for, delivery_code)
      SELECT city_id, order_id, customer_id, restaurant_id, restaurant_name, reference,
        correlation_id, state, 'none', jsonb_array_length(events), items, currency, subtotal_minor,
        delivery_fee_minor, tax_minor, total_minor, pickup_lat, pickup_lng, dropoff_lat,
        dropoff_lng, dropoff_address, clock_timestamp(), ${SAGA_VERSION},
        to_timestamp(scheduled_for_ms / 1000), delivery_code
      FROM input
      RETURNING order_id, placed_at
    ), payment AS (
      INSERT INTO payments (city_id, order_id, payment_token, method, state)
      SELECT city_id, order_id, payment_token, method, 'pending' FROM input
    ), held AS (
      INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state)
      SELECT city_id, order_id, 1, total_minor, 'pending' FROM input WHERE method = 'card'
    ), logged AS (
      INSERT INTO order_events (city_id, order_id, sequence, type, schema_version, data, actor,
        causation, at)
      SELECT i.city_id, i.order_id, e.ordinality, e.value->>'type',
        (e.value->>'version')::smallint, e.value->'data', 'customer:' || i.customer_id, i.key,
        clock_timestamp()
      FROM input i, jsonb_array_elements(i.events) WITH ORDINALITY e
      RETURNING city_id, order_id, sequence
    ), announced AS (
      INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM logged ORDER BY order_id, sequence
    ), started AS (
      INSERT INTO saga_steps (city_id, order_id, step, attempts, due_at)
      SELECT city_id, order_id, 'authorize_payment', CASE WHEN lease_ms IS NULL THEN 0 ELSE 1 END,
        clock_timestamp() + coalesce(lease_ms, 0) * interval '1 millisecond'
      FROM input WHERE method = 'card'
    ), counted AS (
      -- In one order, so that two orders of the same dishes do not wait for each other in a circle.
      SELECT m.city_id, m.restaurant_id, m.item_id, s.quantity
      FROM (SELECT i.city_id, i.restaurant_id, t->>'itemId' AS item_id,
          sum((t->>'quantity')::integer) AS quantity
        FROM input i, jsonb_array_elements(i.stock) t GROUP BY 1, 2, 3) s
        JOIN menu_items m ON m.city_id = s.city_id AND m.restaurant_id = s.restaurant_id
          AND m.item_id = s.item_id
      WHERE m.stock IS NOT NULL ORDER BY m.city_id, m.restaurant_id, m.item_id FOR UPDATE OF m
    ), taken AS (
      UPDATE menu_items m SET stock = m.stock - t.quantity FROM counted t
      WHERE m.city_id = t.city_id AND m.restaurant_id = t.restaurant_id AND m.item_id = t.item_id
    ), timed AS (
      INSERT INTO timers (city_id, order_id, kind, due_at)
      SELECT i.city_id, i.order_id, t->>'kind',
        clock_timestamp() + (t->>'inMs')::float8 * interval '1 millisecond'
      FROM input i, jsonb_array_elements(i.timers) t
    )
    SELECT order_id, extract(epoch FROM placed_at)::float8 * 1000 AS placed_at_ms FROM placed`,
};

export async function readFacts(
  database: Database,
  placements: readonly Placement[],
): Promise<readonly PlacementFacts[]> {
  const wanted = placements.map(({ actor, request, idempotencyKey }, n) => ({
    n,
    city_id: actor.cityId,
    restaurant_id: request.restaurantId,
    items: request.items.map((item) => item.itemId),
    customer_id: actor.subject,
    key: idempotencyKey,
  }));
  const rows = await database.query<PlacementFacts>(PLACEMENT_FACTS, [JSON.stringify(wanted)]);
  const byPlace = new Map(rows.map((row) => [row.n, row]));
  return wanted.map(({ n }) => required(byPlace.get(n), 'the row of placement facts'));
}

/** An order on its way into the database. */
export interface Stored {
  readonly placement: Placement;
  readonly draft: Draft;
  readonly hash: Buffer;
  readonly leaseMs: number | null;
}

/** @returns when each was placed, ms since the Unix epoch */
export async function insertOrders(
  database: Database,
  orders: readonly Stored[],
): Promise<readonly number[]> {
  const input = JSON.stringify(orders.map(rowOf));
  const rows = await database.query<{ order_id: string; placed_at_ms: number }>(INSERT_ORDERS, [
    input,
  ]);
  const placedAt = new Map(rows.map((row) => [row.order_id, row.placed_at_ms]));
  return orders.map(({ draft }) =>
    Math.round(required(placedAt.get(draft.orderId), 'the order that was stored')),
  );
}

/** The columns that the statement unfolds. */
function rowOf({ placement, draft, hash, leaseMs }: Stored): object {
  return {
    city_id: draft.cityId,
    order_id: draft.orderId,
    customer_id: draft.customerId,
    key: placement.idempotencyKey,
    hash: hash.toString('hex'),
    restaurant_id: draft.restaurantId,
    restaurant_name: draft.restaurantName,
    reference: draft.reference,
    correlation_id: draft.correlationId,
    state: draft.state,
    scheduled_for_ms: draft.scheduledForMs,
    delivery_code: draft.deliveryCode,
    items: draft.items,
    currency: draft.currency,
    subtotal_minor: draft.subtotalMinor,
    delivery_fee_minor: draft.deliveryFeeMinor,
    tax_minor: draft.taxMinor,
    total_minor: draft.totalMinor,
    pickup_lat: draft.pickup.lat,
    pickup_lng: draft.pickup.lng,
    dropoff_lat: draft.dropoff.place.lat,
    dropoff_lng: draft.dropoff.place.lng,
    dropoff_address: draft.dropoff.address,
    payment_token: placement.request.paymentToken,
    method: draft.method,
    events: draft.events.map((event) => ({ ...event, version: versionOf(event.type) })),
    timers: draft.timers,
    stock: draft.takesStock ? draft.items : [],
    lease_ms: leaseMs,
  };
}
