import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CourierReader } from './courier-reader.ts';
import { CourierIndex } from './courier-index.ts';
import { near, positionAt } from './courier.test-kit.ts';
import { distanceMeters, type Place } from './place.ts';

test('the nearest are exactly those that looking at everybody finds', () => {
  const courier = fc.record({ place: near(0.2), available: fc.boolean() });
  const question = fc.record({
    place: near(0.1),
    k: fc.integer({ min: 1, max: 12 }),
    maxMeters: fc.double({ min: 0, max: 40_000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(courier, { maxLength: 120 }), question, (couriers, asked) => {
      const index = new CourierIndex();
      couriers.forEach(({ place, available }, i) => {
        index.move(`k${i}`, positionAt(place));
        index.setAvailable(`k${i}`, available);
      });
      const exclude = new Set(['k0', 'k3']);
      const expected = couriers
        .map(({ place, available }, i) => ({
          courierId: `k${i}`,
          available,
          meters: distanceMeters(asked.place, place),
        }))
        .filter((c) => c.available && c.meters <= asked.maxMeters && !exclude.has(c.courierId))
        .toSorted((a, b) => a.meters - b.meters || (a.courierId < b.courierId ? -1 : 1))
        .slice(0, asked.k)
        .map(({ courierId, meters }) => ({ courierId, meters }));
      expect(index.nearestAvailable(asked.place, asked.k, { ...asked, exclude })).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('whatever moves, leaves and comes back: the index equals a plain list', () => {
  const step = fc.record({
    courier: fc.integer({ min: 0, max: 15 }),
    place: near(0.05),
    kind: fc.constantFrom('move', 'move', 'move', 'remove', 'available', 'busy'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), near(0.05), (steps, asked) => {
      const index = new CourierIndex();
      const places = new Map<string, Place>();
      const available = new Set<string>();
      for (const { courier, place, kind } of steps) {
        const id = `k${courier}`;
        if (kind === 'move') index.move(id, positionAt(place));
        if (kind === 'move') places.set(id, place);
        if (kind === 'remove') index.remove(id);
        if (kind === 'remove') [places, available].forEach((known) => known.delete(id));
        if (kind === 'available') index.setAvailable(id, true);
        if (kind === 'available') available.add(id);
        if (kind === 'busy') index.setAvailable(id, false);
        if (kind === 'busy') available.delete(id);
      }
      const expected = [...places]
        .filter(([id]) => available.has(id))
        .map(([courierId, place]) => ({ courierId, meters: distanceMeters(asked, place) }))
        .toSorted((a, b) => a.meters - b.meters || (a.courierId < b.courierId ? -1 : 1));
      expect(index.nearestAvailable(asked, 100, { maxMeters: Infinity })).toEqual(expected);
      expect(index.size).toBe(places.size);
      expect(index.availableCount).toBe(expected.length);
      for (const [id, place] of places) expect(index.positionOf(id)).toMatchObject(place);
    }),
  );
});

test('a courier who is available before the first fix is found with it', () => {
  const index = new CourierIndex();
  index.setAvailable('k1', true);
  expect(index.has('k1')).toBe(false);
  const place = { lat: 52.5, lng: 13.4 };
  expect(index.nearestAvailable(place, 1, { maxMeters: 1_000 })).toEqual([]);
  index.move('k1', positionAt(place));
  expect(index.nearestAvailable(place, 1, { maxMeters: 1_000 })).toHaveLength(1);
});

test('thousands of couriers keep their places while the index grows', () => {
  const index = new CourierIndex();
  const place = (i: number): Place => ({ lat: 52 + i / 10_000, lng: 13 });
  for (let i = 0; i < 3_000; i++) index.move(`k${i}`, positionAt(place(i), i));
  for (let i = 0; i < 3_000; i++) {
    expect(index.positionOf(`k${i}`)).toEqual(positionAt(place(i), i));
  }
});

test('a place off the globe is a mistake of the caller', () => {
  const index = new CourierIndex();
  expect(() => index.move('k1', positionAt({ lat: 91, lng: 0 }))).toThrow('on the globe');
  expect(index.size).toBe(0);
});

test('an index takes as many couriers as it was made for, and room is made by who leaves', () => {
  const index = new CourierIndex(300);
  const place = { lat: 52, lng: 13 };
  for (let i = 0; i < 300; i++) index.move(`k${i}`, positionAt(place));
  expect(() => index.move('one more', positionAt(place))).toThrow('no more couriers');
  expect(index.has('one more')).toBe(false);
  index.remove('k7');
  index.move('one more', positionAt(place));
  expect([index.size, index.has('k7'), index.has('one more')]).toEqual([300, false, true]);
});

test('the slot of a courier who left is not moved, and the next one there starts unavailable', () => {
  const index = new CourierIndex();
  const slot = index.slotOf('k1');
  index.moveSlot(slot, positionAt({ lat: 52, lng: 13 }));
  index.setAvailable('k1', true);
  index.remove('k1');
  expect(() => index.moveSlot(slot, positionAt({ lat: 52, lng: 13 }))).toThrow('courier');
  expect(index.slotOf('k2')).toBe(slot);
  expect([index.has('k2'), index.isAvailable('k2'), index.size]).toEqual([false, false, 0]);
});

test('a search from nowhere is a mistake of the caller', () => {
  const nowhere = { lat: Number.NaN, lng: 0 };
  expect(() => new CourierIndex().nearestAvailable(nowhere, 1, { maxMeters: 1 })).toThrow('globe');
});

test('couriers without a fix for a time are forgotten, and may come back', () => {
  const index = new CourierIndex();
  const place = { lat: 52, lng: 13 };
  for (let i = 0; i < 10; i++) index.move(`k${i}`, positionAt(place, i));
  index.setAvailable('without a fix', true);
  expect(index.expire(7)).toBe(7);
  expect([index.size, index.has('k6'), index.has('k7')]).toEqual([3, false, true]);
  expect(index.isAvailable('without a fix')).toBe(true);
  index.move('k6', positionAt(place, 20));
  expect([index.has('k6'), index.isAvailable('k6')]).toEqual([true, false]);
});

test('a slot that another thread has found is its courier’s only as long as it is', () => {
  const index = new CourierIndex();
  index.move('k1', positionAt({ lat: 52, lng: 13 }, 1));
  const reader = new CourierReader(index.memory);
  const [found] = reader.nearest({ lat: 52, lng: 13 }, 1, { maxMeters: 10 });
  if (found === undefined) throw new Error('nobody is near');
  expect(index.courierAt(found.slot, found.generation)).toBe('k1');
  index.remove('k1');
  expect(index.courierAt(found.slot, found.generation)).toBeNull();
  index.move('k2', positionAt({ lat: 52, lng: 13 }, 2));
  expect(index.slotOf('k2')).toBe(found.slot);
  expect(index.courierAt(found.slot, found.generation)).toBeNull();
});

test('ids of any kind keep their slots while others come and go', () => {
  const id = fc.oneof(fc.string({ maxLength: 3 }), fc.uuid(), fc.constantFrom('a', 'b', ''));
  const step = fc.record({ id, leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const index = new CourierIndex();
      const slots = new Map<string, number>();
      for (const { id, leaves } of steps) {
        if (leaves) index.remove(id);
        if (leaves) slots.delete(id);
        else slots.set(id, index.slotOf(id));
      }
      expect(new Set(slots.values()).size).toBe(slots.size);
      for (const [id, slot] of slots) expect(index.slotOf(id)).toBe(slot);
    }),
  );
});
