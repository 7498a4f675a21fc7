import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveBy } from './local-plane.ts';
import { followRoute, metersFromLine, ROUTE_TERMS, watchRoute } from './off-route.ts';
import type { Place } from './place.ts';

const FROM = { lat: 52.5, lng: 13.4 };

function at(eastMeters: number, northMeters: number, from: Place = FROM): Place {
  const place = { ...from };
  moveBy(place, eastMeters, northMeters);
  return place;
}

/** A way of 4 km to the east; the courier is half way, so many metres beside it. */
function told(beside: readonly number[], everySeconds = 10) {
  const watch = watchRoute(FROM, at(4_000, 0));
  return beside.flatMap(
    (meters, i) => followRoute(watch, at(2_000, meters), i && everySeconds, ROUTE_TERMS) ?? [],
  );
}

test('who is far off for a minute is told of once, and once when it is back', () => {
  const far = Array.from({ length: 30 }, () => 600);
  expect(told([0, ...far, 450, 399, 450, 0])).toEqual(['off_route', 'back_on_route']);
});

test('a short detour is nothing', () => {
  expect(told([0, 600, 700, 800, 700, 600, 510, 490, 600, 600, 0])).toEqual([]);
});

test('two rare fixes do not make a minute off the way', () => {
  expect(told([0, 600, 600], 300)).toEqual([]);
  expect(told([0, 600, 600, 600], 300)).toEqual(['off_route']);
});

test('who wanders at the border is told of once at most', () => {
  const jitter = fc.array(fc.double({ min: -49, max: 49, noNaN: true }), { maxLength: 200 });
  fc.assert(
    fc.property(jitter, fc.constantFrom(400, 450, 500, 550), (off, border) => {
      const events = told(off.map((meters) => border + meters));
      expect(events.length).toBeLessThanOrEqual(1);
    }),
  );
});

test('the nearest of a line is between its ends, or an end', () => {
  const to = at(1_000, 0);
  expect(metersFromLine(at(500, 300), FROM, to)).toBeCloseTo(300, 0);
  expect(metersFromLine(at(-400, 300), FROM, to)).toBeCloseTo(500, 0);
  expect(metersFromLine(at(1_300, -400), FROM, to)).toBeCloseTo(500, 0);
  expect(metersFromLine(at(30, 40), FROM, FROM)).toBeCloseTo(50, 1);
});

test('no place of a line is nearer than what is said to be the nearest', () => {
  const meters = fc.double({ min: -3_000, max: 3_000, noNaN: true });
  const places = fc.constantFrom(FROM, { lat: -17, lng: 179.99 }, { lat: 60, lng: -180 });
  fc.assert(
    fc.property(places, meters, meters, fc.tuple(meters, meters), (base, x, y, [u, v]) => {
      const place = at(u, v, base);
      const nearest = metersFromLine(place, base, at(x, y, base));
      let tried = Infinity;
      for (let i = 0; i <= 100; i++) {
        tried = Math.min(tried, Math.hypot((x * i) / 100 - u, (y * i) / 100 - v));
      }
      // A hundredth of the way from one place that is tried to the next, and the planes' own error.
      const slack = Math.hypot(x, y) / 100 + tried / 100 + 1;
      expect(Math.abs(nearest - tried)).toBeLessThan(slack);
    }),
  );
});
