import type { Database } from '../database/pool.ts';
import { orderErrors } from '../errors.ts';

/**
 * What was given up, a saga step or a notification: it waits for a person, who tries it again or
 * settles it by hand.
 */
export interface DeadLetter {
  /** ORDER/STEP/NUMBER; notification/ID; inbox/ORDER/SEQUENCE for an event of which nobody was told. */
  readonly id: string;
  readonly cityId: string;
  readonly orderId: string;
  /** Of the saga; CHANNEL:KIND of a notification. */
  readonly step: string;
  /** Which authorization, which refund, or which event, it is about. */
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
  g.id, g.city_id AS "cityId", g.order_id AS "orderId", g.step, g.number, g.attempts, g.error,
  to_char(g.first_tried_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "firstTriedAt",
  to_char(g.given_up_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "givenUpAt",
  g.discarded`;
const BY_ID = `d.order_id::text || '/' || d.step || '/' || d.number = $1`;
const NOTIFICATION_BY_ID = `'notification/' || n.notification_id = $1 AND n.state = 'dead'`;
const INBOX_BY_ID = `i.consumer = 'notifications' AND i.due_at = 'infinity'
  AND 'inbox/' || i.order_id || '/' || i.sequence = $1`;

const LIST = {
  name: 'dead_letters_list',
  text: `
    SELECT ${COLUMNS} FROM given_up g WHERE $1 OR g.discarded IS NULL
    ORDER BY g.given_up_at LIMIT $2`,
};
const SHOW = {
  name: 'dead_letters_show',
  text: `SELECT ${COLUMNS} FROM given_up g WHERE g.id = $1`,
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
    ), resent AS (
      -- Alone this time: what it was given up with is a letter of its own.
      UPDATE notifications n SET state = 'waiting', due_at = clock_timestamp(), ended_at = NULL,
        envelope_id = NULL, attempts = 0
      FROM notifications was WHERE ${NOTIFICATION_BY_ID} AND was.city_id = n.city_id
        AND was.order_id = n.order_id AND was.notification_id = n.notification_id
      RETURNING n.city_id, was.attempts, n.reason AS error
    ), retold AS (
      UPDATE consumer_inbox i SET due_at = clock_timestamp(), attempts = 0 WHERE ${INBOX_BY_ID}
      RETURNING i.city_id, i.last_error AS error
    ), replayed AS (
      SELECT city_id, attempts, error FROM gone UNION ALL SELECT * FROM resent
      UNION ALL SELECT city_id, NULL, error FROM retold
    )
    INSERT INTO audit_log (city_id, actor, action, subject, data)
    SELECT city_id, $2, 'dead_letter_replayed', $1,
      jsonb_build_object('attempts', attempts, 'error', error) FROM replayed RETURNING subject`,
};
const DISCARD = {
  name: 'dead_letters_discard',
  text: `
    WITH decision AS (
      SELECT jsonb_build_object('by', $2::text, 'why', $3::text,
        'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS made
    ), step AS (
      UPDATE dead_letters d SET discarded = made FROM decision
      WHERE ${BY_ID} AND d.discarded IS NULL RETURNING city_id
    ), notification AS (
      UPDATE notifications n SET state = 'discarded', discarded = made FROM decision
      WHERE ${NOTIFICATION_BY_ID} RETURNING n.city_id
    ), event AS (
      DELETE FROM consumer_inbox i WHERE ${INBOX_BY_ID} RETURNING i.city_id
    ), settled AS (
      SELECT * FROM step UNION ALL SELECT * FROM notification UNION ALL SELECT * FROM event
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
