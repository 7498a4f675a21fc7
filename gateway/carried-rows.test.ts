import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startWay } from '../geo/index.ts';
import { newPositionFrame, writePosition, type Position } from '../protocol/index.ts';
import { newId } from '../runtime/index.ts';
import { CarriedRows } from './carried-rows.ts';

const position = fc.record<Position>({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  atMs: fc.integer({ min: 0, max: 2 ** 45 }),
  speedMps: fc.double({ min: 0, max: 100, noNaN: true }),
  headingDegrees: fc.double({ min: 0, max: 360, noNaN: true }),
});
const courierId = fc.stringMatching(/^[a-z0-9-]{1,64}$/);
const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), courierId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      which: fc.nat(),
      position,
      eta: fc.integer({ min: -5, max: 9_000 }),
    }),
  },
);

/** An order on its own, as rows side by side must be. */
interface Alone {
  readonly row: number;
  readonly frame: Uint8Array<ArrayBuffer>;
  dropoffAtMs: number;
}

test('each order has its own frame and its own numbers, however many come and go', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 100, maxLength: 400 }), (acts) => {
      const rows = new CarriedRows();
      const orders: Alone[] = [];
      for (const [i, done] of acts.entries()) {
        if (done.kind === 'add') {
          const orderId = newId<string>();
          const row = rows.add(orderId, done.courierId);
          orders.push({ row, frame: newPositionFrame(orderId, done.courierId), dropoffAtMs: 0 });
          continue;
        }
        const order = orders[done.which % Math.max(1, orders.length)];
        if (order === undefined) continue;
        if (done.kind === 'remove') {
          orders.splice(orders.indexOf(order), 1);
          rows.remove(order.row);
          continue;
        }
        rows.moveTo(order.row, done.position, done.eta);
        writePosition(new DataView(order.frame.buffer), done.position, done.eta);
        startWay(rows.way(order.row), 'customer', done.position);
        rows.writeWay(order.row);
        order.dropoffAtMs = i;
        rows.setDropoffAtMs(order.row, i);
      }
      expect(orders.map(({ row }) => [...rows.frame(row)])).toEqual(
        orders.map(({ frame }) => [...frame]),
      );
      for (const { row, frame } of orders.filter(({ dropoffAtMs }) => dropoffAtMs > 0)) {
        // The frame has ten millionths of a degree, the way all of them.
        const { lat } = rows.way(row).place;
        const told = new DataView(frame.buffer).getInt32(2, true);
        expect(Math.abs(Math.round(lat * 1e7) - told)).toBe(0);
      }
      expect(orders.map(({ row }) => rows.dropoffAtMs(row))).toEqual(
        orders.map(({ dropoffAtMs }) => dropoffAtMs),
      );
    }),
    { numRuns: 50 },
  );
});

test('a row that is given back begins anew', () => {
  const rows = new CarriedRows();
  const row = rows.add(newId<string>(), 'bike-1');
  rows.setDropoffAtMs(row, 1);
  rows.setWaitsSinceMs(row, 2);
  rows.setToldOfMs(row, 3);
  rows.remove(row);
  expect(rows.add(newId<string>(), 'bike-2')).toBe(row);
  expect(rows.dropoffAtMs(row)).toBe(0);
  expect(rows.waitsSinceMs(row)).toBeLessThan(0);
  expect(rows.toldOfMs(row)).toBe(Number.NEGATIVE_INFINITY);
});

test('what is no id gets no row', () => {
  const rows = new CarriedRows();
  expect(() => rows.add('no uuid', 'bike-1')).toThrow(RangeError);
  expect(() => rows.add(newId<string>(), 'x'.repeat(65))).toThrow(RangeError);
  expect(rows.add(newId<string>(), 'x'.repeat(64))).toBe(0);
});
