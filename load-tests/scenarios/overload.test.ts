import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sleep } from '../../runtime/index.ts';
import { DOOR, RESTAURANT_PLACE, SOUP, TestCity, type Person } from './city.test-kit.ts';
import { metric } from './raw-socket.test-kit.ts';

/** A real engine with more to do than it can, and afterwards. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({ OVERLOAD_STEPS: 'on', OFFER_SECONDS: '600' });
});
afterEach(() => city.empty());
afterAll(() => city.stop());

interface Ready {
  readonly status: string;
  readonly overload: { readonly step: number; readonly name: string };
}

async function ready(): Promise<Ready> {
  const page = await fetch(new URL('/health/ready', city.engine.facts.opsUrl));
  return (await page.json()) as Ready;
}

async function step(): Promise<number> {
  return await metric(city, 'hexfleet_overload_step');
}

async function normal(): Promise<void> {
  await expect.poll(step, { timeout: 20_000, interval: 100 }).toBe(0);
}

/** Holds up the whole process for `heldMs` of every `heldMs` + 60, until the promise is kept. */
async function heldUp(heldMs: number, until: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 30; i++) {
    city.engine.signal('SIGSTOP');
    await sleep(heldMs);
    city.engine.signal('SIGCONT');
    await sleep(60);
    if (await until()) return;
  }
  throw new Error('it never came to that');
}

async function get(path: string) {
  const token = await city.token('customer', 'anna');
  const headers = { Authorization: `Bearer ${token}` };
  return await fetch(new URL(path, city.url), { headers });
}

async function placing(): Promise<Response> {
  const token = await city.token('customer', 'anna');
  return await fetch(new URL('/v1/orders', city.url), {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify(SOUP),
  });
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error?: { code: string } }).error?.code ?? 'none';
}

/** An order that its courier carries, watched by its customer. */
async function underWay(): Promise<{ orderId: string; anna: Person; courier: Person }> {
  const courier = await city.courierAt('near', RESTAURANT_PLACE);
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  const anna = await city.person('customer', 'anna');
  await anna.socket.subscribe(`order:${orderId}`);
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 0 });
  await restaurant.socket.send({ type: 'start_preparation', orderId });
  await restaurant.socket.send({ type: 'mark_ready', orderId });
  const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
  await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  return { orderId, anna, courier };
}

test('a loop that is held up: first extras, then subscriptions, then orders; what is under way goes on', async () => {
  const { orderId, anna, courier } = await underWay();
  await normal();
  await heldUp(1_300, async () => (await step()) === 3);
  expect((await ready()).overload).toMatchObject({ step: 3, name: 'defend' });
  expect((await ready()).status).toBe('ready');
  const refused = await placing();
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await codeOf(refused)).toBe('overloaded');
  expect(await codeOf(await get('/v1/orders'))).toBe('overloaded');
  // The order under way: its status, its events and its courier's position.
  expect((await get(`/v1/orders/${orderId}`)).status).toBe(200);
  await courier.socket.send({ type: 'pick_up', orderId });
  await anna.hearsEvent(orderId, 'order.picked_up');
  const seen = anna.messages.length;
  courier.isAt({ lat: 52.5203, lng: 13.4003 });
  await expect
    .poll(() => anna.messages.slice(seen).some(({ type }) => type === 'location_update'))
    .toBe(true);
  // What is wanted anew waits, and the SDK asks again by itself.
  const other = await city.person('operator', 'olga');
  const listening = other.socket.subscribe(`order:${orderId}`);
  expect(await metric(city, 'hexfleet_overload_shed_total{what="new_order"}')).toBe(1);
  await normal();
  await listening;
  expect(await other.hears('snapshot')).toMatchObject({ topic: `order:${orderId}` });
  expect(await metric(city, 'hexfleet_overload_shed_total{what="subscription"}')).toBeGreaterThan(
    0,
  );
  expect((await placing()).status).toBe(201);
  await courier.socket.send({ type: 'depart', orderId });
  courier.isAt(DOOR);
  await courier.socket.send({ type: 'deliver', orderId });
  expect(await city.broken()).toEqual([]);
});

test('a database that is slow: orders are refused before they are begun, and taken again after it', async () => {
  await normal();
  const lock = { name: 'test_slow', text: 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE' };
  const reads: Promise<unknown>[] = [];
  const slow = city.database.transaction(async (transaction) => {
    await transaction.query(lock);
    for (let i = 0; i < 80 && (await step()) < 2; i++) {
      // More than there are connections, each of which waits for the lock.
      for (let j = 0; j < 8; j++) {
        // Of as many orders: who asks for the same one waits with the first.
        const order = String(reads.length).padStart(12, '0');
        const view = get(`/v1/orders/0190f000-0000-7000-8000-${order}`);
        reads.push(view.then((answer) => answer.text()));
      }
      await sleep(60);
    }
    return await step();
  });
  expect(await slow).toBeGreaterThanOrEqual(2);
  expect(await metric(city, 'hexfleet_pool_wait_seconds')).toBeGreaterThan(0);
  await Promise.all(reads);
  await normal();
  expect((await placing()).status).toBe(201);
});
