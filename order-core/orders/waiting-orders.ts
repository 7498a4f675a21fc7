import type { Place } from '../../protocol/index.ts';
import type { TimeScale } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';

/**
 * City seconds for which a courier that said no, or nothing, or was taken off, is not asked again for
 * that order.
 */
const DECLINE_MEMORY_SECONDS = 600;

const WAITING_ORDERS = {
  name: 'waiting_orders',
  text: `
    SELECT o.order_id, o.correlation_id, o.restaurant_id, o.pickup_lat, o.pickup_lng,
      o.dropoff_lat, o.dropoff_lng, extract(epoch FROM o.placed_at)::float8 * 1000 AS placed_at_ms,
      extract(epoch FROM o.scheduled_for)::float8 * 1000 AS scheduled_for_ms,
      extract(epoch FROM o.waiting_since)::float8 * 1000 AS waiting_since_ms,
      extract(epoch FROM coalesce(o.ready_at, o.waiting_since))::float8 * 1000 AS ready_at_ms,
      ARRAY(SELECT f.courier_id FROM offers f
        WHERE f.city_id = o.city_id AND f.order_id = o.order_id
          AND f.state IN ('declined', 'expired', 'withdrawn')
          AND f.ended_at > clock_timestamp() - $3::float8 * interval '1 millisecond') AS declined_by
    FROM orders o WHERE o.city_id = $1 AND o.courier_search = 'waiting'
    ORDER BY o.waiting_since, o.order_id LIMIT $2 OFFSET $4`,
};

interface WaitingRow {
  order_id: string;
  correlation_id: string;
  restaurant_id: string;
  pickup_lat: number;
  pickup_lng: number;
  dropoff_lat: number;
  dropoff_lng: number;
  placed_at_ms: number;
  scheduled_for_ms: number | null;
  waiting_since_ms: number;
  ready_at_ms: number;
  declined_by: string[];
}

export interface WaitingOrder {
  readonly orderId: string;
  readonly correlationId: string;
  readonly restaurantId: string;
  readonly pickup: Place;
  readonly dropoff: Place;
  readonly placedAtMs: number;
  /** When the customer wants it at the door; null for as soon as possible. */
  readonly scheduledForMs: number | null;
  readonly waitingSinceMs: number;
  readonly readyAtMs: number;
  readonly declinedBy: readonly string[];
}

/** Orders of a city that want a courier, oldest first, at most `limit` after the first `skip`. */
export async function waitingOrders(
  database: Database,
  timeScale: TimeScale,
  cityId: string,
  { skip, limit }: { readonly skip: number; readonly limit: number },
): Promise<readonly WaitingOrder[]> {
  const memoryMs = timeScale.wallMs(DECLINE_MEMORY_SECONDS);
  const rows = await database.query<WaitingRow>(WAITING_ORDERS, [cityId, limit, memoryMs, skip]);
  return rows.map((row) => ({
    orderId: row.order_id,
    correlationId: row.correlation_id,
    restaurantId: row.restaurant_id,
    pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
    dropoff: { lat: row.dropoff_lat, lng: row.dropoff_lng },
    placedAtMs: row.placed_at_ms,
    scheduledForMs: row.scheduled_for_ms,
    waitingSinceMs: row.waiting_since_ms,
    readyAtMs: row.ready_at_ms,
    declinedBy: row.declined_by,
  }));
}
