import type { Queryable } from '../database/pool.ts';

/** One read gives so many at most: 8 hours, a fix every 3 s. */
const FIXES_MAX = 10_000;

/** By the key of the day's index. A batch that was written twice is read once. */
export const FIXES_OF_COURIER = {
  name: 'fixes_of_courier',
  text: `
    SELECT DISTINCT ON (at) round(extract(epoch FROM at) * 1000)::float8 AS "atMs", lat, lng,
      heading_degrees AS "headingDegrees", speed_mps AS "speedMps",
      accuracy_meters AS "accuracyMeters"
    FROM courier_fixes
    WHERE city_id = $1 AND courier_id = $2
      AND at >= to_timestamp($3::float8 / 1000) AND at < to_timestamp($4::float8 / 1000)
    ORDER BY at LIMIT $5`,
};

/** A fix as the device sent it, from history. */
export interface RecordedFix {
  readonly atMs: number;
  readonly lat: number;
  readonly lng: number;
  readonly headingDegrees: number;
  readonly speedMps: number;
  readonly accuracyMeters: number;
}

/** Whose fixes, and of which time: from the first moment on, before the last. */
export interface FixRange {
  readonly cityId: string;
  readonly courierId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Where a courier was, oldest first.
 * @param limit at most so many, and never more than 10,000: go on from the last with its time plus 1
 */
export async function fixesOf(
  database: Queryable,
  { cityId, courierId, fromMs, toMs }: FixRange,
  limit: number,
): Promise<readonly RecordedFix[]> {
  const values = [cityId, courierId, fromMs, toMs, Math.min(limit, FIXES_MAX)];
  return await database.query<RecordedFix>(FIXES_OF_COURIER, values);
}
