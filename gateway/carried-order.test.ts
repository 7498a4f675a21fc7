import { afterEach, expect, test, vi } from 'vitest';
import {
  decodeServerMessage,
  type OrderSummary,
  type Position,
  type ServerMessage,
} from '../protocol/index.ts';
import { newId } from '../runtime/index.ts';
import { CarriedOrder } from './carried-order.ts';
import { CarriedRows } from './carried-rows.ts';
import { Outlet } from './socket/outlet.ts';
import { Topics } from './socket/topics.ts';
import type { WayWatch } from './way-watch.ts';

const rows = new CarriedRows();
const topics = new Topics();
afterEach(() => vi.restoreAllMocks());

function carried(courierId: string, own = rows): CarriedOrder {
  const order = { orderId: newId<string>(), cityId: 'c1' } as OrderSummary;
  const watch = (): WayWatch => ({}) as WayWatch;
  return new CarriedOrder(order, courierId, {
    rows: own,
    topics,
    watch,
    tellEstimate: () => undefined,
  });
}

function at(lat: number): Position {
  return { lat, lng: 13, atMs: 1_000, speedMps: 0, headingDegrees: 0 };
}

/** A reader who is behind until it reads. */
function slowReader(subprotocol: 'hexfleet.v1.bin' | 'hexfleet.v1.json') {
  let backlogBytes = 100_000;
  const read: ServerMessage[] = [];
  const outlet = new Outlet(
    {
      isOpen: true,
      send: (data) => void read.push(decodeServerMessage(data)),
      backlogBytes: () => backlogBytes,
      close: () => undefined,
    },
    subprotocol,
  );
  const reads = (): void => {
    backlogBytes = 0;
    outlet.drained();
  };
  return { outlet, read, reads };
}

test.each(['hexfleet.v1.bin', 'hexfleet.v1.json'] as const)(
  'who reads late by %s sees of an order that is over where it was last, and nothing of the next',
  (subprotocol) => {
    const { outlet, read, reads } = slowReader(subprotocol);
    const order = carried('bike-1');
    order.moveTo(at(52), 60);
    expect(outlet.sendState(order.orderId, order)).toBe(false);
    order.moveTo(at(53), 30);
    order.end();
    const next = carried('bike-2');
    next.moveTo(at(10), 600);
    // What it sends to its own watchers meanwhile is nothing to others.
    next.encodedFor(subprotocol);
    reads();
    const { orderId } = order;
    expect(read).toMatchObject([{ orderId, courierId: 'bike-1', lat: 53, etaSeconds: 30 }]);
    next.end();
  },
);

test.each(['hexfleet.v1.bin', 'hexfleet.v1.json'] as const)(
  'who reads at once by %s sees each place',
  (subprotocol) => {
    const { outlet, read, reads } = slowReader(subprotocol);
    reads();
    const order = carried('bike-1');
    for (const lat of [52, 53]) {
      order.moveTo(at(lat), 60);
      expect(outlet.sendState(order.orderId, order)).toBe(true);
    }
    expect(read).toMatchObject([{ lat: 52 }, { lat: 53 }]);
    order.end();
  },
);

test('an order that is over gives back its row', () => {
  const own = new CarriedRows();
  const add = vi.spyOn(own, 'add');
  carried('bike-1', own).end();
  carried('bike-2', own);
  expect(add.mock.results.map(({ value }) => value as number)).toEqual([0, 0]);
});

test('an order holds the listeners of its topic until it is over', () => {
  const held = { hold: vi.spyOn(topics, 'hold'), release: vi.spyOn(topics, 'release') };
  const order = carried('bike-1');
  const key = `c1/order:${order.orderId}`;
  expect(held.hold.mock.calls).toEqual([[key]]);
  expect(order.listeners).toBe(topics.listeners(key));
  expect(held.release).not.toHaveBeenCalled();
  order.end();
  expect(order.isOver).toBe(true);
  expect(held.release.mock.calls).toEqual([[key]]);
  expect(topics.listeners(key)).not.toBe(order.listeners);
});

test('its watchers wait from the first fix that they have not heard of until they are told', () => {
  const order = carried('bike-1');
  expect([order.isWaiting, order.isToldSince(0, 5)]).toEqual([false, false]);
  order.waitsSince(5);
  expect([order.isWaiting, order.told(), order.isWaiting]).toEqual([true, 5, false]);
  expect([order.isToldSince(9, 5), order.isToldSince(10, 5)]).toEqual([true, false]);
  order.end();
});
