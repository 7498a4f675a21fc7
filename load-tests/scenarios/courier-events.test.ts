import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CourierEventType, Place } from '../../protocol/index.ts';
import { DOOR, RESTAURANT_PLACE, TestCity, type Person } from './city.test-kit.ts';

/** The way of one order, as everybody hears of it; city time is fast, so that it takes seconds. */
const TIME_SCALE = 20;

let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({ TIME_SCALE: String(TIME_SCALE), COURIER_SILENCE_SECONDS: '60' });
});
afterEach(() => city.empty());
afterAll(() => city.stop());

/** What has happened to the order, as this one was told. */
function toldTo(person: Person, orderId: string): CourierEventType[] {
  return person.messages.flatMap((message) =>
    message.type === 'courier_event' && message.orderId === orderId ? [message.event] : [],
  );
}

/** Sends fixes of this place, as an app does, until the person has heard of the event. */
async function staysAt(
  courier: Person,
  place: Place,
  until: { readonly person: Person; readonly orderId: string; readonly event: CourierEventType },
): Promise<void> {
  await expect
    .poll(
      () => {
        courier.isAt(place);
        return toldTo(until.person, until.orderId);
      },
      { interval: 150, timeout: 15_000 },
    )
    .toContain(until.event);
}

test('restaurant, customer, courier and operator hear of the way, and late comers of what holds', async () => {
  const restaurant = await city.person('restaurant', 'soup-house');
  const courier = await city.courierAt('near', { lat: 52.51, lng: 13.4 });
  const anna = await city.person('customer', 'anna');
  const { orderId } = await city.order();
  await anna.socket.subscribe(`order:${orderId}`);
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  const { offer } = await courier.hears('offer', (message) => message.offer.orderId === orderId);
  await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  await anna.hearsEvent(orderId, 'order.assigned');
  expect((await (await city.api('customer', 'anna')).track(orderId)).points).toEqual([]);

  await staysAt(courier, RESTAURANT_PLACE, {
    person: restaurant,
    orderId,
    event: 'arrived_restaurant',
  });
  const olga = await city.person('operator', 'olga');
  await olga.socket.subscribe(`order:${orderId}`);
  await olga.hears('courier_event', ({ event }) => event === 'arrived_restaurant');
  expect(toldTo(olga, orderId)).toEqual(['arrived_restaurant']);

  await restaurant.socket.send({ type: 'start_preparation', orderId });
  await restaurant.socket.send({ type: 'mark_ready', orderId });
  for (const type of ['pick_up', 'depart'] as const) await courier.socket.send({ type, orderId });
  // From here on the app says nothing.
  await anna.hears('courier_event', ({ event }) => event === 'silent');
  await staysAt(courier, DOOR, { person: anna, orderId, event: 'arrived_customer' });
  await anna.hears('courier_event', ({ event }) => event === 'heard');
  await courier.socket.send({ type: 'deliver', orderId });

  const story = ['near_restaurant', 'arrived_restaurant', 'near_customer', 'arrived_customer'];
  for (const person of [anna, restaurant, courier]) {
    const heard = toldTo(person, orderId);
    expect(heard.filter((event) => story.includes(event))).toEqual(story);
    expect(heard.indexOf('heard')).toBeGreaterThan(heard.indexOf('silent'));
  }
  const metrics = await (await fetch(`${city.engine.facts.opsUrl}/metrics`)).text();
  expect(metrics).toContain('hexfleet_courier_events_total{event="arrived_customer"} 1');
});

test('who may see the order sees its part of the way, and nobody else sees any', async () => {
  const anna = await city.api('customer', 'anna');
  const [order] = await anna.orders();
  const orderId = order?.orderId ?? '';
  const olga = await city.api('operator', 'olga');
  const near = (place: Place) => (point: Place) =>
    Math.abs(point.lat - place.lat) < 1e-6 && Math.abs(point.lng - place.lng) < 1e-6;
  await expect
    .poll(async () => (await olga.track(orderId)).points.some(near(DOOR)), { timeout: 10_000 })
    .toBe(true);
  const whole = await olga.track(orderId);
  expect(whole).toMatchObject({ orderId, courierId: 'near' });
  expect(whole.points.some(near(RESTAURANT_PLACE))).toBe(true);
  expect(await (await city.api('courier', 'near')).track(orderId)).toEqual(whole);

  const carried = await anna.track(orderId);
  expect(carried.points.some(near(DOOR))).toBe(true);
  expect(carried.points.length).toBeLessThan(whole.points.length);
  const restaurant = await city.api('restaurant', 'soup-house');
  expect((await restaurant.track(orderId)).points.some(near(DOOR))).toBe(false);
  for (const stranger of [
    await city.api('customer', 'ben'),
    await city.api('courier', 'far'),
    await city.api('restaurant', 'shut'),
  ]) {
    await expect(stranger.track(orderId)).rejects.toMatchObject({ code: 'not_found' });
  }
});
