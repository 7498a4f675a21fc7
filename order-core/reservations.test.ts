import { expect, test } from 'vitest';
import { seededRandom, randomInteger, systemClock } from '../runtime/index.ts';
import { actor, place, startTestCore } from './core.test-kit.ts';

const COURIERS = 200;
const RESERVATIONS = 2_000;

test('2,000 reservations at once over 200 couriers: nobody and nothing is booked twice', async () => {
  const core = await startTestCore({ RESTAURANT_ANSWER_SECONDS: '86400' });
  const restaurant = actor('restaurant', 'r1');
  const couriers = Array.from({ length: COURIERS }, (_, i) => `courier-${i}`);
  for (const id of couriers) {
    await core.core.catalogue.putCourier('c1', id, { name: id, vehicle: 'scooter', capacity: 1 });
  }
  await Promise.all(
    couriers.map((id) => core.core.setDuty(actor('courier', id), { onDuty: true })),
  );
  const orders = await Promise.all(
    couriers.map(async () => {
      const { orderId } = (await place(core)).order;
      await core.event(orderId, 'order.paid');
      const accept = { type: 'accept_order', orderId, preparationSeconds: 600 } as const;
      await core.core.execute(accept, restaurant);
      return orderId;
    }),
  );
  const loads = await core.core.couriersOnDuty('c1');
  const versions = new Map(loads.map(({ courierId, version }) => [courierId, version]));
  const random = seededRandom(5);
  const startedMs = systemClock.monotonicMs();
  const outcomes = await Promise.all(
    Array.from({ length: RESERVATIONS }, () => {
      const orderId = orders[randomInteger(random, 0, COURIERS - 1)] ?? '';
      const courierId = couriers[randomInteger(random, 0, COURIERS - 1)] ?? '';
      const courierVersion = versions.get(courierId) ?? 0;
      return core.core.reserve({ cityId: 'c1', orderId, courierId, courierVersion });
    }),
  );
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  console.log(`${Math.round(RESERVATIONS / seconds)} reservations/s`);
  const reserved = outcomes.filter((outcome) => outcome === 'reserved').length;
  const live = await core.database.query<{ n: number; orders: number; couriers: number }>({
    name: 'live_offers',
    text: `SELECT count(*)::int AS n, count(DISTINCT order_id)::int AS orders,
      count(DISTINCT courier_id)::int AS couriers FROM offers WHERE state = 'offered'`,
  });
  expect(live).toEqual([{ n: reserved, orders: reserved, couriers: reserved }]);
  expect(reserved).toBeGreaterThan(COURIERS / 2);
  expect(await core.broken()).toEqual([]);
  await core.stop();
});
