/**
 * Telling people and programs what happened, outside of the app.
 *
 * In: events of orders, as the relay hands them to this consumer's inbox; preferences and webhook
 * endpoints. Out: e-mails and signed webhooks by the adapters in `channels/`; for text messages and
 * push there is the port, and who asks for them reads `not_configured` in the delivery log.
 *
 * An event becomes rows (`notifier.ts`: who, what, by which channel, when) in one transaction with this
 * consumer's position in the order's log, under ids that are made of the event: told again, it makes
 * no second row. Rows are leased, sent, and marked (`sender.ts`), or retried, or given up as dead
 * letters (`npm run dlq`). At least once: a crash between the receiver's yes and our mark sends it again
 * under the same id (`Message-ID`, `Webhook-Id`), by which a receiver knows it.
 */
export type { NotificationChannel, NotificationChannels } from './channel.ts';
export { SmtpChannel } from './channels/smtp.ts';
export { WebhookChannel } from './channels/webhook.ts';
export type { NotificationDesk } from './desk.ts';
export { Notifications } from './notifications.ts';
