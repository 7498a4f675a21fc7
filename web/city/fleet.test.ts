import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CouriersInArea } from '../../clients/ts/index.ts';
import type { CouriersMoved } from '../../protocol/index.ts';
import { Fleet, FLOATS_PER_COURIER, mercator, shownAt } from './fleet.ts';

const MIDDLE = { lat: 52.52, lng: 13.4 };

function moved(
  cell: string,
  couriers: Readonly<Record<string, number>>,
  facts: Partial<CouriersMoved> = {},
): CouriersMoved {
  const still = { lng: 13.4, headingDegrees: 0, speedMps: 0, atMs: 1, available: true };
  return {
    type: 'couriers_moved',
    cell,
    full: false,
    couriers: Object.entries(couriers).map(([courierId, lat]) => ({ courierId, lat, ...still })),
    left: [],
    ...facts,
  };
}

test('a message changes those whom it names, and the array says where', () => {
  const fleet = new Fleet(MIDDLE);
  fleet.apply(moved('a', { k1: 52.52, k2: 52.53 }), 1);
  expect(fleet.takeDirty()).toEqual([0, 2 * FLOATS_PER_COURIER]);
  fleet.apply(moved('a', { k2: 52.531 }), 2);
  expect(fleet.takeDirty()).toEqual([FLOATS_PER_COURIER, 2 * FLOATS_PER_COURIER]);
  expect(fleet.takeDirty()).toBeNull();
  expect(fleet.courier('k2')).toEqual({ courierId: 'k2', lat: 52.531, lng: 13.4, available: true });
});

test('who moves glides from where it is shown, who comes or jumps is there at once', () => {
  const fleet = new Fleet(MIDDLE);
  const y = (lat: number) => mercator({ lat, lng: 13.4 })[1] - mercator(MIDDLE)[1];
  fleet.apply(moved('a', { k1: 52.52 }), 1);
  fleet.apply(moved('a', { k1: 52.521 }), 2);
  expect(shownAt(fleet.data, 0, 2)[1]).toBeCloseTo(0, 9);
  expect(shownAt(fleet.data, 0, 2.5)[1]).toBeCloseTo(y(52.5205), 8);
  expect(shownAt(fleet.data, 0, 9)[1]).toBeCloseTo(y(52.521), 8);
  expect(fleet.movesUntil).toBe(3);
  fleet.apply(moved('a', { k1: 53.5 }), 4);
  expect(shownAt(fleet.data, 0, 4)[1]).toBeCloseTo(y(53.5), 6);
  const calm = new Fleet(MIDDLE);
  calm.apply(moved('a', { k1: 52.52 }), 1, false);
  calm.apply(moved('a', { k1: 52.521 }), 2, false);
  expect(shownAt(calm.data, 0, 2)[1]).toBeCloseTo(y(52.521), 8);
});

test('whoever has gone leaves a place for the next', () => {
  const fleet = new Fleet(MIDDLE);
  fleet.apply(moved('a', { k1: 52.52, k2: 52.53 }), 1);
  fleet.apply(moved('a', {}, { left: ['k1'] }), 2);
  expect([fleet.size, fleet.data[6]]).toEqual([1, 0]);
  fleet.apply(moved('a', { k3: 52.54 }), 3);
  expect([fleet.size, fleet.used]).toEqual([2, 2]);
});

test('the array grows with the city', () => {
  const fleet = new Fleet(MIDDLE);
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, 52.52]));
  fleet.apply(moved('a', many), 1);
  expect(fleet.size).toBe(3_000);
  expect(fleet.data.length).toBeGreaterThanOrEqual(3_000 * FLOATS_PER_COURIER);
});

test('the nearest who fit, nearest first', () => {
  const fleet = new Fleet(MIDDLE);
  fleet.apply(moved('a', { far: 52.6, near: 52.521, busy: 52.5201 }), 1);
  const found = fleet.nearest(MIDDLE, 2, ({ courierId }) => courierId !== 'busy');
  expect(found.map(({ courierId }) => courierId)).toEqual(['near', 'far']);
});

test('whatever is told, they are those whom the SDK knows too', () => {
  const ids = fc.constantFrom('k1', 'k2', 'k3', 'k4');
  const cells = fc.constantFrom('a', 'b', 'c');
  const told = fc.record({
    cell: cells,
    full: fc.boolean(),
    here: fc.uniqueArray(ids),
    left: fc.uniqueArray(ids),
  });
  fc.assert(
    fc.property(fc.array(told, { maxLength: 30 }), (messages) => {
      const fleet = new Fleet(MIDDLE);
      const known = new CouriersInArea();
      const where = new Map<string, string>();
      let atMs = 0;
      for (const { cell, full, here, left } of messages) {
        atMs += 1;
        // As the engine tells it: a courier leaves the cell where it was, after it came to the next.
        const gone = left.filter((id) => where.get(id) === cell && !here.includes(id));
        const stays = full ? [...where].filter(([, at]) => at === cell).map(([id]) => id) : [];
        for (const id of [...gone, ...stays]) where.delete(id);
        const before = here.map((id) => [id, where.get(id)] as const);
        for (const id of here) where.set(id, cell);
        const couriers = Object.fromEntries(here.map((id) => [id, 52 + atMs / 1000]));
        const message = moved(cell, couriers, { full, left: gone });
        const timed = { ...message, couriers: message.couriers.map((one) => ({ ...one, atMs })) };
        const others = before
          .filter(([, at]) => at !== undefined && at !== cell)
          .map(([id, at]) => moved(String(at), {}, { left: [id] }));
        for (const one of [timed, ...others]) {
          fleet.apply(one, atMs);
          known.apply(one);
        }
      }
      const ofSdk = [...known.all().values()].map(({ courierId, lat }) => `${courierId} ${lat}`);
      const ofFleet = fleet.all().map(({ courierId, lat }) => `${courierId} ${lat}`);
      expect(new Set(ofFleet)).toEqual(new Set(ofSdk));
      expect(ofFleet).toHaveLength(ofSdk.length);
    }),
  );
});
