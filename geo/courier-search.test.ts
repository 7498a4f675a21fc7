import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellAt } from './cells.ts';
import { CourierIndex } from './courier-index.ts';
import { CourierReader } from './courier-reader.ts';
import { anywhere, near, positionAt } from './courier.test-kit.ts';
import type { CourierTerms } from './courier-filter.ts';
import { VEHICLES, type Vehicle } from './courier-status.ts';
import { distanceMeters, type Place } from './place.ts';
import { Zone } from './zone.ts';

interface Known {
  readonly courierId: string;
  readonly place: Place;
  readonly available: boolean;
  readonly room: number;
  readonly vehicle: Vehicle | undefined;
}

const zone = new Zone([
  {
    outer: [
      { lat: 52.4, lng: 13.2 },
      { lat: 52.4, lng: 13.5 },
      { lat: 52.6, lng: 13.4 },
    ],
    holes: [],
  },
]);

const fleet = fc
  .array(
    fc.record({
      place: fc.oneof({ weight: 4, arbitrary: near(0.2) }, { weight: 1, arbitrary: anywhere }),
      available: fc.boolean(),
      room: fc.integer({ min: 0, max: 4 }),
      vehicle: fc.constantFrom(undefined, ...VEHICLES),
    }),
    { maxLength: 150 },
  )
  .map((all) => all.map((courier, i) => ({ courierId: `k${i}`, ...courier })));

const terms: fc.Arbitrary<CourierTerms> = fc.record(
  {
    availableOnly: fc.boolean(),
    roomMin: fc.integer({ min: 0, max: 3 }),
    vehicles: fc.uniqueArray(fc.constantFrom(...VEHICLES)),
    zone: fc.constant(zone),
  },
  { requiredKeys: [] },
);

const question = fc.record({
  place: fc.oneof(near(0.1), anywhere),
  k: fc.integer({ min: 1, max: 12 }),
  maxMeters: fc.oneof(
    fc.double({ min: 0, max: 40_000, noNaN: true }),
    fc.double({ min: 0, max: 2.1e7, noNaN: true }),
    fc.constantFrom(0, Infinity),
  ),
  terms,
});

function indexOf(couriers: readonly Known[]): CourierIndex {
  const index = new CourierIndex();
  for (const { courierId, place, available, room, vehicle } of couriers) {
    index.setStatus(courierId, { available, room, ...(vehicle === undefined ? {} : { vehicle }) });
    index.move(courierId, positionAt(place));
  }
  return index;
}

function meets(courier: Known, { availableOnly, roomMin, vehicles, zone }: CourierTerms): boolean {
  if (availableOnly === true && !courier.available) return false;
  if (roomMin !== undefined && courier.room < roomMin) return false;
  if (vehicles !== undefined && !vehicles.some((one) => one === courier.vehicle)) return false;
  return zone === undefined || zone.contains(courier.place);
}

test('whatever is asked, the nearest and all within are those that looking at everybody finds', () => {
  fc.assert(
    fc.property(fleet, question, (couriers, { place, k, maxMeters, terms }) => {
      const index = indexOf(couriers);
      const expected = couriers
        .filter((courier) => courier.courierId !== 'k1' && meets(courier, terms))
        .map((courier) => ({ ...courier, meters: distanceMeters(place, courier.place) }))
        .filter(({ meters }) => meters <= maxMeters)
        .toSorted((a, b) => a.meters - b.meters || (a.courierId < b.courierId ? -1 : 1))
        .map(({ courierId, meters }) => ({ courierId, meters }));
      const options = { ...terms, maxMeters, exclude: new Set(['k1', 'nobody']) };
      expect(index.nearest(place, k, options)).toEqual(expected.slice(0, k));
      expect(index.within(place, options)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('a viewport shows who is in it, also across the antimeridian and around the poles', () => {
  const corners = fc.tuple(fc.oneof(near(0.3), anywhere), fc.oneof(near(0.3), anywhere));
  fc.assert(
    fc.property(fleet, corners, terms, (couriers, [a, b], terms) => {
      const [south, north] = [Math.min(a.lat, b.lat), Math.max(a.lat, b.lat)];
      const viewport = { south, north, west: a.lng, east: b.lng };
      const isIn = ({ lat, lng }: Place): boolean => {
        const isWide = a.lng <= b.lng ? lng >= a.lng && lng <= b.lng : lng >= a.lng || lng <= b.lng;
        return lat >= south && lat <= north && isWide;
      };
      const expected = couriers.filter((one) => isIn(one.place) && meets(one, terms));
      const shown = indexOf(couriers).inViewport(viewport, terms);
      expect(new Set(shown)).toEqual(new Set(expected.map(({ courierId }) => courierId)));
      expect(shown).toHaveLength(expected.length);
    }),
    { numRuns: 1_000 },
  );
});

test('a reader of the same memory finds the same couriers, by slot and generation', () => {
  fc.assert(
    fc.property(fleet, question, (couriers, { place, k, maxMeters, terms }) => {
      const index = indexOf(couriers);
      index.remove('k0');
      if (couriers.length > 0) index.move('another', positionAt(place));
      const reader = new CourierReader(index.memory);
      const options = { ...terms, maxMeters };
      const slots = index.within(place, options).map(({ courierId, meters }) => {
        const slot = index.slotOf(courierId);
        return { slot, generation: courierId === 'another' ? 1 : 0, meters };
      });
      const expected = slots.toSorted((a, b) => a.meters - b.meters || a.slot - b.slot);
      expect(reader.within(place, options)).toEqual(expected);
      expect(reader.nearest(place, k, options)).toEqual(expected.slice(0, k));
      const everywhere = { south: -90, west: -180, north: 90, east: 180 };
      expect(reader.inViewport(everywhere).length).toBe(index.size);
      for (const { slot, generation } of expected) expect(reader.generation(slot)).toBe(generation);
    }),
  );
});

test('the cell of a courier is right at any moment, and cells count who is in them', () => {
  const steps = fc.array(fc.record({ courier: fc.integer({ min: 0, max: 5 }), place: near(0.02) }));
  fc.assert(
    fc.property(steps, (moves) => {
      const index = new CourierIndex();
      const places = new Map<string, Place>();
      for (const { courier, place } of moves) {
        const courierId = `k${courier}`;
        index.move(courierId, positionAt(place));
        index.setAvailable(courierId, courier % 2 === 0);
        places.set(courierId, place);
        expect(index.cellOf(courierId)).toBe(cellAt(place));
      }
      const supply = index.supplyByCell();
      const inCells = [...places.values()].map((place) => cellAt(place));
      expect(new Set(supply.keys())).toEqual(new Set(inCells));
      for (const [cell, { available, busy }] of supply) {
        expect(available + busy).toBe(inCells.filter((other) => other === cell).length);
      }
      const available = [...supply.values()].reduce((sum, cell) => sum + cell.available, 0);
      expect(available).toBe(index.availableCount);
    }),
  );
  expect(new CourierIndex().cellOf('nobody')).toBe(null);
});
