import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCity } from './city.test-kit.ts';

let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterAll(() => city.stop());

test('an engine that is killed loses nothing: apps come back, and the order goes on', async () => {
  const restaurant = await city.person('restaurant', 'soup-house');
  const courier = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
  const anna = await city.person('customer', 'anna');
  const { orderId } = await city.order();
  await anna.socket.subscribe(`order:${orderId}`);
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  const { offer } = await courier.hears('offer');
  await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });

  for (const person of [restaurant, courier, anna]) person.messages.length = 0;
  await city.engine.kill();
  await city.engine.restart();

  const seen = await courier.hears('snapshot');
  expect(seen).toMatchObject({ onDuty: true, orders: [{ orderId, state: 'CONFIRMED' }] });
  await restaurant.hears('snapshot');
  await anna.hears('snapshot');
  await restaurant.socket.send({ type: 'start_preparation', orderId });
  await restaurant.socket.send({ type: 'mark_ready', orderId });
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await courier.socket.send({ type, orderId });
  }
  await anna.hearsEvent(orderId, 'order.delivered');
  await anna.hearsEvent(orderId, 'order.payment_captured');
  expect(await city.broken()).toEqual([]);
});

test('many orders, an engine killed in the middle: each was paid once, none is forgotten', async () => {
  const placing = Array.from({ length: 40 }, () => city.order());
  await Promise.race(placing);
  await city.engine.kill();
  await city.engine.restart();
  const placed = await Promise.all(placing);
  expect(new Set(placed.map(({ orderId }) => orderId)).size).toBe(40);
  for (const { orderId } of placed) {
    await expect
      .poll(async () => (await city.view(orderId)).payment.state, { timeout: 20_000 })
      .toBe('authorized');
  }
  expect(await city.broken()).toEqual([]);
});
