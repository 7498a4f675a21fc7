import type { OrderEventType } from '../../protocol/index.ts';
import type { Queryable } from '../database/pool.ts';
import { upcast } from '../events/upcast.ts';
import { lockPositions, moveOn, type OrderRef } from '../outbox/positions.ts';
import { foldEvents, type Deltas, type StoredEvent } from './fold.ts';

export const READ_MODELS = 'read_models';

/** From the restaurant to the door, by air: haversine, on a sphere. */
const CARRIED_METERS = `round(2 * 6371008.8 * asin(least(1, sqrt(
        sind((o.dropoff_lat - o.pickup_lat) / 2) ^ 2 + cosd(o.pickup_lat) * cosd(o.dropoff_lat)
        * sind((o.dropoff_lng - o.pickup_lng) / 2) ^ 2))))::float8`;

/** An order's events are committed under its row's lock, so what is there has no gap. */
const EVENTS_AFTER = {
  name: 'events_after',
  text: `
    SELECT found.* FROM jsonb_to_recordset($1::jsonb)
      AS p(city_id text, order_id uuid, sequence integer)
    -- The fence keeps the planner from beginning anywhere but at the order's key.
    CROSS JOIN LATERAL (SELECT e.city_id, e.order_id, o.customer_id, o.restaurant_id, e.sequence,
        e.type, e.schema_version, e.data, extract(epoch FROM e.at)::float8 * 1000 AS at_ms,
        o.delivery_fee_minor, ${CARRIED_METERS} AS carried_meters,
        to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
      FROM order_events e JOIN orders o ON o.city_id = e.city_id AND o.order_id = e.order_id
      WHERE e.city_id = p.city_id AND e.order_id = p.order_id AND e.sequence > p.sequence
      OFFSET 0) found
    ORDER BY found.city_id, found.order_id, found.sequence`,
};
interface EventRow extends OrderRef {
  customer_id: string;
  restaurant_id: string;
  sequence: number;
  type: OrderEventType;
  schema_version: number;
  data: Record<string, unknown>;
  at_ms: number;
  day: string;
  delivery_fee_minor: number;
  carried_meters: number;
}

const PUT_ORDERS = {
  name: 'read_model_orders',
  text: `
    INSERT INTO order_list AS l (city_id, order_id, customer_id, restaurant_id, courier_id, state,
      total_minor, captured_minor, refunded_minor, placed_at, ended_at, sequence)
    SELECT d."cityId", d."orderId", d."customerId", d."restaurantId", d."courierId", d.state,
      coalesce(d."totalMinor", 0), d."capturedMinor", d."refundedMinor",
      to_timestamp(d."firstAtMs" / 1000), to_timestamp(d."endedAtMs" / 1000), d.sequence
    FROM jsonb_to_recordset($1::jsonb) AS d("cityId" text, "orderId" uuid, "customerId" text,
      "restaurantId" text, "courierId" text, "courierChanged" boolean, state text,
      "totalMinor" bigint, "capturedMinor" bigint, "refundedMinor" bigint, "firstAtMs" float8,
      "endedAtMs" float8, sequence integer)`,
};
const UPDATE_ORDERS = {
  name: 'read_model_orders_update',
  text: `
    UPDATE order_list l SET
      courier_id = CASE WHEN d."courierChanged" THEN d."courierId" ELSE l.courier_id END,
      state = coalesce(d.state, l.state), total_minor = coalesce(d."totalMinor", l.total_minor),
      captured_minor = l.captured_minor + d."capturedMinor",
      refunded_minor = l.refunded_minor + d."refundedMinor",
      ended_at = coalesce(to_timestamp(d."endedAtMs" / 1000), l.ended_at), sequence = d.sequence
    FROM jsonb_to_recordset($1::jsonb) AS d("cityId" text, "orderId" uuid, "courierId" text,
      "courierChanged" boolean, state text, "totalMinor" bigint, "capturedMinor" bigint,
      "refundedMinor" bigint, "endedAtMs" float8, sequence integer)
    WHERE l.city_id = d."cityId" AND l.order_id = d."orderId"`,
};
const PUT_RESTAURANT_DAYS = {
  name: 'read_model_restaurant_days',
  text: `
    INSERT INTO restaurant_days AS r (city_id, restaurant_id, day, placed, delivered, cancelled,
      sales_minor)
    SELECT d."cityId", d."restaurantId", d.day, d.placed, d.delivered, d.cancelled, d."salesMinor"
    FROM jsonb_to_recordset($1::jsonb) AS d("cityId" text, "restaurantId" text, day date,
      placed integer, delivered integer, cancelled integer, "salesMinor" bigint)
    ORDER BY 1, 2, 3
    ON CONFLICT (city_id, restaurant_id, day) DO UPDATE SET placed = r.placed + excluded.placed,
      delivered = r.delivered + excluded.delivered, cancelled = r.cancelled + excluded.cancelled,
      sales_minor = r.sales_minor + excluded.sales_minor`,
};
const PUT_COURIER_DAYS = {
  name: 'read_model_courier_days',
  text: `
    INSERT INTO courier_days AS k (city_id, courier_id, day, delivered, accepted, declined, lapsed,
      ratings, stars, fees_minor, carried_meters)
    SELECT d."cityId", d."courierId", d.day, d.delivered, d.accepted, d.declined, d.lapsed,
      d.ratings, d.stars, d."feesMinor", d."carriedMeters"
    FROM jsonb_to_recordset($1::jsonb) AS d("cityId" text, "courierId" text, day date,
      delivered integer, accepted integer, declined integer, lapsed integer, ratings integer,
      stars integer, "feesMinor" bigint, "carriedMeters" bigint)
    ORDER BY 1, 2, 3
    ON CONFLICT (city_id, courier_id, day) DO UPDATE SET delivered = k.delivered + excluded.delivered,
      accepted = k.accepted + excluded.accepted, declined = k.declined + excluded.declined,
      lapsed = k.lapsed + excluded.lapsed, ratings = k.ratings + excluded.ratings,
      stars = k.stars + excluded.stars, fees_minor = k.fees_minor + excluded.fees_minor,
      carried_meters = k.carried_meters + excluded.carried_meters`,
};

/**
 * Brings the read models up to everything that is stored of these orders. In one transaction with
 * the orders' positions, so an event counts once, however often it is announced.
 * @returns how many events were new
 */
export async function catchUp(tx: Queryable, orders: readonly OrderRef[]): Promise<number> {
  const positions = await lockPositions(tx, READ_MODELS, orders);
  const rows = await tx.query<EventRow>(EVENTS_AFTER, [JSON.stringify(positions)]);
  const deltas = foldEvents(rows.map(storedEvent));
  await put(tx, deltas, new Set(positions.filter((p) => p.sequence > 0).map((p) => p.order_id)));
  await moveOn(tx, READ_MODELS, positions, rows);
  return rows.length;
}

/** @param known orders that the list has already */
async function put(tx: Queryable, deltas: Deltas, known: ReadonlySet<string>): Promise<void> {
  const fresh = deltas.orders.filter(({ orderId }) => !known.has(orderId));
  const changed = deltas.orders.filter(({ orderId }) => known.has(orderId));
  if (fresh.length > 0) await tx.query(PUT_ORDERS, [JSON.stringify(fresh)]);
  if (changed.length > 0) await tx.query(UPDATE_ORDERS, [JSON.stringify(changed)]);
  await tx.query(PUT_RESTAURANT_DAYS, [JSON.stringify(deltas.restaurantDays)]);
  if (deltas.courierDays.length === 0) return;
  await tx.query(PUT_COURIER_DAYS, [JSON.stringify(deltas.courierDays)]);
}

function storedEvent(row: EventRow): StoredEvent {
  return {
    cityId: row.city_id,
    orderId: row.order_id,
    customerId: row.customer_id,
    restaurantId: row.restaurant_id,
    sequence: row.sequence,
    type: row.type,
    data: upcast(row.type, row.schema_version, row.data),
    atMs: row.at_ms,
    day: row.day,
    deliveryFeeMinor: row.delivery_fee_minor,
    carriedMeters: row.carried_meters,
  };
}
