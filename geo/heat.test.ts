import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellAt, parentOf } from './cells.ts';
import { CourierIndex } from './courier-index.ts';
import { near, positionAt } from './courier.test-kit.ts';
import { heatByCell } from './heat.ts';

const scene = fc.record({
  couriers: fc.array(fc.record({ place: near(0.05), available: fc.boolean() }), { maxLength: 30 }),
  demand: fc.array(
    near(0.05).chain((place) =>
      fc.integer({ min: 1, max: 9 }).map((orders) => ({ ...place, orders })),
    ),
    { maxLength: 10 },
  ),
  resolution: fc.integer({ min: 5, max: 8 }),
});

test('everybody and every order counts in the cell over its own, the most wanted cells first', () => {
  fc.assert(
    fc.property(scene, ({ couriers, demand, resolution }) => {
      const index = new CourierIndex();
      couriers.forEach(({ place, available }, i) => {
        index.move(`k${i}`, positionAt(place));
        index.setAvailable(`k${i}`, available);
      });
      const terms = { resolution, sinceMs: 0, cellsMax: 1_000 };
      const { cells, isWhole } = heatByCell(index, demand, terms);
      expect(isWhole).toBe(true);
      expect(cells.map(({ waiting }) => waiting)).toEqual(
        cells.map(({ waiting }) => waiting).toSorted((a, b) => b - a),
      );
      for (const { cell, available, busy, waiting } of cells) {
        const isHere = (place: { lat: number; lng: number }): boolean =>
          (resolution === 8 ? cellAt(place) : parentOf(cellAt(place), resolution)) === cell;
        const here = couriers.filter(({ place }) => isHere(place));
        expect(available).toBe(here.filter((courier) => courier.available).length);
        expect(busy).toBe(here.length - available);
        expect(waiting).toBe(demand.filter(isHere).reduce((sum, { orders }) => sum + orders, 0));
      }
      const counted = cells.reduce((sum, { available, busy }) => sum + available + busy, 0);
      expect(counted).toBe(couriers.length);
    }),
  );
});

test('of more cells than asked for the most wanted are told, and that there are more', () => {
  const index = new CourierIndex();
  index.move('gone', { ...positionAt({ lat: 52, lng: 13 }), atMs: 4 });
  const demand = [1, 3, 2].map((orders, i) => ({ lat: 52 + i, lng: 13, orders }));
  const told = heatByCell(index, demand, { resolution: 8, sinceMs: 5, cellsMax: 2 });
  expect(told.isWhole).toBe(false);
  expect(told.cells.map(({ waiting }) => waiting)).toEqual([3, 2]);
  const all = heatByCell(index, demand, { resolution: 8, sinceMs: 5, cellsMax: 3 });
  expect(all.isWhole).toBe(true);
  expect(all.cells.every(({ busy }) => busy === 0)).toBe(true);
});
