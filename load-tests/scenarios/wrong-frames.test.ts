import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCity } from './city.test-kit.ts';

/** What a WebSocket client may get wrong, at a real engine. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterAll(() => city.stop());

test('a topic that is no order of anybody is not found; it never reaches the database', async () => {
  const anna = await city.person('customer', 'anna');
  for (const topic of ['order:abc', 'order:', 'order:0190f000', 'order', 'order:a b']) {
    await expect(anna.socket.subscribe(topic)).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('an order that is named in capitals is the same order, and told like it', async () => {
  const anna = await city.person('customer', 'anna');
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  const loud = orderId.toUpperCase();
  await anna.socket.subscribe(`order:${loud}`);
  expect(await anna.hears('snapshot')).toMatchObject({ topic: `order:${orderId}` });
  await restaurant.hearsEvent(orderId, 'order.paid');
  const command = { type: 'reject_order', orderId: loud, reason: 'other' } as const;
  expect(await restaurant.socket.send(command)).toMatchObject({ orderId });
  expect(await anna.hearsEvent(orderId, 'order.cancelled')).toMatchObject({
    topic: `order:${orderId}`,
  });
  await anna.socket.unsubscribe(`order:${loud}`);
});
