import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateDay, type Day } from '../../load-tests/days/index.ts';
import { simulateDay } from './simulate.ts';

const RECIPE = { seed: 3, orders: 40, restaurants: 6, couriers: 8, sizeMeters: 6_000 };

type Orders = Day['orders'];

/** What may become of orders that nobody knows of yet. */
const CHANGES: Readonly<Record<string, (later: Orders, day: Day) => Orders>> = {
  elsewhere: (later) =>
    later.map((order) => ({
      ...order,
      x: order.y,
      y: order.x,
      readyAtMinute: order.readyAtMinute + 7,
    })),
  never: () => [],
  half: (later) => later.filter((_, i) => i % 2 === 0),
  later: (later) =>
    later.map((order) => ({
      ...order,
      placedAtMinute: order.placedAtMinute + 13,
      readyAtMinute: order.readyAtMinute + 13,
    })),
  otherKitchens: (later, { restaurants }) =>
    later.map((order, i) => {
      const { restaurantId = '' } = restaurants[i % restaurants.length] ?? {};
      return { ...order, restaurantId };
    }),
  twice: (later) => [
    ...later,
    ...later.map((order) => ({ ...order, orderId: `${order.orderId}-again` })),
  ],
};

/** What was decided up to a minute, in an order of its own. */
function decidedUntil(day: Day, minute: number, strategy: 'nearest' | 'scored' | 'optimal') {
  return simulateDay(day, { strategy, seed: 1 })
    .trips.filter(({ assignedAtMinute }) => assignedAtMinute <= minute)
    .map(({ courier, assignedAtMinute, deliveries }) => {
      const orders = deliveries.map(({ order }) => day.orders[order]?.orderId);
      return `${assignedAtMinute} ${courier} ${orders.join(' ')}`;
    })
    .toSorted();
}

test('what is ordered later changes nothing that was decided before', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      fc.constantFrom('nearest', 'scored', 'optimal'),
      fc.constantFrom(...Object.values(CHANGES)),
      (seed, share, strategy, change) => {
        const day = generateDay({ ...RECIPE, seed });
        const times = day.orders
          .map(({ placedAtMinute }) => placedAtMinute)
          .toSorted((a, b) => a - b);
        const until = times[Math.floor(times.length * share)] ?? 0;
        const later = day.orders.filter(({ placedAtMinute }) => placedAtMinute > until);
        const orders = [
          ...day.orders.filter(({ placedAtMinute }) => placedAtMinute <= until),
          ...change(later, day),
        ];
        const changed = { ...day, orders };
        expect(decidedUntil(changed, until, strategy)).toEqual(decidedUntil(day, until, strategy));
      },
    ),
    { numRuns: 24 },
  );
});

test('the same seed gives the same day, and optimal a better one than nearest', () => {
  const day = generateDay({ ...RECIPE, orders: 120, couriers: 12 });
  const meanOf = (strategy: 'nearest' | 'optimal'): number => {
    const { trips } = simulateDay(day, { strategy, seed: 1 });
    const minutes = trips.flatMap(({ deliveries }) =>
      deliveries.map(({ order, atMinute }) => atMinute - (day.orders[order]?.placedAtMinute ?? 0)),
    );
    const lost = (day.orders.length - minutes.length) * 90;
    return minutes.reduce((sum, m) => sum + m, lost) / day.orders.length;
  };
  expect(meanOf('optimal')).toBe(meanOf('optimal'));
  expect(meanOf('optimal')).toBeLessThan(meanOf('nearest'));
});
