import { expect, test } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { followStop, RESTAURANT_TERMS, watchStop, type StopWatch } from './geofence.ts';
import { followRoute, ROUTE_TERMS, watchRoute, type RouteWatch } from './off-route.ts';
import type { Place } from './place.ts';
import {
  endRoute,
  newStopWay,
  readWay,
  startRoute,
  startWay,
  WAY_NUMBERS,
  writeWay,
} from './way-numbers.ts';

const STOP = { lat: 52.52, lng: 13.4 };

/** Comes to the stop and goes again, by ways that are straight and ways that are not. */
function ride(seed: number): () => Place {
  const random = seededRandom(seed);
  const at = { lat: 52.5, lng: 13.4 };
  const speed = { lat: 0.000_3, lng: 0 };
  return () => {
    if (random.next() < 0.05) speed.lng = (random.next() - 0.5) * 0.002;
    if (random.next() < 0.05) speed.lat = (STOP.lat - at.lat) / 10;
    if (random.next() < 0.1) speed.lng = (STOP.lng - at.lng) / 5;
    at.lat += speed.lat;
    at.lng += speed.lng;
    return { ...at };
  };
}

/** A way of plain objects, as rows must be. */
interface Alone {
  stop: StopWatch;
  route: RouteWatch | null;
}

function followAlone(alone: Alone, fix: Place): (string | null)[] {
  const stopEvent = followStop(alone.stop, fix, 3, RESTAURANT_TERMS);
  alone.route ??= watchRoute(fix, alone.stop.place);
  return [stopEvent, followRoute(alone.route, fix, 3, ROUTE_TERMS)];
}

test('ways that lie side by side go on as ways that nobody put away', () => {
  const numbers = new Float64Array(50 * WAY_NUMBERS);
  const way = newStopWay();
  const couriers = Array.from({ length: 50 }, (_, i) => {
    startWay(way, 'restaurant', STOP);
    writeWay(numbers, i * WAY_NUMBERS, way);
    const alone: Alone = { stop: watchStop('restaurant', STOP), route: null };
    return { at: i * WAY_NUMBERS, next: ride(i), alone };
  });
  const events = new Map<string | null, number>();
  for (let round = 0; round < 300; round++) {
    for (const { at, next, alone } of couriers) {
      const fix = next();
      readWay(numbers, at, way);
      const stopEvent = followStop(way.stop, fix, 3, RESTAURANT_TERMS);
      if (!way.hasRoute) startRoute(way, fix);
      const told = [stopEvent, followRoute(way.route, fix, 3, ROUTE_TERMS)];
      writeWay(numbers, at, way);
      expect(told).toEqual(followAlone(alone, fix));
      for (const event of told) events.set(event, (events.get(event) ?? 0) + 1);
    }
  }
  // All that can happen has happened.
  const happened = [...events.keys()].filter((event) => event !== null);
  expect(new Set(happened)).toEqual(
    new Set([
      'near_restaurant',
      'arrived_restaurant',
      'left_restaurant',
      'off_route',
      'back_on_route',
    ]),
  );
});

test('of a way that begins anew nothing is left, and who was off it is told to be back', () => {
  const way = newStopWay();
  startWay(way, 'restaurant', STOP);
  expect(endRoute(way)).toBeNull();
  startRoute(way, { lat: 52.5, lng: 13.4 });
  Object.assign(way.route, { isOff: true, farFixes: 9, farSeconds: 99 });
  Object.assign(way.stop, { state: 'arrived', insideFixes: 5, insideSeconds: 50 });
  expect([endRoute(way), endRoute(way)]).toEqual(['back_on_route', null]);
  const door = { lat: 52.6, lng: 13.5 };
  startWay(way, 'customer', door);
  startRoute(way, STOP);
  expect(way.stop).toEqual(watchStop('customer', way.place));
  expect(way.route).toEqual(watchRoute(way.from, way.place));
  expect([way.place, way.from]).toMatchObject([door, STOP]);
});
