import { beforeEach, expect, test } from 'vitest';
import type { OrderEvent, OrderEventType } from '../protocol/index.ts';
import { TimeScale } from '../runtime/index.ts';
import { CityFiguresBoard } from './city-figures.ts';

const START_MS = 1_700_000_040_000;
let nowMs: number;
let board: CityFiguresBoard;
beforeEach(() => {
  nowMs = START_MS;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const timeScale = new TimeScale(10);
  board = new CityFiguresBoard({ clock, timeScale, sockets: () => 7, overload: () => 2 });
});

function happens(type: OrderEventType, orderId = 'o1', cityId = 'c1', lagMs = 5): void {
  const order = { orderId, cityId, placedAtMs: START_MS, scheduledForMs: null };
  board.count({ type, atMs: nowMs, sequence: 1, data: {}, order } as unknown as OrderEvent);
  nowMs += lagMs;
}

test('a minute counts what happens in it, in its own city, in city seconds', () => {
  happens('order.placed');
  happens('order.placed', 'o9', 'c2');
  happens('order.confirmed');
  nowMs = START_MS + 12_000;
  happens('order.assigned');
  nowMs = START_MS + 30_000;
  happens('order.delivered');
  happens('order.cancelled', 'o2');
  const { minutes, overload } = board.of('c1');
  expect(overload).toBe(2);
  expect(minutes).toMatchObject([
    {
      atMs: START_MS,
      placed: 1,
      delivered: 1,
      cancelled: 1,
      sockets: 7,
      assignmentSeconds: { count: 1, mean: 119.9 },
      clickToDoorSeconds: { count: 1, mean: 300, max: 300 },
      eventLagMs: { count: 5 },
    },
  ]);
  expect(board.of('c2').minutes).toMatchObject([{ placed: 1, delivered: 0 }]);
});

test('minutes in which nothing happens are there, and two hours are kept', () => {
  happens('order.placed');
  nowMs = START_MS + 3 * 60_000;
  expect(board.of('c1').minutes.map(({ placed }) => placed)).toEqual([1, 0, 0, 0]);
  nowMs = START_MS + 5 * 3_600_000;
  happens('order.placed');
  const { minutes } = board.of('c1');
  expect(minutes).toHaveLength(120);
  expect(minutes.at(-1)).toMatchObject({ placed: 1, atMs: START_MS + 5 * 3_600_000 });
  expect(minutes.reduce((sum, { placed }) => sum + placed, 0)).toBe(1);
});

test('only the first courier of an order has been waited for; without any there is no mean', () => {
  happens('order.confirmed');
  happens('order.assigned');
  happens('order.assigned');
  const [minute] = board.of('c1').minutes;
  expect(minute?.assignmentSeconds.count).toBe(1);
  expect(minute?.clickToDoorSeconds).toEqual({ count: 0, mean: null, max: null });
});

test('a clock that is set back loses nothing', () => {
  happens('order.placed');
  nowMs -= 120_000;
  happens('order.placed');
  expect(board.of('c1').minutes).toMatchObject([{ placed: 2 }]);
});
