import type { NotificationPreferences } from '../../protocol/index.ts';

/** What every channel is given beside what it carries. */
interface Parcel {
  /**
   * Names what is sent, the same at each try. A crash between the receiver's yes and our note of it
   * sends it again: a receiver that keeps ids has it once.
   */
  readonly id: string;
}

export interface EmailParcel extends Parcel {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface WebhookParcel extends Parcel {
  readonly url: string;
  readonly secret: string;
  /** JSON; signed as it is sent, byte for byte. */
  readonly body: string;
}

export interface SmsParcel extends Parcel {
  /** +4930123456 */
  readonly phone: string;
  readonly text: string;
}

export interface PushParcel extends Parcel {
  readonly subscription: NonNullable<NotificationPreferences['push']>;
  readonly title: string;
  readonly body: string;
}

/** A way to tell somebody something. An adapter holds its own timeouts. */
export interface NotificationChannel<Carried extends Parcel> {
  /**
   * How many may be under way at once: none while it rests after failures, one while it is tried
   * whether the other side is back. Nothing more is taken out of the queue for it.
   */
  room(): number;
  /**
   * Resolves when the other side has accepted it. May be called again with the same parcel.
   * @throws AppError `notification_refused`: never again; `notification_failed`: later
   */
  send(parcel: Carried): Promise<void>;
  /** Connections are closed. */
  close(): void;
}

/** Null: not configured. What would go that way is said to be skipped for this, and not lost silently. */
export interface NotificationChannels {
  readonly email: NotificationChannel<EmailParcel> | null;
  readonly webhook: NotificationChannel<WebhookParcel> | null;
  readonly sms: NotificationChannel<SmsParcel> | null;
  readonly push: NotificationChannel<PushParcel> | null;
}
