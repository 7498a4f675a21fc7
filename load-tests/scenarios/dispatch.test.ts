import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newId } from '../../runtime/index.ts';
import { TestCity } from './city.test-kit.ts';

const NEAR_THE_RESTAURANT = { lat: 52.521, lng: 13.401 };

let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterEach(() => city.empty());
afterAll(() => city.stop());

test.each(['optimal', 'scored', 'nearest'] as const)(
  'a city that is set to %s while it runs finds couriers by it, and operators see why',
  async (strategy) => {
    await city.setDispatch({ strategy, epochSeconds: 1 });
    const courier = await city.courierAt('near', NEAR_THE_RESTAURANT);
    const { orderId } = await city.order();
    const soupHouse = await city.person('restaurant', 'soup-house');
    await expect.poll(async () => (await city.view(orderId)).state).toBe('PAID');
    await soupHouse.socket.send({ type: 'accept_order', orderId, preparationSeconds: 30 });
    const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
    const { offers } = await city.view(orderId);
    expect(offers).toMatchObject([
      { offerId: offer.offerId, courierId: 'near', state: 'offered', why: { strategy } },
    ]);
    expect(offers?.[0]?.why?.parts).toMatchObject({ acceptance: 0, rating: 0 });
    const operator = await city.api('operator', 'olga');
    await operator.command(orderId, { type: 'operator_cancel', why: 'end of test' }, newId());
    await courier.socket.send({ type: 'set_duty', onDuty: false });
    expect(await city.broken()).toEqual([]);
  },
);
