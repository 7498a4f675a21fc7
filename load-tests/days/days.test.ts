import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extentOf, generateDay, Plane, readDay, writeDay } from './index.ts';

const RECIPE = { seed: 7, orders: 120, restaurants: 10, couriers: 15, sizeMeters: 8_000 };

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet days '));
});
afterAll(() => rm(directory, { recursive: true }));

test('a day that is written and read is the same day', async () => {
  const day = generateDay(RECIPE);
  await writeDay(join(directory, 'same'), day);
  expect(await readDay(join(directory, 'same'))).toEqual(day);
});

test('the same seed gives the same day, another seed another', () => {
  expect(generateDay(RECIPE)).toEqual(generateDay(RECIPE));
  expect(generateDay({ ...RECIPE, seed: 8 })).not.toEqual(generateDay(RECIPE));
});

test('in every day somebody works when somebody orders, inside the city', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 5, max: 40 }), (seed, couriers) => {
      const day = generateDay({ ...RECIPE, seed, couriers });
      for (const { placedAtMinute, readyAtMinute } of day.orders) {
        const atWork = day.couriers.some(
          (c) => c.onAtMinute <= placedAtMinute && placedAtMinute <= c.offAtMinute,
        );
        expect(atWork).toBe(true);
        expect(readyAtMinute).toBeGreaterThan(placedAtMinute);
      }
      const { west, east, south, north } = extentOf(day);
      expect(Math.min(west, south)).toBeGreaterThanOrEqual(0);
      expect(Math.max(east, north)).toBeLessThanOrEqual(RECIPE.sizeMeters);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['orders.txt', 'order x\no1 1 2 3 r1', 'orders.txt, line 2: expected 6 fields, found 5'],
  ['orders.txt', 'h\no1 1 2 x r1 9', 'orders.txt, line 2: expected a number, found x'],
  ['orders.txt', 'h\n\no1 1 2 3 r99 9', 'orders.txt, line 3: expected a known restaurant'],
  ['orders.txt', 'h\no1 1 2 30 r1 9', 'orders.txt, line 2: expected food that is ready after'],
  ['instance_parameters.txt', 'header only', 'instance_parameters.txt: has no values'],
])('%s that is wrong is named with its line', async (file, text, message) => {
  const broken = join(directory, 'broken');
  await writeDay(broken, generateDay(RECIPE));
  await writeFile(join(broken, file), text);
  await expect(readDay(broken)).rejects.toThrow(message);
});

test('a day that is not there is named', async () => {
  await expect(readDay(join(directory, 'nowhere'))).rejects.toThrow(/nowhere.*cannot be read/);
});

test('the header of orders is the benchmark’s', async () => {
  await writeDay(join(directory, 'header'), generateDay(RECIPE));
  const text = await readFile(join(directory, 'header', 'orders.txt'), 'utf8');
  expect(text.split('\n')[0]).toBe('order\tx\ty\tplacement_time\trestaurant\tready_time');
});

/** Haversine; the engine's own distance is not for load tests to import. */
function meters(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const radians = Math.PI / 180;
  const lat = Math.sin(((b.lat - a.lat) * radians) / 2) ** 2;
  const lng = Math.sin(((b.lng - a.lng) * radians) / 2) ** 2;
  const chord = lat + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * lng;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(chord));
}

test('distances on the globe are those on the plane, within a fifth of a percent', () => {
  const point = fc.record({ x: fc.nat(15_000), y: fc.nat(15_000) });
  const latitude = fc.double({ min: -50, max: 50, noNaN: true });
  fc.assert(
    fc.property(point, point, latitude, (a, b, lat) => {
      const plane = new Plane({ lat, lng: 13 }, { x: 7_500, y: 7_500 });
      const flat = Math.hypot(a.x - b.x, a.y - b.y);
      const round = meters(plane.placeOf(a), plane.placeOf(b));
      expect(Math.abs(round - flat)).toBeLessThanOrEqual(0.002 * flat + 1e-3);
    }),
  );
});
