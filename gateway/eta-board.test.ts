import { beforeEach, expect, test } from 'vitest';
import type { ServerMessage } from '../protocol/index.ts';
import { TimeScale } from '../runtime/index.ts';
import { EtaBoard } from './eta-board.ts';
import type { Outlet, Sendable } from './socket/outlet.ts';
import { topicKey, Topics, type TopicListener } from './socket/topics.ts';

const ORDER = { cityId: 'c1', orderId: 'o1', restaurantId: 'r1' };
const MINUTE = 60_000;
let heard: ServerMessage[] = [];
let board: EtaBoard;

beforeEach(() => {
  heard = [];
  const topics = new Topics();
  board = new EtaBoard({ topics, timeScale: new TimeScale(1) });
  topics.add(topicKey('c1', { kind: 'order', id: 'o1' }), listener());
});

function listener(): TopicListener {
  const sendState = (_key: string, state: Sendable): boolean => {
    heard.push(JSON.parse(state.encodedFor('hexfleet.v1.json') as string) as ServerMessage);
    return true;
  };
  return { outlet: { sendState } as unknown as Outlet } as unknown as TopicListener;
}

test('an estimate is told again only when it differs by half a minute', () => {
  for (const dropoffAtMs of [20, 20.4, 20.6, 20.9].map((minutes) => minutes * MINUTE)) {
    board.set(ORDER, { pickupAtMs: 10 * MINUTE, dropoffAtMs, by: 'plan' });
  }
  expect(heard).toEqual([
    { type: 'eta_update', orderId: 'o1', pickupAtMs: 6e5, dropoffAtMs: 12e5, by: 'plan' },
    { type: 'eta_update', orderId: 'o1', pickupAtMs: 6e5, dropoffAtMs: 20.6 * MINUTE, by: 'plan' },
  ]);
  expect(board.dropoffAtMs('o1')).toBe(20.9 * MINUTE);
});

test('that the courier has it, and has the food, is always news', () => {
  board.set(ORDER, { pickupAtMs: 5, dropoffAtMs: 10, by: 'plan' });
  board.set(ORDER, { pickupAtMs: 5, dropoffAtMs: 10, by: 'courier' });
  board.set(ORDER, { pickupAtMs: null, dropoffAtMs: 10, by: 'courier' });
  expect(heard).toHaveLength(3);
});

test('what holds no more is taken back, once', () => {
  board.set(ORDER, { pickupAtMs: 5, dropoffAtMs: 10, by: 'courier' });
  board.withdraw(ORDER);
  board.withdraw(ORDER);
  expect(heard.slice(1)).toEqual([
    { type: 'eta_update', orderId: 'o1', pickupAtMs: null, dropoffAtMs: null, by: 'plan' },
  ]);
  expect(board.dropoffAtMs('o1')).toBeNull();
});

test('of an order that is over nothing is said any more, whoever was still planning it', () => {
  board.set(ORDER, { pickupAtMs: 5, dropoffAtMs: 10, by: 'plan' });
  board.end('o1');
  board.set(ORDER, { pickupAtMs: 5, dropoffAtMs: 10, by: 'plan' });
  expect(heard).toHaveLength(1);
  expect(board.dropoffAtMs('o1')).toBeNull();
});
