import { expect, test } from 'vitest';
import type { CourierOnMap, CouriersMoved } from '../../protocol/index.ts';
import { CouriersInArea } from './couriers-in-area.ts';

function courier(courierId: string, atMs: number): CourierOnMap {
  return { courierId, atMs, lat: 52, lng: 13, speedMps: 4, headingDegrees: 90, available: true };
}

function moved(cell: string, facts: Partial<CouriersMoved>): CouriersMoved {
  return { type: 'couriers_moved', cell, full: false, couriers: [], left: [], ...facts };
}

test('a courier that crosses from cell to cell is there once, whichever tells first', () => {
  const area = new CouriersInArea();
  area.apply(moved('a', { full: true, couriers: [courier('k1', 1)] }));
  area.apply(moved('b', { full: true }));
  area.apply(moved('b', { couriers: [courier('k1', 2)] }));
  expect([...area.all()]).toEqual([['k1', courier('k1', 2)]]);
  area.apply(moved('a', { left: ['k1'] }));
  expect([...area.all().keys()]).toEqual(['k1']);
  area.apply(moved('b', { left: ['k1'] }));
  area.apply(moved('a', { couriers: [courier('k1', 3)] }));
  expect([...area.all().keys()]).toEqual(['k1']);
});

test('everybody in a cell takes the place of what was known of it', () => {
  const area = new CouriersInArea();
  area.apply(moved('a', { full: true, couriers: [courier('k1', 1), courier('k2', 1)] }));
  area.apply(moved('b', { full: true, couriers: [courier('k3', 1)] }));
  area.apply(moved('a', { full: true, couriers: [courier('k2', 2)] }));
  expect([...area.all().keys()].toSorted()).toEqual(['k2', 'k3']);
  area.clear();
  expect(area.all().size).toBe(0);
});
