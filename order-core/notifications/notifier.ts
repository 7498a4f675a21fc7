import type {
  NotificationChannelName,
  NotificationKind,
  OrderEventType,
  Role,
} from '../../protocol/index.ts';
import type { Logger, Metrics, TimeScale } from '../../runtime/index.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { upcast } from '../events/upcast.ts';
import { InboxConsumer } from '../outbox/inbox-consumer.ts';
import { lockPositions, moveOn, type OrderRef, type Position } from '../outbox/positions.ts';
import { NOTIFICATIONS } from './kinds.ts';
import {
  audienceOf,
  planNotifications,
  type Endpoint,
  type Notification,
  type Person,
  type ToldEvent,
} from './plan.ts';

/**
 * Only what the relay has handed over, and not all after the position: of what happened before
 * anybody of the city wanted to be told, nobody is told.
 */
const TOLD_EVENTS_OF = {
  name: 'notifications_events',
  text: `
    SELECT found.* FROM jsonb_to_recordset($2::jsonb)
      AS p(city_id text, order_id uuid, sequence integer)
    CROSS JOIN LATERAL (SELECT e.city_id, e.order_id, e.sequence, e.type, e.schema_version, e.data,
        extract(epoch FROM e.at)::float8 * 1000 AS at_ms, o.customer_id, o.restaurant_id,
        o.courier_id, o.delivery_code IS NOT NULL AS has_code
      FROM consumer_inbox i
        JOIN order_events e ON e.city_id = i.city_id AND e.order_id = i.order_id
          AND e.sequence = i.sequence
        JOIN orders o ON o.city_id = i.city_id AND o.order_id = i.order_id
      WHERE i.consumer = $1 AND i.city_id = p.city_id AND i.order_id = p.order_id
        AND i.sequence > p.sequence
      OFFSET 0) found
    ORDER BY found.city_id, found.order_id, found.sequence`,
};
interface EventRow extends Position {
  readonly type: OrderEventType;
  readonly schema_version: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at_ms: number;
  readonly customer_id: string;
  readonly restaurant_id: string;
  readonly courier_id: string | null;
  readonly has_code: boolean;
}

const PEOPLE = {
  name: 'notifications_people',
  text: `
    SELECT p.city_id AS "cityId", p.role, p.subject, p.preferences
    FROM jsonb_to_recordset($1::jsonb) AS w("cityId" text, role text, subject text)
      JOIN notification_preferences p
        ON p.city_id = w."cityId" AND p.role = w.role AND p.subject = w.subject`,
};
const ENDPOINTS = {
  name: 'notifications_endpoints',
  text: `
    SELECT city_id AS "cityId", role, subject, kinds FROM webhook_endpoints
    WHERE city_id = ANY($1) AND (role = 'service' OR subject = ANY($2))`,
};

/** An event that is handed over again, also after its position was forgotten, finds its row. */
const PUT_NOTIFICATIONS = {
  name: 'put_notifications',
  text: `
    INSERT INTO notifications (city_id, order_id, notification_id, sequence, kind, channel, role,
      subject, rank, state, reason, due_at, ended_at)
    SELECT n."cityId", n."orderId", n."notificationId", n.sequence, n.kind, n.channel, n.role,
      n.subject, n.rank, n.state, n.reason, to_timestamp(n."dueAtMs" / 1000),
      CASE WHEN n.state <> 'waiting' THEN clock_timestamp() END
    FROM jsonb_to_recordset($1::jsonb) AS n("cityId" text, "orderId" uuid, "notificationId" uuid,
      sequence integer, kind text, channel text, role text, subject text, rank smallint, state text,
      reason text, "dueAtMs" float8)
    ON CONFLICT DO NOTHING
    RETURNING kind, channel`,
};

export interface NotifierDeps {
  readonly database: Database;
  /** The channels that this engine has. */
  readonly configured: ReadonlySet<NotificationChannelName>;
  readonly timeScale: TimeScale;
  /** Called when something new waits to be sent. */
  readonly planned: () => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Makes notifications of events, in one transaction with its own position in each order's log. */
export function notifier(deps: NotifierDeps): InboxConsumer {
  const made = deps.metrics.counter(
    'hexfleet_notifications_total',
    'Notifications that were made',
    ['kind', 'channel'],
  );
  return new InboxConsumer({
    consumer: NOTIFICATIONS,
    name: 'notifications',
    async apply(tx, orders) {
      const { events, rows } = await tellOf(tx, orders, deps);
      for (const row of rows) made.inc({ ...row });
      return events;
    },
    applied: deps.planned,
    database: deps.database,
    log: deps.log,
  });
}

async function tellOf(
  tx: Queryable,
  orders: readonly OrderRef[],
  { configured, timeScale }: NotifierDeps,
): Promise<{ events: number; rows: readonly { kind: NotificationKind; channel: string }[] }> {
  const positions = await lockPositions(tx, NOTIFICATIONS, orders);
  const found = await tx.query<EventRow>(TOLD_EVENTS_OF, [
    NOTIFICATIONS,
    JSON.stringify(positions),
  ]);
  const events = found.map(toldEvent);
  const receivers = await receiversOf(tx, events);
  const told = events.flatMap((event) =>
    planNotifications(event, receivers(event), configured, timeScale),
  );
  const rows = await put(tx, told);
  await moveOn(tx, NOTIFICATIONS, positions, found);
  return { events: found.length, rows };
}

async function put(
  tx: Queryable,
  told: readonly Notification[],
): Promise<readonly { kind: NotificationKind; channel: string }[]> {
  return told.length === 0 ? [] : await tx.query(PUT_NOTIFICATIONS, [JSON.stringify(told)]);
}

/** @returns who is to be told of an event of these */
async function receiversOf(
  tx: Queryable,
  events: readonly ToldEvent[],
): Promise<(event: ToldEvent) => { people: readonly Person[]; endpoints: readonly Endpoint[] }> {
  const wanted = new Map(
    events.flatMap((event) =>
      audienceOf(event).map(({ role, subject }) => {
        const key = nameOf(event.cityId, role, subject);
        return [key, { cityId: event.cityId, role, subject }] as const;
      }),
    ),
  );
  const rows = await tx.query<Person>(PEOPLE, [JSON.stringify([...wanted.values()])]);
  const people = new Map(rows.map((p) => [nameOf(p.cityId, p.role, p.subject), p]));
  const endpoints = await tx.query<Endpoint>(ENDPOINTS, [
    [...new Set(events.map(({ cityId }) => cityId))],
    [...new Set(events.map(({ restaurantId }) => restaurantId))],
  ]);
  return (event) => ({
    people: audienceOf(event).flatMap(({ role, subject }) => {
      const person = people.get(nameOf(event.cityId, role, subject));
      return person === undefined ? [] : [person];
    }),
    endpoints: endpoints.filter(
      ({ cityId, role, subject }) =>
        cityId === event.cityId && (role === 'service' || subject === event.restaurantId),
    ),
  });
}

function nameOf(cityId: string, role: Role, subject: string): string {
  return `${cityId}/${role}/${subject}`;
}

function toldEvent(row: EventRow): ToldEvent {
  return {
    cityId: row.city_id,
    orderId: row.order_id,
    sequence: row.sequence,
    type: row.type,
    data: upcast(row.type, row.schema_version, row.data),
    atMs: row.at_ms,
    customerId: row.customer_id,
    restaurantId: row.restaurant_id,
    courierId: row.courier_id,
    hasDeliveryCode: row.has_code,
  };
}
