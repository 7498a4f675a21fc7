import { expect, test } from 'vitest';
import type { OrderSummary } from '../../protocol/index.ts';
import { boardOf, countsOf, isLate } from './board.ts';

const CLOCK = { nowMs: 10_000_000, timeScale: 2, promiseMinutes: 40 };

function order(orderId: string, facts: Partial<OrderSummary> = {}): OrderSummary {
  return {
    orderId,
    state: 'PREPARING',
    attention: null,
    reference: null,
    restaurantName: 'Soup House',
    courierId: null,
    customerId: 'anna',
    dropoff: { place: { lat: 0, lng: 0 }, address: 'Elm Street 1' },
    placedAtMs: CLOCK.nowMs - 60_000,
    scheduledForMs: null,
    ...facts,
  } as OrderSummary;
}

const ORDERS = [
  order('o1'),
  order('o2', { state: 'READY', placedAtMs: CLOCK.nowMs - 21 * 60_000, courierId: 'k7' }),
  order('o3', { state: 'OUT_FOR_DELIVERY', restaurantName: 'Da Enzo' }),
  order('o4', { attention: 'no_courier', placedAtMs: CLOCK.nowMs }),
];
const ids = (stage: Parameters<typeof boardOf>[1]['stage'], search = '') =>
  boardOf(ORDERS, { stage, search }, CLOCK).map(({ orderId }) => orderId);

test('who waits for a person comes first, then the oldest', () => {
  expect(ids('all')).toEqual(['o4', 'o2', 'o1', 'o3']);
});

test('a stage has its own', () => {
  expect(countsOf(ORDERS, CLOCK)).toEqual({
    all: 4,
    kitchen: 2,
    ready: 1,
    underWay: 1,
    late: 1,
    attention: 1,
  });
  expect(ids('underWay')).toEqual(['o3']);
});

test('late is by city time; what is wanted later is late after that', () => {
  expect(isLate(order('x', { placedAtMs: CLOCK.nowMs - 19 * 60_000 }), CLOCK)).toBe(false);
  expect(isLate(order('x', { placedAtMs: CLOCK.nowMs - 21 * 60_000 }), CLOCK)).toBe(true);
  const old = { placedAtMs: 0, scheduledForMs: CLOCK.nowMs + 1 };
  expect(isLate(order('x', old), CLOCK)).toBe(false);
  expect(isLate(order('x', { ...old, scheduledForMs: CLOCK.nowMs - 1 }), CLOCK)).toBe(true);
});

test('every word has to occur somewhere', () => {
  expect(ids('all', 'enzo')).toEqual(['o3']);
  expect(ids('all', 'soup K7')).toEqual(['o2']);
  expect(ids('all', 'soup enzo')).toEqual([]);
});
