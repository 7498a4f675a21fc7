import { expect, test } from 'vitest';
import type { OrderEventType, OrderView, TimelineEntry } from '../../protocol/index.ts';
import { afterEvent, canBeCancelled, feeOf, headlineOf, storyOf } from './order-story.ts';

function timeline(...types: OrderEventType[]): TimelineEntry[] {
  return types.map((type, i) => ({ type, sequence: i + 1, atMs: (i + 1) * 1_000, data: {} }));
}

test('what happened is past, the next is now, the rest is later', () => {
  const told = storyOf({
    state: 'CONFIRMED',
    timeline: timeline('order.placed', 'order.paid', 'order.confirmed'),
  });
  expect(told.map(({ when }) => when)).toEqual(['past', 'past', 'now', 'later', 'later']);
  expect(told.map(({ atMs }) => atMs)).toEqual([1_000, 3_000, null, null, null]);
});

test('food that was picked up was ready, whether somebody said so or not', () => {
  const told = storyOf({
    state: 'PICKED_UP',
    timeline: timeline('order.placed', 'order.confirmed', 'order.picked_up'),
  });
  expect(told.map(({ when }) => when)).toEqual(['past', 'past', 'past', 'past', 'now']);
});

test('of a cancelled order there is what happened, and what it has cost', () => {
  const story = timeline('order.placed', 'order.paid', 'order.cancelled');
  const fee = {
    type: 'order.cancelled' as const,
    sequence: 4,
    atMs: 4_000,
    data: { feeMinor: 250 },
  };
  expect(storyOf({ state: 'CANCELLED', timeline: story }).map(({ step }) => step)).toEqual([
    'placed',
  ]);
  expect(feeOf({ timeline: [fee] })).toBe(250);
  expect(feeOf({ timeline: story })).toBe(0);
});

test('who waits for a courier is told the truth', () => {
  expect(headlineOf({ state: 'READY', attention: 'no_courier' }, false)).toBe('searching');
  expect(headlineOf({ state: 'READY', attention: null }, false)).toBe('ready');
  expect(headlineOf({ state: 'OUT_FOR_DELIVERY', attention: null }, true)).toBe('near');
});

test('it can be cancelled until it is picked up', () => {
  expect(canBeCancelled({ state: 'READY' })).toBe(true);
  expect(canBeCancelled({ state: 'PICKED_UP' })).toBe(false);
  expect(canBeCancelled({ state: 'CANCELLED' })).toBe(false);
});

test('an event adds to the order once', () => {
  const view = { state: 'PLACED', timeline: timeline('order.placed') } as unknown as OrderView;
  const event = {
    event: 'order.paid',
    sequence: 2,
    atMs: 5_000,
    data: {},
    order: { state: 'PAID' },
  } as const;
  const after = afterEvent(view, event);
  expect(after.state).toBe('PAID');
  expect(after.timeline).toHaveLength(2);
  expect(afterEvent(after, event)).toBe(after);
});
