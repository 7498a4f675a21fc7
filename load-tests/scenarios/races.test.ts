import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, HexfleetApi } from '../../clients/ts/index.ts';
import type { OrderCommandBody, Role } from '../../protocol/index.ts';
import { TestCity } from './city.test-kit.ts';

/** 64 clients at once, over HTTP: one winner, and one outcome of the money. */
const CLIENTS = 64;
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

/** One client of its own for each, so that nothing is shared but the engine. */
async function crowd(
  orderId: string,
  who: readonly [Role, string],
  command: OrderCommandBody,
  size = CLIENTS,
): Promise<(() => Promise<string>)[]> {
  const token = await city.token(...who);
  return Array.from({ length: size }, () => {
    const api = new HexfleetApi({ url: city.url, token, tries: 1 });
    return async () => {
      try {
        await api.command(orderId, command);
        return 'done';
      } catch (error) {
        if (error instanceof ApiError) return `${error.status} ${error.code}`;
        throw error;
      }
    };
  });
}

async function all(clients: readonly (() => Promise<string>)[]): Promise<Record<string, number>> {
  const outcomes = await Promise.all(clients.map((act) => act()));
  return Object.fromEntries(
    [...Map.groupBy(outcomes, (outcome) => outcome)].map(([name, list]) => [name, list.length]),
  );
}

/** Two crowds, dealt like cards. */
function mixed<Item>(first: readonly Item[], second: readonly Item[]): Item[] {
  return first.flatMap((item, i) => [item, ...second.slice(i, i + 1)]);
}

const olga = ['operator', 'olga'] as const;
const anna = ['customer', 'anna'] as const;
const soupHouse = ['restaurant', 'soup-house'] as const;
const near = ['courier', 'near'] as const;

async function give(who: readonly [Role, string], orderId: string, command: OrderCommandBody) {
  await (await city.api(...who)).command(orderId, command);
}

async function paidOrder(): Promise<string> {
  const { orderId } = await city.order();
  await expect.poll(async () => (await city.view(orderId)).state).toBe('PAID');
  return orderId;
}

/** Ready at the restaurant, with its courier. */
async function readyOrder(): Promise<string> {
  const courier = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
  const orderId = await paidOrder();
  await give(soupHouse, orderId, { type: 'accept_order', preparationSeconds: 0 });
  await give(soupHouse, orderId, { type: 'start_preparation' });
  await give(soupHouse, orderId, { type: 'mark_ready' });
  const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
  await give(near, orderId, { type: 'accept_offer', offerId: offer.offerId });
  return orderId;
}

async function finish(orderId: string): Promise<void> {
  for (const type of ['pick_up', 'depart', 'deliver'] as const) await give(near, orderId, { type });
}

test('R3: an offer that 64 accept at once is accepted once', async () => {
  const courier = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
  const orderId = await paidOrder();
  await give(soupHouse, orderId, { type: 'accept_order', preparationSeconds: 60 });
  const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
  const accept = { type: 'accept_offer', offerId: offer.offerId } as const;
  expect(await all(await crowd(orderId, near, accept))).toEqual({
    done: 1,
    '409 offer_gone': CLIENTS - 1,
  });
  await give(soupHouse, orderId, { type: 'start_preparation' });
  await give(soupHouse, orderId, { type: 'mark_ready' });
  await finish(orderId);
});

test('the customer cancels while the courier picks up: one of them, and the money follows', async () => {
  await (
    await city.courierAt('near', { lat: 52.521, lng: 13.401 })
  ).socket.send({
    type: 'set_duty',
    onDuty: true,
  });
  const orderId = await readyOrder();
  const cancel = await crowd(orderId, anna, { type: 'cancel_order' }, CLIENTS / 2);
  const pickUp = await crowd(orderId, near, { type: 'pick_up' }, CLIENTS / 2);
  const outcomes = await all(mixed(cancel, pickUp));
  expect(outcomes['done']).toBe(1);
  const total = (await city.view(orderId)).totalMinor;
  await expect
    .poll(async () => (await city.view(orderId)).payment.state, { timeout: 10_000 })
    .toBe('captured');
  const { state, payment } = await city.view(orderId);
  // Half of it, for the restaurant had accepted a moment ago; or all of it, for the food is on its way.
  const due = { CANCELLED: Math.floor(total / 2), PICKED_UP: total }[state as string];
  expect(payment.capturedMinor).toBe(due);
  if (state === 'PICKED_UP') {
    await give(near, orderId, { type: 'depart' });
    await give(near, orderId, { type: 'deliver' });
  }
});

test('an operator cancels while the money is being taken: it is taken or released, never both', async () => {
  const orderId = await readyOrder();
  const cancel = await crowd(orderId, olga, { type: 'operator_cancel', why: 'race' }, CLIENTS / 2);
  const carry = await crowd(orderId, near, { type: 'pick_up' }, CLIENTS / 2);
  expect((await all(mixed(carry, cancel)))['done']).toBe(1);
  await expect
    .poll(async () => (await city.view(orderId)).payment.state, { timeout: 10_000 })
    .toMatch(/^(captured|voided)$/);
  const { state, payment } = await city.view(orderId);
  expect(`${state} ${payment.state}`).toMatch(/^(PICKED_UP captured|CANCELLED voided)$/);
  if (state === 'PICKED_UP') {
    await give(near, orderId, { type: 'depart' });
    await give(near, orderId, { type: 'deliver' });
  }
});

test('the customer changes the order while the restaurant accepts: one basket, one authorization', async () => {
  const orderId = await paidOrder();
  const items = [{ itemId: 'soup', quantity: 7 }];
  const modify = await crowd(orderId, anna, { type: 'modify_order', items }, CLIENTS / 2);
  const accept = await crowd(
    orderId,
    soupHouse,
    { type: 'accept_order', preparationSeconds: 600 },
    CLIENTS / 2,
  );
  const outcomes = await all(mixed(modify, accept));
  expect(outcomes['done']).toBeGreaterThanOrEqual(1);
  await expect
    .poll(async () => (await city.view(orderId)).modifiesToMinor, { timeout: 10_000 })
    .toBeNull();
  await expect.poll(() => city.broken(), { timeout: 10_000 }).toEqual([]);
  const { state, totalMinor, payment, items: eaten } = await city.view(orderId);
  expect(state).toBe('CONFIRMED');
  expect(payment.authorizedMinor).toBe(totalMinor);
  expect([2, 7]).toContain(eaten[0]?.quantity);
  await give(olga, orderId, { type: 'operator_cancel', why: 'end of race' });
});

test('64 refunds at once give back what was taken and no more', async () => {
  const orderId = await readyOrder();
  await finish(orderId);
  await expect.poll(async () => (await city.view(orderId)).payment.state).toBe('captured');
  const { capturedMinor } = (await city.view(orderId)).payment;
  const amountMinor = Math.floor(capturedMinor / 3);
  const outcomes = await all(
    await crowd(orderId, olga, { type: 'refund_order', amountMinor, why: 'race' }),
  );
  // A loser of many rounds is told that others are at it, and may ask again.
  const { done = 0 } = outcomes;
  expect(done).toBeGreaterThanOrEqual(1);
  expect(done).toBeLessThanOrEqual(3);
  await expect
    .poll(async () => (await city.view(orderId)).payment.refundedMinor, { timeout: 10_000 })
    .toBe(done * amountMinor);
});
