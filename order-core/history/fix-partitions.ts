import type { Queryable } from '../database/pool.ts';

/** As long as nobody could come and look when making them fails. */
const DAYS_AHEAD = 7;

const MAKE_PARTITIONS = {
  name: 'make_fix_partitions',
  text: 'SELECT make_fix_partitions($1) AS count',
};

/** Waits for readers and writers of the table, and they for it: once a day, for milliseconds. */
const DROP_PARTITIONS = {
  name: 'drop_fix_partitions',
  text: 'SELECT drop_fix_partitions($1) AS count',
};

interface CountRow {
  readonly count: number;
}

/** The days that fixes will fall on have a partition. @returns how many were made */
export async function makeFixPartitions(database: Queryable): Promise<number> {
  const [row] = await database.query<CountRow>(MAKE_PARTITIONS, [DAYS_AHEAD]);
  return row?.count ?? 0;
}

/**
 * Drops the partitions of which every fix is older than so many days: a fix is kept for so long, and
 * at most a day longer.
 * @returns how many
 */
export async function dropFixPartitions(database: Queryable, keepDays: number): Promise<number> {
  const [row] = await database.query<CountRow>(DROP_PARTITIONS, [keepDays]);
  return row?.count ?? 0;
}
