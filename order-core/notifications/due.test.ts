import { assert, constantFrom, integer, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { utcMs } from '../../runtime/index.ts';
import { afterQuietHours, endOfWindow, localMinutes, minutesOf } from './due.ts';

const HOUR_MS = 3_600_000;
const NIGHT = { from: '22:00', until: '07:30' };

/** UTC. */
const at = utcMs;

test.each([
  ['before midnight', 'UTC', '2026-03-01 23:10:20', '2026-03-02 07:30:00'],
  ['after midnight', 'UTC', '2026-03-02 03:00:00', '2026-03-02 07:30:00'],
  ['by the clocks of the zone', 'Asia/Kolkata', '2026-03-01 17:00:00', '2026-03-02 02:00:00'],
  ['not by day', 'UTC', '2026-03-02 07:30:00', '2026-03-02 07:30:00'],
])('quiet hours hold until their end: %s', (_what, timeZone, now, then) => {
  expect(afterQuietHours(at(now), { quietHours: NIGHT, timeZone })).toBe(at(then));
});

test('whatever the night, the zone and the moment, nothing is due while it is quiet', () => {
  const time = integer({ min: 0, max: 1_439 }).map((minutes) => {
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  });
  const zone = constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu');
  const moment = integer({ min: at('2026-01-01 00:00:00'), max: at('2027-01-01 00:00:00') });
  assert(
    property(time, time, zone, moment, (from, until, timeZone, now) => {
      if (from === until) return;
      const dueMs = afterQuietHours(now, { quietHours: { from, until }, timeZone });
      const length = (minutesOf(until) - minutesOf(from) + 1_440) % 1_440;
      const into = (localMinutes(dueMs, timeZone) - minutesOf(from) + 1_440) % 1_440;
      expect(into).toBeGreaterThanOrEqual(length);
      expect(dueMs).toBeGreaterThanOrEqual(now);
      // A night in which the clocks change is an hour longer.
      expect(dueMs - now).toBeLessThanOrEqual(25 * HOUR_MS);
    }),
  );
});

test('what is due in one window of a receiver is due at one moment, within that window', () => {
  const windowMs = 1_800_000;
  const moment = integer({ min: 0, max: 1e12 });
  assert(
    property(moment, integer({ min: 0, max: windowMs }), string(), (atMs, laterMs, receiver) => {
      const due = endOfWindow(atMs, windowMs, receiver);
      expect(due - atMs).toBeGreaterThanOrEqual(0);
      expect(due - atMs).toBeLessThan(windowMs);
      const later = endOfWindow(atMs + laterMs, windowMs, receiver);
      expect([due, due + windowMs]).toContain(later);
    }),
  );
});
