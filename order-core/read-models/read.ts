import type { Actor, CourierDay, OrderListEntry, RestaurantDay } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';

/** The newest; who wants older ones has their ids. */
const PAGE = 50;
const DAYS_MAX = 92;

const ORDERS = {
  name: 'read_order_list',
  text: `
    SELECT l.order_id AS "orderId", l.restaurant_id AS "restaurantId", r.name AS "restaurantName",
      l.state, l.total_minor AS "totalMinor", l.captured_minor AS "capturedMinor",
      l.refunded_minor AS "refundedMinor",
      round(extract(epoch FROM l.placed_at) * 1000)::float8 AS "placedAtMs",
      round(extract(epoch FROM l.ended_at) * 1000)::float8 AS "endedAtMs"
    FROM order_list l JOIN restaurants r USING (city_id, restaurant_id)
    WHERE l.city_id = $1 AND l.customer_id = $2
    ORDER BY l.placed_at DESC LIMIT ${PAGE}`,
};
const RESTAURANT_DAYS = {
  name: 'read_restaurant_days',
  text: `
    SELECT to_char(day, 'YYYY-MM-DD') AS day, placed, delivered, cancelled,
      sales_minor AS "salesMinor"
    FROM restaurant_days WHERE city_id = $1 AND restaurant_id = $2
    ORDER BY restaurant_days.day DESC LIMIT ${DAYS_MAX}`,
};
const COURIER_DAYS = {
  name: 'read_courier_days',
  text: `
    SELECT to_char(day, 'YYYY-MM-DD') AS day, delivered, accepted, declined, lapsed, ratings,
      stars::float8 / nullif(ratings, 0) AS rating, fees_minor AS "feesMinor",
      carried_meters AS "carriedMeters"
    FROM courier_days WHERE city_id = $1 AND courier_id = $2
    ORDER BY courier_days.day DESC LIMIT ${DAYS_MAX}`,
};

/** The customer's own orders, newest first; a moment behind the orders themselves. */
export async function orderList(
  database: Database,
  actor: Actor,
): Promise<readonly OrderListEntry[]> {
  return await database.query<OrderListEntry>(ORDERS, [actor.cityId, actor.subject]);
}

/** Newest first; days are UTC. */
export async function restaurantDays(
  database: Database,
  cityId: string,
  restaurantId: string,
): Promise<readonly RestaurantDay[]> {
  return await database.query<RestaurantDay>(RESTAURANT_DAYS, [cityId, restaurantId]);
}

/** Newest first; days are UTC. */
export async function courierDays(
  database: Database,
  cityId: string,
  courierId: string,
): Promise<readonly CourierDay[]> {
  return await database.query<CourierDay>(COURIER_DAYS, [cityId, courierId]);
}
