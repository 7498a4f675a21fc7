import { expect, test } from 'vitest';
import type { OrderView } from '../../protocol/index.ts';
import { calibrationOf, type ToldTimes } from './calibration.ts';

const MINUTE = 60_000;

/** Picked up at minute 10, at the door at minute 20. */
const order = {
  orderId: 'o1',
  timeline: [
    { type: 'order.placed', atMs: 0 },
    { type: 'order.picked_up', atMs: 10 * MINUTE },
    { type: 'order.delivered', atMs: 20 * MINUTE },
  ],
} as unknown as OrderView;

function told(at: number, pickup: number | null, dropoff: number, by: ToldTimes['by']): ToldTimes {
  const pickupAtMs = pickup === null ? null : pickup * MINUTE;
  return { atMs: at * MINUTE, pickupAtMs, dropoffAtMs: dropoff * MINUTE, by };
}

test('an estimate counts for as long as it was to be seen, with its sign', () => {
  // 4 minutes: 3 too late; 16 minutes: 1 too early.
  const seen = [told(0, 12, 23, 'plan'), told(4, 9, 19, 'courier')];
  expect(calibrationOf([order], new Map([['o1', seen]]), 1)).toEqual({
    dropoff: { minutes: 20, mae: (4 * 3 + 16) / 20, bias: (4 * 3 - 16) / 20 },
    dropoff_by_plan: { minutes: 4, mae: 3, bias: 3 },
    dropoff_by_courier: { minutes: 16, mae: 1, bias: -1 },
    pickup: { minutes: 10, mae: (4 * 2 + 6) / 10, bias: (4 * 2 - 6) / 10 },
  });
});

test('in a fast city minutes are the city’s', () => {
  const fast = { ...order, timeline: order.timeline.map((e) => ({ ...e, atMs: e.atMs / 60 })) };
  const seen = [told(0, null, 22 / 60, 'courier')];
  const { dropoff, pickup } = calibrationOf([fast], new Map([['o1', seen]]), 60);
  expect(dropoff.minutes).toBe(20);
  expect(dropoff.mae).toBeCloseTo(2, 9);
  expect(pickup).toEqual({ minutes: 0, mae: null, bias: null });
});

test('of what never came, nothing is said', () => {
  const open = { ...order, timeline: order.timeline.slice(0, 1) };
  const { dropoff } = calibrationOf([open], new Map([['o1', [told(0, 1, 2, 'plan')]]]), 1);
  expect(dropoff).toEqual({ minutes: 0, mae: null, bias: null });
});
