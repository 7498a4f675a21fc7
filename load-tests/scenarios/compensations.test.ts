import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestCity } from './city.test-kit.ts';

/** Patience in the city runs out after a second or two of ours. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({
    TIME_SCALE: '100',
    RESTAURANT_ANSWER_SECONDS: '150',
    OFFER_SECONDS: '60',
    COURIER_SEARCH_SECONDS: '150',
    MANUAL_QUEUE_SECONDS: '100',
  });
});
afterEach(async () => {
  city.empty();
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds after every test
  expect(await city.broken()).toEqual([]);
});
afterAll(() => city.stop());

/** Waits until the customer has heard that it is over, and why; then the money is looked at. */
async function cancelled(orderId: string): Promise<{ reason: unknown; money: string }> {
  const anna = await city.person('customer', 'anna');
  await anna.socket.subscribe(`order:${orderId}`);
  const settled = ['voided', 'refused'];
  await expect
    .poll(async () => (await city.view(orderId)).payment.state, { timeout: 15_000 })
    .toSatisfy((state: string) => settled.includes(state));
  const { state, cancelReason, payment } = await city.view(orderId);
  expect(state).toBe('CANCELLED');
  return { reason: cancelReason, money: payment.state };
}

test('a card that is refused: cancelled, and nothing was ever held', async () => {
  const { orderId } = await city.order({ paymentToken: 'pm_card_chargeDeclined' });
  expect(await cancelled(orderId)).toEqual({ reason: 'payment_refused', money: 'refused' });
});

test('a restaurant that rejects: cancelled, and the money is released', async () => {
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'reject_order', orderId, reason: 'too_busy' });
  expect(await cancelled(orderId)).toEqual({ reason: 'restaurant_rejected', money: 'voided' });
});

test('a restaurant that says nothing: cancelled, and the money is released', async () => {
  const { orderId } = await city.order();
  expect(await cancelled(orderId)).toEqual({ reason: 'restaurant_silent', money: 'voided' });
});

test('no courier anywhere: cancelled, and the money is released', async () => {
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  expect(await cancelled(orderId)).toEqual({ reason: 'no_courier', money: 'voided' });
});

test('a courier who says nothing is passed over for the next', async () => {
  const restaurant = await city.person('restaurant', 'soup-house');
  const silent = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
  const willing = await city.courierAt('far', { lat: 52.53, lng: 13.42 });
  const { orderId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  const lapsed = await silent.hears('offer', ({ offer }) => offer.orderId === orderId);
  const { offer } = await willing.hears('offer', (m) => m.offer.orderId === orderId);
  await willing.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  const closed = await silent.hears('offer_closed', (m) => m.orderId === orderId);
  expect(closed).toMatchObject({ offerId: lapsed.offer.offerId, outcome: 'expired' });
  await expect(
    silent.socket.send({ type: 'accept_offer', orderId, offerId: lapsed.offer.offerId }),
  ).rejects.toMatchObject({ code: 'offer_gone' });
});
