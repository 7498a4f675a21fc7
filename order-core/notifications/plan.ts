import { v5 } from 'uuid';
import type {
  NotificationChannelName,
  NotificationKind,
  NotificationPreferences,
  OrderEventType,
  PersonalChannel,
  Role,
} from '../../protocol/index.ts';
import type { TimeScale } from '../../runtime/index.ts';
import { afterQuietHours, endOfWindow } from './due.ts';
import { DEFAULT_CHANNELS, KINDS, PRIORITIES, RULES, type KindRule } from './kinds.ts';

/** City seconds in which what can wait is gathered for each receiver. */
const WINDOW_SECONDS = 1_800;

/** Of ids that are made of names (RFC 9562, version 5). */
const NAMESPACE = '5f0d5c1e-6b52-4a3e-9a5b-1d9f0c6f7b11';

/** A committed event, with who has to do with its order. */
export interface ToldEvent {
  readonly cityId: string;
  readonly orderId: string;
  readonly sequence: number;
  readonly type: OrderEventType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  readonly customerId: string;
  readonly restaurantId: string;
  /** Bound to it now; null when nobody is. */
  readonly courierId: string | null;
  readonly hasDeliveryCode: boolean;
}

export interface Receiver {
  readonly role: Role;
  readonly subject: string;
}

/** Somebody who has said how to be told. */
export interface Person extends Receiver {
  readonly cityId: string;
  readonly preferences: NotificationPreferences;
}

/** Where a restaurant, or a service account, is told by HTTP. */
export interface Endpoint extends Receiver {
  readonly cityId: string;
  /** Null: everything that is for the role. */
  readonly kinds: readonly NotificationKind[] | null;
}

/** A notification as it is stored. */
export interface Notification extends Receiver {
  readonly notificationId: string;
  readonly cityId: string;
  readonly orderId: string;
  readonly sequence: number;
  readonly kind: NotificationKind;
  readonly channel: NotificationChannelName;
  readonly rank: number;
  readonly state: 'waiting' | 'skipped';
  readonly reason: string | null;
  readonly dueAtMs: number;
}

/** Who may be told of this event as a person, whether they want to or not. */
export function audienceOf(event: ToldEvent): readonly Receiver[] {
  const { customerId, restaurantId, data } = event;
  const courierId = event.courierId ?? data['courierId'];
  return [
    { role: 'customer', subject: customerId },
    { role: 'restaurant', subject: restaurantId },
    ...(typeof courierId === 'string' ? [{ role: 'courier', subject: courierId } as const] : []),
  ];
}

/**
 * What is to be told of an event: one for each kind, receiver and channel that is wanted. The same
 * event gives the same ids.
 * @param people of the audience, those who have said how to be told
 * @param endpoints of the order's restaurant, and of the city's service accounts
 * @param configured the channels that this engine has
 */
export function planNotifications(
  event: ToldEvent,
  to: { readonly people: readonly Person[]; readonly endpoints: readonly Endpoint[] },
  configured: ReadonlySet<NotificationChannelName>,
  timeScale: TimeScale,
): readonly Notification[] {
  const told: Notification[] = [];
  for (const [kind, rule] of RULES) {
    if (!isTold(event, kind, rule)) continue;
    for (const person of to.people) {
      for (const channel of wantedChannels(kind, person)) {
        const dueAtMs = dueFor(event, rule, person, timeScale);
        const state = configured.has(channel) ? 'waiting' : 'skipped';
        told.push({ ...notification(event, kind, person, channel), dueAtMs, state });
      }
    }
    for (const endpoint of to.endpoints) {
      if (!rule.to.includes(endpoint.role as never)) continue;
      if (endpoint.kinds !== null && !endpoint.kinds.includes(kind)) continue;
      told.push(notification(event, kind, endpoint, 'webhook'));
    }
  }
  return told.map((one) => (one.state === 'skipped' ? { ...one, reason: 'not_configured' } : one));
}

/** The ways by which this person wants to be told of this, and can be. */
export function wantedChannels(
  kind: NotificationKind,
  { role, preferences }: Pick<Person, 'role' | 'preferences'>,
): readonly PersonalChannel[] {
  const { priority, to } = KINDS[kind];
  if (!to.includes(role as never)) return [];
  const chosen = preferences.channels[kind] ?? DEFAULT_CHANNELS[priority];
  const addresses = { email: preferences.email, sms: preferences.phone, push: preferences.push };
  return [...new Set(chosen)].filter((channel) => addresses[channel] !== null);
}

function isTold(event: ToldEvent, kind: NotificationKind, rule: KindRule): boolean {
  if (rule.event !== event.type) return false;
  if (kind === 'delivery_code' && !event.hasDeliveryCode) return false;
  if (kind === 'order_rated' && event.data['restaurantStars'] === undefined) return false;
  return !(rule.unlessReason ?? []).includes(event.data['reason'] as never);
}

function dueFor(
  event: ToldEvent,
  { priority, afterSeconds = 0 }: KindRule,
  { role, subject, preferences }: Person,
  timeScale: TimeScale,
): number {
  const atMs = event.atMs + timeScale.wallMs(afterSeconds);
  if (priority !== 'low') return atMs;
  const windowMs = Math.ceil(timeScale.wallMs(WINDOW_SECONDS));
  return afterQuietHours(endOfWindow(atMs, windowMs, `${role}:${subject}`), preferences);
}

function notification(
  event: ToldEvent,
  kind: NotificationKind,
  { role, subject }: Receiver,
  channel: NotificationChannelName,
): Notification {
  const { cityId, orderId, sequence } = event;
  const name = [cityId, orderId, sequence, kind, role, subject, channel].join('/');
  return {
    notificationId: v5(name, NAMESPACE),
    cityId,
    orderId,
    sequence,
    kind,
    channel,
    role,
    subject,
    rank: PRIORITIES.indexOf(KINDS[kind].priority),
    state: 'waiting',
    reason: null,
    dueAtMs: event.atMs,
  };
}
