import { afterAll, beforeAll, expect, test } from 'vitest';
import { actor, offerTo, place, startTestCore, type TestCore } from '../core.test-kit.ts';
import { readModelFigures, rebuildReadModels } from './rebuild.ts';

let core: TestCore;
beforeAll(async () => {
  core = await startTestCore({});
});
afterAll(() => core.stop());

const restaurant = actor('restaurant', 'r1');

async function lives(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { orderId } = (await place(core)).order;
    await core.event(orderId, 'order.paid');
    if (i % 3 === 0) {
      await core.core.execute({ type: 'reject_order', orderId, reason: 'too_busy' }, restaurant);
      continue;
    }
    await core.core.execute({ type: 'accept_order', orderId, preparationSeconds: 0 }, restaurant);
    await core.core.execute({ type: 'start_preparation', orderId }, restaurant);
    await core.core.execute({ type: 'mark_ready', orderId }, restaurant);
    expect(await offerTo(core, orderId, 'k1')).toBe('reserved');
    const { data } = await core.event(orderId, 'order.offered');
    const offerId = String(data['offerId']);
    const courier = actor('courier', 'k1');
    if (i % 3 === 1) {
      await core.core.execute({ type: 'decline_offer', orderId, offerId }, courier);
      continue;
    }
    await core.core.execute({ type: 'accept_offer', orderId, offerId }, courier);
    for (const type of ['pick_up', 'depart', 'deliver'] as const) {
      await core.core.execute({ type, orderId }, courier);
    }
    await core.event(orderId, 'order.payment_captured');
  }
}

async function models() {
  const rows = async (name: string, order: string) =>
    await core.database.query<Record<string, unknown>>({
      name: `test_${name}`,
      text: `SELECT * FROM ${name} ORDER BY ${order}`,
    });
  return {
    orders: await rows('order_list', 'order_id'),
    restaurants: await rows('restaurant_days', 'day'),
    couriers: await rows('courier_days', 'day'),
  };
}

async function settled(): Promise<void> {
  const pending = {
    name: 'test_pending',
    text: `SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM consumer_inbox) AS n`,
  };
  await expect.poll(async () => await core.database.query(pending)).toEqual([{ n: 0 }]);
}

test('the read models say what happened, and a rebuild from zero says the same', async () => {
  await lives(6);
  await settled();
  const live = await models();
  expect(live.orders).toHaveLength(6);
  expect(live.restaurants).toEqual([
    expect.objectContaining({ placed: 6, cancelled: 2, delivered: 2, sales_minor: 2_640 }),
  ]);
  expect(live.couriers).toEqual([
    expect.objectContaining({
      courier_id: 'k1',
      delivered: 2,
      declined: 2,
      lapsed: 0,
      fees_minor: 2 * 200,
      // 0.01 degrees to the north and to the east, at 52.5.
      carried_meters: 2 * 1_302,
    }),
  ]);
  const done: number[] = [];
  const events = await rebuildReadModels(core.database, (n) => done.push(n));
  expect(events).toBeGreaterThan(30);
  expect(done).toEqual([6]);
  expect(await models()).toEqual(live);
});

test('R4: an event that is handed over again counts once', async () => {
  await settled();
  const before = await models();
  await core.database.query({
    name: 'test_hand_over_again',
    text: `INSERT INTO consumer_inbox (consumer, city_id, order_id, sequence)
      SELECT 'read_models', city_id, order_id, sequence FROM order_events`,
  });
  await settled();
  expect(await models()).toEqual(before);
});

test('an event of an older version is read as the newest', async () => {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  await core.database.query(
    {
      name: 'test_older',
      text: `UPDATE order_events SET schema_version = 1, data = data - 'method'
        WHERE order_id = $1 AND type = 'order.placed'`,
    },
    [orderId],
  );
  const [placed] = (await core.core.viewOrder(orderId, actor('customer', 'anna'))).timeline;
  expect(placed?.data).toMatchObject({ method: 'card', totalMinor: 1_320 });
});

test('an order that cannot be projected holds up nobody else, and is reported', async () => {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  await settled();
  const spoil = {
    name: 'test_spoil',
    text: `UPDATE order_events SET data = data || '{"totalMinor": 1e30}'
      WHERE order_id = $1 AND type = 'order.placed'`,
  };
  await core.database.query(spoil, [orderId]);
  await core.database.query(
    {
      name: 'test_forget_one',
      text: `WITH a AS (DELETE FROM consumer_positions WHERE order_id = $1),
        b AS (DELETE FROM order_list WHERE order_id = $1)
        INSERT INTO consumer_inbox (consumer, city_id, order_id, sequence, attempts)
        VALUES ('read_models', 'c1', $1, 1, 9)`,
    },
    [orderId],
  );
  const other = (await place(core)).order.orderId;
  await core.event(other, 'order.paid');
  await expect.poll(async () => (await readModelFigures(core.database)).stuck).toBe(1);
  expect((await readModelFigures(core.database)).error).toContain('out of range');
  const listed = {
    name: 'test_listed',
    text: `SELECT state FROM order_list WHERE order_id = $1`,
  };
  await expect
    .poll(async () => await core.database.query(listed, [other]))
    .toEqual([{ state: 'PAID' }]);
});
