import {
  notificationPreferencesSchema,
  protocolErrors,
  type Actor,
  type DeliveryRecord,
  type NotificationKind,
  type NotificationPreferences,
  type NotificationPreferencesView,
  type WebhookEndpoint,
} from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import type { NotificationChannels } from './channel.ts';
import { newWebhookSecret } from './channels/webhook-signature.ts';
import { safeTarget, type AllowedHosts } from './channels/webhook-target.ts';

/** Lines of the delivery log on one page. */
const LOG_MAX = 200;

const PREFERENCES = {
  name: 'notification_preferences',
  text: `
    SELECT preferences FROM notification_preferences
    WHERE city_id = $1 AND role = $2 AND subject = $3`,
};
const PUT_PREFERENCES = {
  name: 'put_notification_preferences',
  text: `
    INSERT INTO notification_preferences (city_id, role, subject, preferences)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (city_id, role, subject) DO UPDATE SET preferences = excluded.preferences,
      updated_at = clock_timestamp()`,
};
const ENDPOINT = {
  name: 'webhook_endpoint',
  text: `
    SELECT url, kinds FROM webhook_endpoints WHERE city_id = $1 AND role = $2 AND subject = $3`,
};
const PUT_ENDPOINT = {
  name: 'put_webhook_endpoint',
  text: `
    INSERT INTO webhook_endpoints (city_id, role, subject, url, kinds, secret)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (city_id, role, subject) DO UPDATE SET url = excluded.url, kinds = excluded.kinds,
      secret = excluded.secret, updated_at = clock_timestamp()`,
};
const DELETE_ENDPOINT = {
  name: 'delete_webhook_endpoint',
  text: `DELETE FROM webhook_endpoints WHERE city_id = $1 AND role = $2 AND subject = $3`,
};

const RECORD = `n.notification_id AS "notificationId", n.order_id AS "orderId", n.sequence, n.kind,
  n.channel, n.role, n.subject, n.state, n.reason, n.attempts,
  round(extract(epoch FROM n.created_at) * 1000)::float8 AS "createdAtMs",
  round(extract(epoch FROM n.due_at) * 1000)::float8 AS "dueAtMs",
  round(extract(epoch FROM n.ended_at) * 1000)::float8 AS "endedAtMs"`;
const LOG_OF_ORDER = {
  name: 'delivery_log_of_order',
  text: `
    SELECT ${RECORD} FROM notifications n WHERE n.city_id = $1 AND n.order_id = $2
    ORDER BY n.created_at, n.notification_id LIMIT ${LOG_MAX}`,
};
const LOG = {
  name: 'delivery_log',
  text: `
    SELECT ${RECORD} FROM notifications n WHERE n.city_id = $1
    ORDER BY n.created_at DESC, n.notification_id LIMIT ${LOG_MAX}`,
};

/** What people and programs say about being told, and what operators see of it. */
export class NotificationDesk {
  readonly #database: Database;
  readonly #channels: NotificationChannels;
  readonly #allowed: AllowedHosts;

  /** @param allowed hosts that webhooks may go to although they are not public */
  constructor(database: Database, channels: NotificationChannels, allowed: AllowedHosts) {
    this.#database = database;
    this.#channels = channels;
    this.#allowed = allowed;
  }

  /** The actor's own; the defaults when nothing was said. */
  async preferences(actor: Actor): Promise<NotificationPreferencesView> {
    const rows = await this.#database.query<{ preferences: unknown }>(PREFERENCES, keyOf(actor));
    // Read by the schema: what was said before a field was known has its default.
    const preferences = notificationPreferencesSchema.parse(rows[0]?.preferences ?? {});
    const { email, sms, push } = this.#channels;
    const configured = { email: email !== null, sms: sms !== null, push: push !== null };
    return { ...preferences, configured };
  }

  async putPreferences(actor: Actor, preferences: NotificationPreferences): Promise<void> {
    await this.#database.query(PUT_PREFERENCES, [...keyOf(actor), JSON.stringify(preferences)]);
  }

  /** @throws AppError `not_found` when there is none */
  async webhookEndpoint(actor: Actor): Promise<WebhookEndpoint> {
    const rows = await this.#database.query<EndpointRow>(ENDPOINT, keyOf(actor));
    const [row] = rows;
    if (row === undefined) throw protocolErrors.make('not_found');
    return { url: row.url, ...(row.kinds === null ? {} : { kinds: row.kinds }) };
  }

  /**
   * Replaces the actor's own.
   * @returns the secret that signs from now on, shown this once
   * @throws AppError `webhook_target_refused`
   */
  async putWebhookEndpoint(
    actor: Actor,
    { url, kinds }: WebhookEndpoint,
  ): Promise<{ readonly secret: string }> {
    const target = safeTarget(url, this.#allowed);
    const secret = newWebhookSecret();
    const wanted = kinds === undefined ? null : JSON.stringify(kinds);
    await this.#database.query(PUT_ENDPOINT, [...keyOf(actor), target.href, wanted, secret]);
    return { secret };
  }

  async deleteWebhookEndpoint(actor: Actor): Promise<void> {
    await this.#database.query(DELETE_ENDPOINT, keyOf(actor));
  }

  /** What became of the city's newest notifications, newest first; or of an order's, oldest first. */
  async deliveryLog(cityId: string, orderId: string | null): Promise<readonly DeliveryRecord[]> {
    return orderId === null
      ? await this.#database.query<DeliveryRecord>(LOG, [cityId])
      : await this.#database.query<DeliveryRecord>(LOG_OF_ORDER, [cityId, orderId]);
  }
}

interface EndpointRow {
  url: string;
  kinds: NotificationKind[] | null;
}

function keyOf({ cityId, role, subject }: Actor): readonly string[] {
  return [cityId, role, subject];
}
