import { visibleData, type WebhookMessage } from '../../protocol/index.ts';
import { required, unreachable } from '../../runtime/index.ts';
import type { NotificationChannels } from './channel.ts';
import { KINDS } from './kinds.ts';
import type { ClaimedRow } from './outgoing.ts';
import { wantedChannels } from './plan.ts';
import { renderEmail, renderPush, renderSms, type Told } from './templates/render.ts';

/**
 * Why this is not told after all; null when it is. Asked when it is sent: somebody may have changed
 * their mind, and the order may have gone on.
 */
export function reasonToSkip(row: ClaimedRow): string | null {
  if (row.channel === 'webhook') return row.url === null ? 'no_address' : null;
  if (row.preferences === null) return 'no_address';
  const { role, preferences } = row;
  if (!wantedChannels(row.kind, { role, preferences }).includes(row.channel)) return 'unwanted';
  if (KINDS[row.kind].overtakenIn?.includes(row.order_state) === true) return 'overtaken';
  return row.kind === 'rating_reminder' && row.is_rated ? 'overtaken' : null;
}

/**
 * Says what the rows of one envelope have to say, by their channel. Each was asked `reasonToSkip`.
 * @throws AppError `notification_refused`, `notification_failed`
 */
export async function deliver(
  channels: NotificationChannels,
  rows: readonly ClaimedRow[],
): Promise<void> {
  const first = required(rows[0], 'a notification of an envelope');
  const { envelope_id: id, channel } = first;
  if (channel === 'webhook') {
    const [url, secret] = [required(first.url, 'a URL'), required(first.secret, 'its secret')];
    const body = JSON.stringify(webhookMessage(first));
    return await required(channels.webhook, 'webhooks').send({ id, url, secret, body });
  }
  const preferences = required(first.preferences, 'the preferences of a receiver');
  const told = rows.map(toldOf);
  switch (channel) {
    case 'email': {
      const to = required(preferences.email, 'an e-mail address');
      const parcel = { id, to, ...renderEmail(told, preferences) };
      return await required(channels.email, 'e-mail').send(parcel);
    }
    case 'sms': {
      const phone = required(preferences.phone, 'a phone number');
      const text = renderSms(told, preferences);
      return await required(channels.sms, 'text messages').send({ id, phone, text });
    }
    case 'push': {
      const subscription = required(preferences.push, 'a push subscription');
      const parcel = { id, subscription, ...renderPush(told, preferences) };
      return await required(channels.push, 'push').send(parcel);
    }
    default:
      return unreachable(channel);
  }
}

function toldOf(row: ClaimedRow): Told {
  return {
    kind: row.kind,
    about: {
      orderId: row.order_id,
      data: row.data,
      restaurantName: row.restaurant_name,
      reference: row.reference,
      currency: row.currency,
      totalMinor: row.total_minor,
      deliveryCode: row.delivery_code,
    },
  };
}

function webhookMessage(row: ClaimedRow): WebhookMessage {
  return {
    id: row.envelope_id,
    kind: row.kind,
    cityId: row.city_id,
    orderId: row.order_id,
    sequence: row.sequence,
    atMs: Math.round(row.at_ms),
    restaurantId: row.restaurant_id,
    reference: row.reference,
    data: visibleData(row.role, row.event, row.data),
  };
}
