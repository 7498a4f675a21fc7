import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TravelModel } from '../../geo/index.ts';
import { plan } from './plan.ts';
import { assertDecisions, NOBODY, type PlanSnapshot } from './snapshot.ts';

interface City {
  readonly pickups: readonly (readonly [number, number])[];
  readonly couriers: readonly (readonly [number, number])[];
  /** Per order, numbers of couriers. */
  readonly candidates: readonly (readonly number[])[];
}

function snapshotOf({ pickups, couriers, candidates }: City): PlanSnapshot {
  const starts = [0];
  for (const own of candidates) starts.push((starts.at(-1) ?? 0) + own.length);
  return {
    pickups: Float64Array.from(pickups.flat()),
    couriers: Float64Array.from(couriers.flat()),
    candidateStarts: Uint32Array.from(starts),
    candidates: Uint32Array.from(candidates.flat()),
    courierSpeedMps: 5,
    detourFactor: 1.3,
  };
}

const place = fc.tuple(
  fc.double({ min: 52.4, max: 52.6, noNaN: true }),
  fc.double({ min: 13.2, max: 13.6, noNaN: true }),
);

const city: fc.Arbitrary<City> = fc
  .tuple(fc.array(place, { maxLength: 8 }), fc.array(place, { maxLength: 8 }))
  .chain(([pickups, couriers]) => {
    const numbers = couriers.map((_, i) => i);
    const own = fc.subarray(numbers);
    return fc.record({
      pickups: fc.constant(pickups),
      couriers: fc.constant(couriers),
      candidates: fc.tuple(...pickups.map(() => own)),
    });
  });

test('each order, oldest first, gets the nearest candidate that is still free', () => {
  fc.assert(
    fc.property(city, (drawn) => {
      const snapshot = snapshotOf(drawn);
      const travel = new TravelModel(snapshot);
      const free = new Set(drawn.couriers.keys());
      const expected = drawn.pickups.map(([lat, lng], order) => {
        const own = (drawn.candidates[order] ?? []).filter((courier) => free.has(courier));
        const seconds = (courier: number): number => {
          const [fromLat, fromLng] = drawn.couriers[courier] ?? [0, 0];
          return travel.travelSeconds({ lat: fromLat, lng: fromLng }, { lat, lng });
        };
        const best = own.toSorted((a, b) => seconds(a) - seconds(b) || a - b)[0] ?? NOBODY;
        free.delete(best);
        return best;
      });
      expect([...plan(snapshot)]).toEqual(expected);
    }),
  );
});

test('a courier that two orders want goes to the older, and the younger gets the next', () => {
  const snapshot = snapshotOf({
    pickups: [
      [52.5, 13.4],
      [52.5, 13.4],
    ],
    couriers: [
      [52.51, 13.4],
      [52.53, 13.4],
    ],
    candidates: [
      [0, 1],
      [0, 1],
    ],
  });
  expect([...plan(snapshot)]).toEqual([0, 1]);
});

test('an order without candidates waits', () => {
  const snapshot = snapshotOf({ pickups: [[52.5, 13.4]], couriers: [], candidates: [[]] });
  expect([...plan(snapshot)]).toEqual([NOBODY]);
});

test('a snapshot that contradicts itself is refused', () => {
  const sound = snapshotOf({ pickups: [[52, 13]], couriers: [[52, 13]], candidates: [[0]] });
  expect(() => plan({ ...sound, candidates: Uint32Array.of(1) })).toThrow('candidates exist');
  expect(() => plan({ ...sound, candidateStarts: Uint32Array.of(0, 2) })).toThrow('starts cover');
});

test('the check of plans finds a courier who is asked twice, or who was no candidate', () => {
  const snapshot = snapshotOf({
    pickups: [
      [52, 13],
      [52, 13],
    ],
    couriers: [
      [52, 13],
      [52, 13],
    ],
    candidates: [[0], [0]],
  });
  expect(() => assertDecisions(snapshot, Int32Array.of(0, 0))).toThrow('asked once');
  expect(() => assertDecisions(snapshot, Int32Array.of(1, NOBODY))).toThrow('only candidates');
});
