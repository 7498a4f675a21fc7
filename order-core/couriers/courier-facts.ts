import type { OrderState, Place } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import { recordOf, type CourierRecord, type LoadRow } from './couriers.ts';

/** Days, with today, that a courier is judged by: enough to say something, few enough to forgive. */
const JUDGED_DAYS = 7;

/**
 * Each courier is found by its key, and then its few days, its few live offers and their orders: about
 * 40 us for each. The fence keeps the planner from beginning with the orders.
 */
const COURIER_LOADS = {
  name: 'courier_loads',
  text: `
    SELECT k.courier_id, k.version, k.on_duty, k.active_orders, k.capacity, k.vehicle,
      extract(epoch FROM k.shift_ends_at)::float8 * 1000 AS shift_ends_at_ms,
      CASE WHEN k.on_duty AND k.active_orders = 0
        THEN extract(epoch FROM k.idle_since)::float8 * 1000 END AS idle_since_ms,
      d.*,
      CASE WHEN k.active_orders > 0 THEN (
        SELECT jsonb_agg(jsonb_build_object('accepted', f.state = 'accepted') || o.facts
          ORDER BY f.offered_at)
        FROM offers f CROSS JOIN LATERAL (
          SELECT jsonb_build_object('orderId', o.order_id, 'restaurantId', o.restaurant_id,
            'pickup', jsonb_build_object('lat', o.pickup_lat, 'lng', o.pickup_lng),
            'dropoff', jsonb_build_object('lat', o.dropoff_lat, 'lng', o.dropoff_lng),
            'state', o.state,
            'readyAtMs', extract(epoch FROM o.ready_at)::float8 * 1000,
            'placedAtMs', extract(epoch FROM o.placed_at)::float8 * 1000,
            'scheduledForMs', extract(epoch FROM o.scheduled_for)::float8 * 1000) AS facts
          FROM orders o WHERE o.city_id = f.city_id AND o.order_id = f.order_id OFFSET 0) o
        WHERE f.courier_id = k.courier_id AND f.city_id = k.city_id
          AND f.state IN ('offered', 'accepted')) END AS carrying
    FROM couriers k CROSS JOIN LATERAL (
      SELECT coalesce(sum(c.accepted), 0)::integer AS accepted,
        coalesce(sum(c.declined), 0)::integer AS declined,
        coalesce(sum(c.lapsed), 0)::integer AS lapsed,
        sum(c.stars)::float8 / nullif(sum(c.ratings), 0) AS rating,
        coalesce(sum(c.delivered) FILTER (WHERE c.day = t.today), 0)::integer AS delivered_today
      FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) t JOIN courier_days c
        ON c.city_id = k.city_id AND c.courier_id = k.courier_id
          AND c.day > t.today - ${JUDGED_DAYS}) d
    WHERE k.city_id = $1 AND k.courier_id = ANY($2::text[])`,
};

interface FactsRow extends LoadRow {
  idle_since_ms: number | null;
  accepted: number;
  declined: number;
  lapsed: number;
  rating: number | null;
  delivered_today: number;
  carrying: CarriedOrder[] | null;
}

/** An order that a courier has in hand, or is being asked to carry. Times in ms since the epoch. */
export interface CarriedOrder {
  readonly orderId: string;
  readonly restaurantId: string;
  /** False while the courier has not answered. */
  readonly accepted: boolean;
  readonly state: OrderState;
  readonly pickup: Place;
  readonly dropoff: Place;
  readonly readyAtMs: number | null;
  readonly placedAtMs: number;
  readonly scheduledForMs: number | null;
}

/** What dispatch chooses a courier by. */
export interface CourierFacts extends CourierRecord {
  /** Since its last delivery, or since it came on duty; null off duty and with orders in hand. */
  readonly idleSinceMs: number | null;
  /** Offers of the last JUDGED_DAYS, a moment behind the orders themselves. */
  readonly accepted: number;
  readonly declined: number;
  readonly lapsed: number;
  /** Of these, 0 to 1; 1 when there were none. */
  readonly acceptanceRate: number;
  /** Mean stars of the last JUDGED_DAYS, 1 to 5; null when nobody gave any. */
  readonly rating: number | null;
  /** Orders, since midnight UTC. */
  readonly deliveredToday: number;
  /** In the order in which they were offered. */
  readonly carrying: readonly CarriedOrder[];
}

/** In no order; couriers that do not exist are left out. */
export async function courierLoads(
  database: Database,
  cityId: string,
  courierIds: readonly string[],
): Promise<readonly CourierFacts[]> {
  return (await database.query<FactsRow>(COURIER_LOADS, [cityId, courierIds])).map(factsOf);
}

function factsOf(row: FactsRow): CourierFacts {
  const { accepted, declined, lapsed } = row;
  const answered = accepted + declined + lapsed;
  return {
    ...recordOf(row),
    idleSinceMs: row.idle_since_ms,
    accepted,
    declined,
    lapsed,
    acceptanceRate: answered === 0 ? 1 : accepted / answered,
    rating: row.rating,
    deliveredToday: row.delivered_today,
    carrying: row.carrying ?? [],
  };
}
