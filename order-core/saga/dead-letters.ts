import type { Database } from '../database/pool.ts';
import { orderErrors } from '../errors.ts';
import type { StepName } from '../model/order.ts';

/** A saga step that was given up: it waits for a person, who tries it again or settles it by hand. */
export interface DeadLetter {
  /** ORDER/STEP/NUMBER */
  readonly id: string;
  readonly cityId: string;
  readonly orderId: string;
  readonly step: StepName;
  /** Which authorization, or which refund, it is about. */
  readonly number: number;
  readonly attempts: number;
  /** Why the last try failed. */
  readonly error: string;
  readonly firstTriedAt: string;
  readonly givenUpAt: string;
  /** Set when somebody decided that nothing more is to be done. */
  readonly discarded: { readonly by: string; readonly why: string; readonly at: string } | null;
}

const COLUMNS = `
  d.order_id || '/' || d.step || '/' || d.number AS id, d.city_id AS "cityId",
  d.order_id AS "orderId", d.step, d.number, d.attempts, d.error,
  to_char(coalesce(d.first_tried_at, d.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    AS "firstTriedAt",
  to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "givenUpAt",
  d.discarded`;
const BY_ID = `d.order_id::text || '/' || d.step || '/' || d.number = $1`;

const LIST = {
  name: 'dead_letters_list',
  text: `
    SELECT ${COLUMNS} FROM dead_letters d WHERE $1 OR d.discarded IS NULL
    ORDER BY d.created_at LIMIT $2`,
};
const SHOW = {
  name: 'dead_letters_show',
  text: `SELECT ${COLUMNS} FROM dead_letters d WHERE ${BY_ID}`,
};
const HISTORY = {
  name: 'dead_letters_history',
  text: `
    SELECT at, actor, action, data FROM (
      SELECT at, actor, type AS action, data FROM order_events WHERE order_id = $2
      UNION ALL SELECT at, actor, action, data FROM audit_log WHERE subject = $1) h
    ORDER BY at`,
};
const REPLAY = {
  name: 'dead_letters_replay',
  text: `
    WITH gone AS (
      DELETE FROM dead_letters d WHERE ${BY_ID} AND d.discarded IS NULL
      RETURNING city_id, order_id, step, number, attempts, error
    ), again AS (
      INSERT INTO saga_steps (city_id, order_id, step, number)
      SELECT city_id, order_id, step, number FROM gone ON CONFLICT DO NOTHING
    )
    INSERT INTO audit_log (city_id, actor, action, subject, data)
    SELECT city_id, $2, 'dead_letter_replayed', $1,
      jsonb_build_object('attempts', attempts, 'error', error) FROM gone RETURNING subject`,
};
const DISCARD = {
  name: 'dead_letters_discard',
  text: `
    WITH settled AS (
      UPDATE dead_letters d SET discarded = jsonb_build_object('by', $2::text, 'why', $3::text,
        'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
      WHERE ${BY_ID} AND d.discarded IS NULL RETURNING city_id
    )
    INSERT INTO audit_log (city_id, actor, action, subject, data)
    SELECT city_id, $2, 'dead_letter_discarded', $1, jsonb_build_object('why', $3::text)
    FROM settled RETURNING subject`,
};

export interface HistoryEntry {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Oldest first. @param options.all also those that were discarded */
export async function listDeadLetters(
  database: Database,
  options: { readonly all: boolean; readonly limit: number },
): Promise<readonly DeadLetter[]> {
  return await database.query<DeadLetter>(LIST, [options.all, options.limit]);
}

/** With everything that happened to its order. @throws AppError `dead_letter_unknown` */
export async function showDeadLetter(
  database: Database,
  id: string,
): Promise<{ letter: DeadLetter; history: readonly HistoryEntry[] }> {
  const [letter] = await database.query<DeadLetter>(SHOW, [id]);
  if (letter === undefined) throw unknown(id);
  return { letter, history: await database.query<HistoryEntry>(HISTORY, [id, letter.orderId]) };
}

/** The step is tried again from its first try. @throws AppError `dead_letter_unknown` */
export async function replayDeadLetter(database: Database, id: string, by: string): Promise<void> {
  if ((await database.query(REPLAY, [id, by])).length === 0) throw unknown(id);
}

/** Somebody has settled it elsewhere. It stays on record. @throws AppError `dead_letter_unknown` */
export async function discardDeadLetter(
  database: Database,
  id: string,
  decision: { readonly by: string; readonly why: string },
): Promise<void> {
  const rows = await database.query(DISCARD, [id, decision.by, decision.why]);
  if (rows.length === 0) throw unknown(id);
}

function unknown(id: string): Error {
  return orderErrors.make('dead_letter_unknown', { details: { id } });
}
