import type { Place } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';

/** Restaurants of a city with waiting orders that are told; those with most orders first. */
const PLACES_MAX = 5_000;

const WAITING_DEMAND = {
  name: 'waiting_demand',
  text: `
    SELECT pickup_lat AS lat, pickup_lng AS lng, count(*)::int AS orders
    FROM orders WHERE city_id = $1 AND courier_search = 'waiting'
    GROUP BY pickup_lat, pickup_lng ORDER BY count(*) DESC LIMIT ${PLACES_MAX}`,
};

/** Orders that wait for a courier at one place. */
export interface WaitingDemand extends Place {
  readonly orders: number;
}

/** Where the city's waiting orders are picked up. */
export async function waitingDemand(
  database: Database,
  cityId: string,
): Promise<readonly WaitingDemand[]> {
  return await database.query<WaitingDemand>(WAITING_DEMAND, [cityId]);
}
