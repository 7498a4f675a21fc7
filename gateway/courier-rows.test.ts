import { expect, test } from 'vitest';
import { followFix, newCourierTrack, smooth, type CourierTrack } from '../geo/index.ts';
import { seededRandom } from '../runtime/index.ts';
import { CourierRows } from './courier-rows.ts';

const TERMS = { nowMs: 1_000_000_000, timeScale: 1, ageMsMax: 1e9 };

/** A courier that rides, jumps now and then, and stands. */
function ride(seed: number) {
  const random = seededRandom(seed);
  const at = { lat: 52 + random.next(), lng: 13 + random.next(), atMs: 1_000 + seed };
  return () => {
    at.lat += random.next() < 0.1 ? 0.05 : random.next() < 0.4 ? 0 : 0.000_2;
    at.atMs += 1_000;
    return { ...at, speedMps: 5, headingDegrees: 0, accuracyMeters: 8 };
  };
}

/** Takes a fix, and says where the courier is shown then. */
function follow({ fixes, filter }: CourierTrack, fix: ReturnType<ReturnType<typeof ride>>) {
  const shown = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  if (followFix(fixes, fix, TERMS) === null) smooth(filter, fix, TERMS.timeScale, shown);
  return shown;
}

test('a track in a row goes on as one that nobody put away', () => {
  const rows = new CourierRows();
  const couriers = Array.from({ length: 200 }, (_, i) => ({
    next: ride(i),
    alone: newCourierTrack(),
    row: rows.add(null),
  }));
  for (let round = 0; round < 40; round++) {
    for (const { next, alone, row } of couriers) {
      const fix = next();
      expect(follow(rows.read(row).track, fix)).toEqual(follow(alone, fix));
      rows.write(row);
    }
  }
  for (const { alone, row } of couriers) expect(rows.read(row).track).toEqual(alone);
});

test('a row that is given back begins anew with what is known of its next courier', () => {
  const rows = new CourierRows();
  const next = ride(1);
  const row = rows.add(null);
  for (let i = 0; i < 5; i++) follow(rows.read(row).track, next());
  rows.write(row);
  rows.setWorksUntilMs(row, 7);
  rows.setCarrying(row, true);
  expect(rows.read(row).track).not.toEqual(newCourierTrack());
  expect(rows.read(row)).toMatchObject({ worksUntilMs: 7, isCarrying: true });
  rows.remove(row);
  const known = { lat: 1, lng: 2, atMs: 3 };
  expect(rows.add(known)).toBe(row);
  expect(rows.read(row).track).toEqual(newCourierTrack(known));
  expect(rows.read(row)).toMatchObject({ worksUntilMs: Number.NaN, isCarrying: false });
});

test('what is changed counts when it is written', () => {
  const rows = new CourierRows();
  const [row, other] = [rows.add(null), rows.add(null)];
  follow(rows.read(row).track, ride(1)());
  rows.read(other);
  expect(rows.read(row).track).toEqual(newCourierTrack());
});
