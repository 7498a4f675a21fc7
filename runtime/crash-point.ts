/**
 * The gaps between two effects in which a death must do no harm. A test names one, and the process
 * kills itself there, as a power cut would, instead of hoping that a random kill hits it.
 */
export const CRASH_POINTS = [
  /** The order is committed, the customer has no answer. */
  'order-stored',
  /** A change of an order is committed, nobody was told or woken. */
  'change-committed',
  /** A saga step is claimed, the other system was not asked. */
  'step-claimed',
  /** The other system has done it, we have not written it down. */
  'step-performed',
  /** Events are taken from the outbox, nobody has heard them. */
  'relay-taken',
  /** Everybody has heard the events, the outbox still holds them. */
  'relay-published',
  /** A deadline was found passed, nothing was done. */
  'timer-found',
  /** A consumer has applied a batch, the relay does not know. */
  'consumer-applied',
  /** Notifications are claimed, nobody was told. */
  'notification-claimed',
  /** The receiver has a notification, we have not written it down. */
  'notification-sent',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

let armed: { readonly at: CrashPoint; passesLeft: number } | null = null;

/** @param spec `NAME`, or `NAME:3` to die at the third pass; undefined for never */
export function armCrashPoint(spec: string | undefined): void {
  const [name, pass = '1'] = (spec ?? '').split(':');
  const at = CRASH_POINTS.find((point) => point === name);
  armed = at === undefined ? null : { at, passesLeft: Number(pass) };
}

/** Dies here, at once and without a word, when this point is armed and it is its turn. */
export function crashPoint(at: CrashPoint): void {
  if (armed?.at !== at) return;
  armed.passesLeft -= 1;
  if (armed.passesLeft === 0) process.kill(process.pid, 'SIGKILL');
}
