import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CUSTOMER_TERMS, followStop, RESTAURANT_TERMS, watchStop } from './geofence.ts';
import { moveBy } from './local-plane.ts';
import type { Place } from './place.ts';

const STOP = { lat: 52.5, lng: 13.4 };

function eastOf(stop: Place, meters: number): Place {
  const place = { ...stop };
  moveBy(place, meters, 0);
  return place;
}

/** What is told of a courier that is so many metres from the stop, fix after fix. */
function told(metersOf: readonly number[], everySeconds = 3, kind = 'restaurant' as const) {
  const watch = watchStop(kind, STOP);
  return metersOf.flatMap((meters, i) => {
    const seconds = i === 0 ? 0 : everySeconds;
    return followStop(watch, eastOf(STOP, meters), seconds, RESTAURANT_TERMS) ?? [];
  });
}

test('a visit is told step by step, each once', () => {
  const visit = [900, 400, 190, 90, 40, 10, 5, 5, 5, 60, 79, 81, 200, 231, 900];
  expect(told(visit)).toEqual(['near_restaurant', 'arrived_restaurant', 'left_restaurant']);
});

test('a customer is near from farther away', () => {
  const watch = watchStop('customer', STOP);
  const follow = (meters: number) => followStop(watch, eastOf(STOP, meters), 10, CUSTOMER_TERMS);
  expect([501, 499, 400, 45, 45, 45].map(follow)).toEqual([
    null,
    'near_customer',
    null,
    null,
    'arrived_customer',
    null,
  ]);
});

test('who drives by has not arrived', () => {
  expect(told([400, 150, 20, 150, 400])).toEqual(['near_restaurant']);
  // Two fixes inside, but of nearly the same moment.
  expect(told([400, 150, 20, 20, 150, 400], 1)).toEqual(['near_restaurant']);
});

test('who appears at the door is near first, and then there', () => {
  expect(told([0, 0, 0, 0])).toEqual(['near_restaurant', 'arrived_restaurant']);
});

test('who comes back is near again only after it was away', () => {
  const back = [0, 0, 0, 100, 210, 0, 0, 0];
  expect(told(back).slice(2)).toEqual(['left_restaurant', 'arrived_restaurant']);
  const anew = [0, 0, 0, 100, 240, 100, 0, 0, 0];
  expect(told(anew).slice(3)).toEqual(['near_restaurant', 'arrived_restaurant']);
});

const jitter = fc.array(fc.double({ min: -14, max: 14, noNaN: true }), {
  minLength: 20,
  maxLength: 200,
});

test('who stands where a fence is, and wanders, is told of once at most', () => {
  fc.assert(
    fc.property(jitter, fc.constantFrom(200, 215, 230, 50, 65, 80), (off, border) => {
      const events = told(off.map((meters) => border + meters));
      expect(events).toEqual([...new Set(events)]);
      // There and gone again would be flapping too.
      expect(events).not.toContain('left_restaurant');
    }),
  );
});

test('on any visit that comes, stays and goes, each is told once and in order', () => {
  const visits = fc.record({
    speedMps: fc.double({ min: 1, max: 14, noNaN: true }),
    staySeconds: fc.integer({ min: 15, max: 600 }),
    everySeconds: fc.integer({ min: 1, max: 5 }),
    off: jitter,
  });
  fc.assert(
    fc.property(visits, ({ speedMps, staySeconds, everySeconds, off }) => {
      const waySeconds = 600 / speedMps;
      const fixes = Math.ceil((2 * waySeconds + staySeconds) / everySeconds) + 1;
      const meters = Array.from({ length: fixes }, (_, i) => {
        const second = i * everySeconds;
        const gone = Math.max(0, second - waySeconds - staySeconds);
        const left = Math.max(0, waySeconds - second) + gone;
        return Math.abs(left * speedMps + (off[i % off.length] ?? 0));
      });
      expect(told(meters, everySeconds)).toEqual([
        'near_restaurant',
        'arrived_restaurant',
        'left_restaurant',
      ]);
    }),
  );
});
