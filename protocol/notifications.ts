import { z } from 'zod';
import { roleSchema } from './actor.ts';
import type { Immutable } from './immutable.ts';
import { timeMsSchema } from './places.ts';

/** What people and programs are told outside of the app: e-mail, text messages, push, webhooks. */

/** What can be told; what each is, and to whom it goes, says order-core/notifications/kinds.ts. */
export const notificationKindSchema = z.enum([
  'order_received',
  'order_confirmed',
  'order_delayed',
  'order_assigned',
  'delivery_code',
  'order_on_its_way',
  'order_delivered',
  'order_cancelled',
  'order_withdrawn',
  'payment_refunded',
  'order_rated',
  'rating_reminder',
]);
export type NotificationKind = z.output<typeof notificationKindSchema>;

/** Ways to a person. */
export const personalChannelSchema = z.enum(['email', 'sms', 'push']);
export type PersonalChannel = z.output<typeof personalChannelSchema>;
const notificationChannelSchema = z.enum([...personalChannelSchema.options, 'webhook']);
export type NotificationChannelName = z.output<typeof notificationChannelSchema>;

export const languageSchema = z.enum(['en', 'de']);
export type Language = z.output<typeof languageSchema>;

const EMAIL_LENGTH_MAX = 254;
const URL_LENGTH_MAX = 2_000;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 22:00');
const timeZone = z.string().max(64).refine(isTimeZone, 'a time zone such as Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What somebody says about being told; a PUT replaces it whole. */
export const notificationPreferencesSchema = z.strictObject({
  language: languageSchema.default('en'),
  /** IANA name; times in messages and quiet hours are of this zone. */
  timeZone: timeZone.default('UTC'),
  email: z.email().max(EMAIL_LENGTH_MAX).nullable().default(null),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'a number such as +4930123456')
    .nullable()
    .default(null),
  /** As a browser's PushManager gives it. */
  push: z
    .strictObject({
      endpoint: z.url({ protocol: /^https$/ }).max(URL_LENGTH_MAX),
      keys: z.strictObject({ p256dh: z.string().max(128), auth: z.string().max(64) }),
    })
    .nullable()
    .default(null),
  /** What can wait is not told then; it may go over midnight. */
  quietHours: z
    .strictObject({ from: timeOfDay, until: timeOfDay })
    .refine(({ from, until }) => from !== until, 'from and until differ')
    .nullable()
    .default(null),
  /** By kind, the ways that are wanted, none for not at all; a kind left out goes by its default. */
  channels: z
    .partialRecord(notificationKindSchema, z.array(personalChannelSchema).max(3))
    .default({}),
});
export type NotificationPreferences = z.output<typeof notificationPreferencesSchema>;

/** Preferences as they are shown, with what this engine can reach people by. */
export const notificationPreferencesViewSchema = notificationPreferencesSchema.extend({
  configured: z.record(personalChannelSchema, z.boolean()),
});
export type NotificationPreferencesView = Immutable<
  z.output<typeof notificationPreferencesViewSchema>
>;

/** Where a restaurant, or a service account, wants to be told by HTTP. */
export const webhookEndpointSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(URL_LENGTH_MAX),
  /** Left out: everything that is for this role. */
  kinds: z.array(notificationKindSchema).min(1).max(20).optional(),
});
export type WebhookEndpoint = z.output<typeof webhookEndpointSchema>;

/** What is posted to a webhook endpoint. Whoever wants more asks for the order. */
export interface WebhookMessage {
  /** The same when it is sent again. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly cityId: string;
  readonly orderId: string;
  /** Of the order's event: what comes out of order is told by it. */
  readonly sequence: number;
  readonly atMs: number;
  readonly restaurantId: string;
  /** The caller's own name for the order. */
  readonly reference: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A new secret, by which the receiver knows that it is us; shown this once. */
export const webhookSecretSchema = z.object({ secret: z.string() });

/** One line of the delivery log: what became of a notification. No address and no text is in it. */
export const deliveryRecordSchema = z.object({
  notificationId: z.string(),
  orderId: z.string(),
  sequence: z.number(),
  kind: notificationKindSchema,
  channel: notificationChannelSchema,
  role: roleSchema,
  subject: z.string(),
  state: z.enum(['waiting', 'sent', 'skipped', 'dead', 'discarded']),
  reason: z.string().nullable().describe('Why it was skipped, or what the last try failed of.'),
  attempts: z.number(),
  createdAtMs: timeMsSchema,
  dueAtMs: timeMsSchema,
  endedAtMs: timeMsSchema.nullable().describe('Sent, skipped or given up; null while it waits.'),
});
export type DeliveryRecord = Immutable<z.output<typeof deliveryRecordSchema>>;
export type DeliveryState = DeliveryRecord['state'];
