import { expect, test } from 'vitest';
import type { Day } from '../../load-tests/days/index.ts';
import type { DayRun } from './day-run.ts';
import { clickToDoorMinutes, metricsOf } from './metrics.ts';

/** 100 metres are a minute, and half a service two. */
const DAY: Day = {
  restaurants: [{ restaurantId: 'r1', x: 0, y: 0 }],
  couriers: [
    { courierId: 'c1', x: 0, y: 0, onAtMinute: 600, offAtMinute: 660 },
    { courierId: 'c2', x: 0, y: 0, onAtMinute: 600, offAtMinute: 690 },
    { courierId: 'c3', x: 0, y: 0, onAtMinute: 600, offAtMinute: 620 },
  ],
  orders: [
    // From the restaurant 5, 3, 10 and 1 minutes away: at best 19, 27, 14 and 20 to the door.
    { orderId: 'o1', restaurantId: 'r1', x: 300, y: 400, placedAtMinute: 600, readyAtMinute: 610 },
    { orderId: 'o2', restaurantId: 'r1', x: 0, y: 250, placedAtMinute: 600, readyAtMinute: 620 },
    { orderId: 'o3', restaurantId: 'r1', x: 0, y: 1_000, placedAtMinute: 630, readyAtMinute: 630 },
    { orderId: 'o4', restaurantId: 'r1', x: 0, y: 100, placedAtMinute: 640, readyAtMinute: 655 },
  ],
  terms: {
    metersPerMinute: 100,
    pickupServiceMinutes: 4,
    dropoffServiceMinutes: 4,
    targetClickToDoorMinutes: 37,
    maximumClickToDoorMinutes: 90,
    payPerOrder: 10,
    guaranteedPayPerHour: 15,
  },
};

/** o2 and o1 together, o3 late, o4 never. */
const RUN: DayRun = {
  trips: [
    {
      courier: 0,
      restaurant: 0,
      assignedAtMinute: 620,
      departedAtMinute: 620,
      arrivedAtMinute: 620,
      pickedUpAtMinute: 622,
      deliveries: [
        { order: 1, atMinute: 629 },
        { order: 0, atMinute: 637 },
      ],
    },
    {
      courier: 1,
      restaurant: 0,
      assignedAtMinute: 663,
      departedAtMinute: 663,
      arrivedAtMinute: 663,
      pickedUpAtMinute: 665,
      deliveries: [{ order: 2, atMinute: 679 }],
    },
  ],
  epochs: 2,
  maxEpochMs: 12.345,
  seconds: 0.5,
};

test('the figures are those worked out by hand', () => {
  expect(metricsOf('tiny', DAY, RUN)).toEqual({
    instance: 'tiny',
    orders: 4,
    delivered_pct: 75,
    // 37, 29 and 49, and 90 for o4.
    ctd90: 51.25,
    // 80 minutes for four.
    bound: 20,
    excess: 31.25,
    // 12, 2 and 35 for three.
    rtp: 16.33,
    // o3 and o4; o1 takes exactly the target.
    late_pct: 50,
    // Two orders are more than an hour, one is less than an hour and a half, none than 20 minutes:
    // 20, 22.50 and 5 for three.
    cost_per_order: 15.83,
    bundled_pct: 66.67,
    max_epoch_ms: 12.35,
    seconds: 0.5,
  });
  expect(clickToDoorMinutes(DAY, RUN)).toEqual([29, 37, 49]);
});

test('a day on which nothing is delivered has no means of deliveries', () => {
  expect(metricsOf('tiny', DAY, { ...RUN, trips: [] })).toMatchObject({
    delivered_pct: 0,
    ctd90: 90,
    bound: 20,
    excess: 70,
    rtp: null,
    late_pct: 100,
    cost_per_order: null,
    bundled_pct: null,
  });
});

test('a day without orders is refused', () => {
  expect(() => metricsOf('empty', { ...DAY, orders: [] }, RUN)).toThrow('a day without orders');
});
