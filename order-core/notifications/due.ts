import type { NotificationPreferences } from '../../protocol/index.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** When a day is changed to or from summer time, the end of quiet hours lies an hour off once. */
const SHIFTS_MAX = 3;

/**
 * The first moment at or after `atMs` that is in nobody's quiet hours.
 * @param atMs ms since the Unix epoch
 */
export function afterQuietHours(
  atMs: number,
  { quietHours, timeZone }: Pick<NotificationPreferences, 'quietHours' | 'timeZone'>,
): number {
  if (quietHours === null) return atMs;
  const from = minutesOf(quietHours.from);
  const until = minutesOf(quietHours.until);
  const lengthMinutes = (until - from + DAY_MINUTES) % DAY_MINUTES;
  let dueMs = atMs;
  for (let shifts = 0; shifts < SHIFTS_MAX; shifts++) {
    const into = (localMinutes(dueMs, timeZone) - from + DAY_MINUTES) % DAY_MINUTES;
    if (into >= lengthMinutes) break;
    const minuteMs = dueMs - (dueMs % MINUTE_MS);
    dueMs = minuteMs + (lengthMinutes - into) * MINUTE_MS;
  }
  return dueMs;
}

/**
 * The end of the receiver's window in which `atMs` lies: what is due in one window goes together. The
 * windows of different receivers end at different times, or all mail of a city would go at once.
 */
export function endOfWindow(atMs: number, windowMs: number, receiver: string): number {
  const offsetMs = hash(receiver) % windowMs;
  return Math.ceil((atMs - offsetMs) / windowMs) * windowMs + offsetMs;
}

/** Minutes since midnight on the clocks of this zone, 0 to 1,439. */
export function localMinutes(atMs: number, timeZone: string): number {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return minutesOf(clock.format(atMs));
}

/** @param time `22:30` */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}
