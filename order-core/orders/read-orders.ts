import {
  type Actor,
  type CityOrdersQuery,
  type OfferRecord,
  type OfferView,
  type OrderSummary,
  type OrderView,
  type PaymentMethod,
  type PaymentState,
  type Rating,
  type Role,
  type TimelineEntry,
  visibleData,
} from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import { upcast } from '../events/upcast.ts';
import { SUMMARY_COLUMNS, summaryOf, type SummaryRow } from './rows.ts';

const VIEW_ORDER = {
  name: 'view_order',
  text: `
    SELECT ${SUMMARY_COLUMNS}, p.method, p.state AS payment_state, p.authorized_minor,
      p.captured_minor, p.refunded_minor, o.delivery_code, o.rating,
      (o.modification->>'totalMinor')::bigint AS modifies_to_minor,
      (SELECT jsonb_agg(jsonb_build_object('sequence', e.sequence, 'type', e.type,
          'version', e.schema_version,
          'atMs', round(extract(epoch FROM e.at) * 1000), 'data', e.data) ORDER BY e.sequence)
        FROM order_events e WHERE e.city_id = o.city_id AND e.order_id = o.order_id) AS timeline,
      CASE WHEN $3 THEN (SELECT coalesce(jsonb_agg(jsonb_build_object('offerId', f.offer_id,
          'courierId', f.courier_id, 'state', f.state,
          'offeredAtMs', round(extract(epoch FROM f.offered_at) * 1000),
          'endedAtMs', round(extract(epoch FROM f.ended_at) * 1000), 'why', f.why)
          ORDER BY f.offered_at), '[]')
        FROM offers f WHERE f.city_id = o.city_id AND f.order_id = o.order_id) END AS offers
    FROM orders o JOIN payments p USING (city_id, order_id)
    WHERE o.city_id = $1 AND o.order_id = $2`,
};

interface ViewRow extends SummaryRow {
  method: PaymentMethod;
  payment_state: PaymentState;
  authorized_minor: number;
  captured_minor: number;
  refunded_minor: number;
  delivery_code: string | null;
  rating: Rating | null;
  modifies_to_minor: number | null;
  timeline: (TimelineEntry & { readonly version: number })[];
  offers: OfferRecord[] | null;
}

/** The order with its timeline as this role is shown it, whoever may see it; null when it is not there. */
export async function readView(
  database: Database,
  { cityId, orderId, role }: { cityId: string; orderId: string; role: Role },
): Promise<OrderView | null> {
  const values = [cityId, orderId, role === 'operator'];
  const [row] = await database.query<ViewRow>(VIEW_ORDER, values);
  if (row === undefined) return null;
  return {
    ...summaryOf(row),
    payment: {
      method: row.method,
      state: row.payment_state,
      authorizedMinor: row.authorized_minor,
      capturedMinor: row.captured_minor,
      refundedMinor: row.refunded_minor,
    },
    deliveryCode: role === 'customer' ? row.delivery_code : null,
    modifiesToMinor: row.modifies_to_minor,
    rating: row.rating,
    timeline: row.timeline.map(({ version, ...entry }) => ({
      ...entry,
      data: visibleData(role, entry.type, upcast(entry.type, version, entry.data)),
    })),
    offers: row.offers,
  };
}

export function maySee(order: OrderSummary, actor: Actor): boolean {
  switch (actor.role) {
    case 'customer':
      return order.customerId === actor.subject;
    case 'restaurant':
      return order.restaurantId === actor.subject;
    case 'courier':
      return order.courierId === actor.subject;
    case 'operator':
    case 'service':
      return true;
  }
}

/** More than a restaurant or a courier ever has open; a bound all the same. */
const OPEN_ORDERS_MAX = 500;

const RESTAURANT_ORDERS = {
  name: 'restaurant_orders',
  text: `
    SELECT ${SUMMARY_COLUMNS} FROM orders o
    WHERE o.city_id = $1 AND o.restaurant_id = $2
      AND o.state IN ('PAID', 'CONFIRMED', 'PREPARING', 'READY')
    ORDER BY o.placed_at LIMIT ${OPEN_ORDERS_MAX}`,
};

/** What the restaurant still has in hand, oldest first. */
export async function restaurantOrders(
  database: Database,
  actor: Actor,
): Promise<readonly OrderSummary[]> {
  const values = [actor.cityId, actor.subject];
  return (await database.query<SummaryRow>(RESTAURANT_ORDERS, values)).map(summaryOf);
}

const CARRIED_ORDERS = {
  name: 'carried_orders',
  text: `
    SELECT ${SUMMARY_COLUMNS} FROM orders o WHERE o.courier_search = 'assigned'`,
};

/** Every order that some courier is bound to, in all cities. */
export async function carriedOrders(database: Database): Promise<readonly OrderSummary[]> {
  return (await database.query<SummaryRow>(CARRIED_ORDERS, [])).map(summaryOf);
}

const COURIER_ORDERS = {
  name: 'courier_orders',
  text: `
    SELECT ${SUMMARY_COLUMNS}, f.state AS offer_state, f.offer_id,
      extract(epoch FROM f.expires_at)::float8 * 1000 AS expires_at_ms
    FROM offers f JOIN orders o USING (city_id, order_id)
    WHERE f.city_id = $1 AND f.courier_id = $2 AND f.state IN ('offered', 'accepted')
      AND (f.state = 'accepted' OR f.expires_at > clock_timestamp())
    ORDER BY f.offered_at`,
};

interface CourierOrderRow extends SummaryRow {
  offer_state: 'offered' | 'accepted';
  offer_id: string;
  expires_at_ms: number;
}

/** What the courier carries, and what it is asked to carry. */
export async function courierOrders(
  database: Database,
  actor: Actor,
): Promise<{ orders: readonly OrderSummary[]; offers: readonly OfferView[] }> {
  const values = [actor.cityId, actor.subject];
  const rows = await database.query<CourierOrderRow>(COURIER_ORDERS, values);
  const offered = rows.filter((row) => row.offer_state === 'offered');
  return {
    orders: rows.filter((row) => row.offer_state === 'accepted').map(summaryOf),
    offers: offered.map((row) => ({
      offerId: row.offer_id,
      orderId: row.order_id,
      restaurantName: row.restaurant_name,
      pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
      dropoff: { lat: row.dropoff_lat, lng: row.dropoff_lng },
      readyAtMs: row.ready_at_ms === null ? null : Math.round(row.ready_at_ms),
      expiresAtMs: Math.round(row.expires_at_ms),
    })),
  };
}

const CITY_ORDERS = {
  name: 'city_orders',
  text: `
    SELECT ${SUMMARY_COLUMNS} FROM orders o
    WHERE o.city_id = $1 AND o.state NOT IN ('DELIVERED', 'COMPLETED', 'CANCELLED')
      AND ($2::text[] IS NULL OR o.state = ANY($2))
      AND (NOT $3 OR o.attention IS NOT NULL)
      AND ($4::text IS NULL OR strpos(lower(concat_ws(' ', o.order_id, o.reference,
        o.restaurant_name, o.courier_id, o.customer_id, o.dropoff_address)), lower($4)) > 0)
      AND ($5::uuid IS NULL OR (o.placed_at, o.order_id) > (SELECT a.placed_at, a.order_id
        FROM orders a WHERE a.city_id = $1 AND a.order_id = $5))
    ORDER BY o.placed_at, o.order_id LIMIT $6`,
};

/** A page of the city's live orders, oldest first. */
export async function cityOrders(
  database: Database,
  cityId: string,
  { states, attention, search, after, limit }: CityOrdersQuery,
): Promise<readonly OrderSummary[]> {
  const values = [cityId, states ?? null, attention, search ?? null, after ?? null, limit];
  return (await database.query<SummaryRow>(CITY_ORDERS, values)).map(summaryOf);
}

const ATTENTION_ORDERS = {
  name: 'attention_orders',
  text: `
    SELECT ${SUMMARY_COLUMNS} FROM orders o
    WHERE o.city_id = $1 AND o.attention IS NOT NULL
    ORDER BY o.placed_at LIMIT ${OPEN_ORDERS_MAX}`,
};

/** What waits for an operator, oldest first. */
export async function attentionOrders(
  database: Database,
  actor: Actor,
): Promise<readonly OrderSummary[]> {
  return (await database.query<SummaryRow>(ATTENTION_ORDERS, [actor.cityId])).map(summaryOf);
}
