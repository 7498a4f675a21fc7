import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../runtime/index.ts';
import { RESTAURANT_PLACE, TestCity } from './city.test-kit.ts';

/** What operators see of dispatch and do about it, over the public sockets. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterEach(async () => {
  city.empty();
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds after every test
  await expect.poll(() => city.broken(), { timeout: 10_000 }).toEqual([]);
});
afterAll(() => city.stop());

test('an order goes from one courier to another, and both hear of it', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const { orderId } = await city.order();
  const restaurant = await city.person('restaurant', 'soup-house');
  await expect.poll(async () => (await city.view(orderId)).state).toBe('PAID');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 0 });
  const { offer } = await near.hears('offer', (message) => message.offer.orderId === orderId);
  await near.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });

  const far = await city.courierAt('far', RESTAURANT_PLACE);
  const olga = await city.api('operator', 'olga');
  const assign = { type: 'assign_courier', courierId: 'far', why: 'flat tyre' } as const;
  expect(await olga.command(orderId, assign)).toMatchObject({ courierId: 'far' });
  await near.hears('offer_closed', ({ outcome }) => outcome === 'withdrawn');
  await far.hearsEvent(orderId, 'order.assigned');
  await expect(near.socket.send({ type: 'pick_up', orderId })).rejects.toMatchObject({
    code: 'not_found',
  });

  await restaurant.socket.send({ type: 'start_preparation', orderId });
  await restaurant.socket.send({ type: 'mark_ready', orderId });
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await far.socket.send({ type, orderId });
  }
  expect((await city.view(orderId)).offers).toMatchObject([
    { offerId: offer.offerId, courierId: 'near', state: 'withdrawn' },
    { courierId: 'far', state: 'delivered', why: null },
  ]);
  const anna = await city.api('customer', 'anna');
  expect((await anna.order(orderId)).offers).toBeNull();
});

test('a courier says until when it works', async () => {
  const far = await city.person('courier', 'far');
  const untilMs = systemClock.nowMs() + 3_600_000;
  await far.socket.send({ type: 'set_duty', onDuty: true, untilMs });
  const shift = {
    name: 'test_shift',
    text: `SELECT extract(epoch FROM shift_ends_at)::float8 * 1000 AS ms FROM couriers
      WHERE courier_id = 'far'`,
  };
  expect(await city.database.query(shift)).toEqual([{ ms: untilMs }]);
  await far.socket.send({ type: 'set_duty', onDuty: false });
  expect(await city.database.query(shift)).toEqual([{ ms: null }]);
});
