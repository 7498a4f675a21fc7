import type {
  NotificationChannelName,
  NotificationKind,
  NotificationPreferences,
  OrderEventType,
  OrderState,
  Role,
} from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import { upcast } from '../events/upcast.ts';

/**
 * The queue of what is to be sent, as rows of `notifications`. A claim takes rows out of it for a while;
 * rows of one envelope are sent as one, under its id.
 */

/**
 * Each rank is looked for by itself: of what is due, the critical go first, and what is not yet due is
 * not read. Who has enough under way ($4) is left out, and nobody gets more than $5 at once, so that a
 * receiver that hangs does not hold up the others.
 */
const CLAIM = {
  name: 'claim_notifications',
  text: `
    WITH due AS (
      SELECT d.* FROM unnest('{0,1,2}'::smallint[]) AS r(rank) CROSS JOIN LATERAL (
        SELECT n.city_id, n.order_id, n.notification_id, n.role, n.subject, n.rank, n.due_at,
          n.envelope_id
        FROM notifications n
        WHERE n.state = 'waiting' AND n.channel = $1 AND n.rank = r.rank
          AND n.due_at <= statement_timestamp()
          AND NOT (n.city_id || '/' || n.role || '/' || n.subject) = ANY($4::text[])
        ORDER BY n.due_at LIMIT $2 FOR UPDATE SKIP LOCKED) d
      ORDER BY d.rank, d.due_at LIMIT $2
    ), enveloped AS (
      SELECT d.city_id, d.order_id, d.notification_id, coalesce(d.envelope_id,
          CASE WHEN d.rank = 2 AND $1 <> 'webhook' THEN first_value(d.notification_id) OVER (
            PARTITION BY d.city_id, d.role, d.subject, d.rank, d.envelope_id
            ORDER BY d.notification_id) END, d.notification_id) AS envelope_id,
        row_number() OVER (PARTITION BY d.city_id, d.role, d.subject
          ORDER BY d.rank, d.due_at, d.notification_id) AS nth
      FROM due d
    ), claimed AS (
      UPDATE notifications n SET attempts = n.attempts + 1, envelope_id = e.envelope_id,
        leased = true, due_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
      FROM enveloped e
      WHERE n.city_id = e.city_id AND n.order_id = e.order_id
        AND n.notification_id = e.notification_id AND e.nth <= $5
      RETURNING n.*
    )
    SELECT c.city_id, c.order_id, c.notification_id, c.envelope_id, c.sequence, c.kind, c.channel,
      c.role, c.subject, c.attempts, e.type AS event, e.schema_version, e.data,
      extract(epoch FROM e.at)::float8 * 1000 AS at_ms, o.restaurant_id, o.restaurant_name,
      o.reference, o.currency, o.total_minor, o.state AS order_state,
      o.rating IS NOT NULL AS is_rated,
      CASE WHEN c.kind = 'delivery_code' THEN o.delivery_code END AS delivery_code,
      p.preferences, w.url, w.secret
    FROM claimed c
      JOIN order_events e ON e.city_id = c.city_id AND e.order_id = c.order_id
        AND e.sequence = c.sequence
      JOIN orders o ON o.city_id = c.city_id AND o.order_id = c.order_id
      LEFT JOIN notification_preferences p ON p.city_id = c.city_id AND p.role = c.role
        AND p.subject = c.subject
      LEFT JOIN webhook_endpoints w ON w.city_id = c.city_id AND w.role = c.role
        AND w.subject = c.subject
    ORDER BY c.rank, c.created_at, c.notification_id`,
};

/** A notification that is this process's own for a while, with all that is needed to say it. */
export interface ClaimedRow {
  readonly city_id: string;
  readonly order_id: string;
  readonly notification_id: string;
  readonly envelope_id: string;
  readonly sequence: number;
  readonly kind: NotificationKind;
  readonly channel: NotificationChannelName;
  readonly role: Role;
  readonly subject: string;
  readonly attempts: number;
  readonly event: OrderEventType;
  readonly schema_version: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at_ms: number;
  readonly restaurant_id: string;
  readonly restaurant_name: string;
  readonly reference: string | null;
  readonly currency: string;
  readonly total_minor: number;
  readonly order_state: OrderState;
  readonly is_rated: boolean;
  readonly delivery_code: string | null;
  /** Null when there are none any more. */
  readonly preferences: NotificationPreferences | null;
  readonly url: string | null;
  readonly secret: string | null;
}

/** Rows by their keys: $1 cities, $2 orders, $3 notifications. */
const THESE = `n.city_id = ANY($1) AND n.order_id = ANY($2::uuid[])
  AND n.notification_id = ANY($3::uuid[])`;

/** What was sent was sent, whoever had the lease by then. */
const END = {
  name: 'end_notifications',
  text: `
    UPDATE notifications n SET state = $4, reason = $5, leased = false, ended_at = clock_timestamp()
    WHERE ${THESE} AND n.state = 'waiting'`,
};
const RETRY = {
  name: 'retry_notifications',
  text: `
    UPDATE notifications n SET reason = $4, leased = false,
      due_at = clock_timestamp() + $5::float8 * interval '1 millisecond'
    -- A sender that was stopped and goes on has no say any more.
    WHERE ${THESE} AND n.state = 'waiting' AND n.attempts = $6`,
};
const RELEASE = {
  name: 'release_notifications',
  text: `
    UPDATE notifications SET leased = false, due_at = clock_timestamp()
    WHERE state = 'waiting' AND leased`,
};
const SKIP_CHANNELS = {
  name: 'skip_notifications_of_channels',
  text: `
    UPDATE notifications SET state = 'skipped', reason = 'not_configured', leased = false,
      ended_at = clock_timestamp()
    WHERE state = 'waiting' AND NOT channel = ANY($1)`,
};

export interface ClaimLimits {
  readonly rows: number;
  readonly leaseMs: number;
  /** CITY/ROLE/SUBJECT of receivers that get nothing now. */
  readonly busy: readonly string[];
  readonly perReceiver: number;
}

/** Most urgent first; rows of one envelope follow each other in no special order. */
export async function claimNotifications(
  database: Database,
  channel: NotificationChannelName,
  { rows, leaseMs, busy, perReceiver }: ClaimLimits,
): Promise<readonly ClaimedRow[]> {
  const values = [channel, rows, leaseMs, busy, perReceiver];
  const claimed = await database.query<ClaimedRow>(CLAIM, values);
  return claimed.map((row) => ({
    ...row,
    data: upcast(row.event, row.schema_version, row.data),
  }));
}

/** @param reason why it was skipped or given up; null when it was sent */
export async function endNotifications(
  database: Database,
  rows: readonly ClaimedRow[],
  state: 'sent' | 'skipped' | 'dead',
  reason: string | null,
): Promise<void> {
  await database.query(END, [...keysOf(rows), state, reason]);
}

/** @param rows of one envelope, so at the same try */
export async function retryNotifications(
  database: Database,
  rows: readonly ClaimedRow[],
  retry: { readonly reason: string; readonly inMs: number },
): Promise<void> {
  const attempts = rows[0]?.attempts ?? 0;
  await database.query(RETRY, [...keysOf(rows), retry.reason, retry.inMs, attempts]);
}

/** No other engine works on this database, so every lease is a dead engine's, and ends. */
export async function releaseNotifications(
  database: Database,
  configured: readonly NotificationChannelName[],
): Promise<void> {
  await database.query(RELEASE);
  await database.query(SKIP_CHANNELS, [configured]);
}

function keysOf(rows: readonly ClaimedRow[]): readonly unknown[] {
  return [
    [...new Set(rows.map((row) => row.city_id))],
    [...new Set(rows.map((row) => row.order_id))],
    rows.map((row) => row.notification_id),
  ];
}
