import { newId } from '../../runtime/index.ts';
import type { Queryable } from '../database/pool.ts';

/** A statement that no other test runs. */
export async function run<Row>(database: Queryable, text: string): Promise<Row[]> {
  return await database.query<Row>({ name: newId<string>(), text });
}

/** The partition of a day that has passed, with one fix of courier `k1` at noon. */
export async function makePastDay(database: Queryable, daysAgo: number): Promise<void> {
  await run(
    database,
    `DO $$
    DECLARE
      past date := (clock_timestamp() AT TIME ZONE 'UTC')::date - ${daysAgo};
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF courier_fixes FOR VALUES FROM (%L) TO (%L)',
        'courier_fixes_' || to_char(past, 'YYYYMMDD'), past || ' 00:00+00', past + 1 || ' 00:00+00');
      INSERT INTO courier_fixes
        VALUES ('c1', 'k1', (past || ' 12:00+00')::timestamptz, 52, 13, 0, 0, 5);
    END $$`,
  );
}
