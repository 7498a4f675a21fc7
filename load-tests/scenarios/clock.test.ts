import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { newId, systemClock } from '../../runtime/index.ts';
import { TestCity } from './city.test-kit.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, '../engine-process/shift-clock.ts'));
const AT_THE_DOOR = { lat: 52.521, lng: 13.401 };

test.each([-600_000, 600_000])(
  'R10: an engine whose clock is %i ms off carries orders, and keeps to every deadline',
  async (shiftMs) => {
    const city = await TestCity.start({
      NODE_OPTIONS: `--import=${PRELOAD.href}`,
      CLOCK_SHIFT_MS: String(shiftMs),
      OFFER_SECONDS: '2',
      RESTAURANT_ANSWER_SECONDS: '4',
    });
    try {
      const courier = await city.courierAt('near', AT_THE_DOOR);
      const soupHouse = await city.person('restaurant', 'soup-house');
      const { orderId } = await city.order();
      await soupHouse.hearsEvent(orderId, 'order.paid');
      const accept = { type: 'accept_order', preparationSeconds: 60 } as const;
      await soupHouse.socket.send({ ...accept, orderId });
      const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
      // Counted by the database's clock, which is right.
      expect(Math.abs(offer.expiresAtMs - systemClock.nowMs())).toBeLessThan(60_000);
      await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
      await soupHouse.socket.send({ type: 'start_preparation', orderId });
      await soupHouse.socket.send({ type: 'mark_ready', orderId });
      for (const type of ['pick_up', 'depart', 'deliver'] as const) {
        await courier.socket.send({ type, orderId });
      }
      await expect
        .poll(async () => (await city.view(orderId)).payment.state, { timeout: 10_000 })
        .toBe('captured');

      const lapsing = (await city.order()).orderId;
      await soupHouse.hearsEvent(lapsing, 'order.paid');
      await soupHouse.socket.send({ ...accept, orderId: lapsing });
      const late = await courier.hears('offer', (m) => m.offer.orderId === lapsing);
      await soupHouse.hearsEvent(lapsing, 'order.offer_expired');
      const { timeline } = await city.view(lapsing);
      const at = (type: string): number => timeline.find((e) => e.type === type)?.atMs ?? 0;
      const lastedMs = at('order.offer_expired') - at('order.offered');
      expect(lastedMs).toBeGreaterThanOrEqual(2_000);
      expect(lastedMs).toBeLessThan(60_000);
      await expect(
        courier.socket.send({
          type: 'accept_offer',
          orderId: lapsing,
          offerId: late.offer.offerId,
        }),
      ).rejects.toMatchObject({ code: 'offer_gone' });
      const operator = await city.api('operator', 'olga');
      const why = 'end of test';
      await operator.command(lapsing, { type: 'operator_cancel', why }, newId<string>());

      const silent = (await city.order()).orderId;
      await soupHouse.hearsEvent(silent, 'order.cancelled');
      expect((await city.view(silent)).cancelReason).toBe('restaurant_silent');
      await expect.poll(() => city.broken(), { timeout: 10_000 }).toEqual([]);
    } finally {
      await city.stop();
    }
  },
);
