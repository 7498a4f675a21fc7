import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeFixes } from '../../protocol/index.ts';
import { systemClock, withDeadline } from '../../runtime/index.ts';
import { SOUP, TestCity } from './city.test-kit.ts';
import { rawSocket } from './raw-socket.test-kit.ts';

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

test.each([
  ['an unknown type', { type: 'dance' }],
  ['no type', {}],
  ['a wrong field', { type: 'subscribe', topic: 7 }],
  ['an unknown field', { type: 'subscribe', topic: 'order:x', loud: true }],
  ['a missing field', { type: 'pick_up' }],
])('%s is refused at once, to whoever asked', async (_what, command) => {
  const anna = await city.person('customer', 'anna');
  const answer = anna.socket.send(command as never).catch((error: unknown) => error);
  expect(await withDeadline(answer, 5_000, 'answer')).toMatchObject({
    name: 'ApiError',
    code: 'invalid_request',
  });
});

test('what has no id that can be read is refused without one', async () => {
  const { socket, heard } = await rawSocket(city, 'customer', 'anna');
  const unreadable = ['{', '[]', 'null', '7', '{"requestId":""}', '{"requestId":7}'];
  const tooLong = JSON.stringify({ requestId: 'x'.repeat(37) });
  for (const text of [...unreadable, tooLong, '{"requestId":"last"}']) socket.send(text);
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(9);
  const ids = heard.slice(1).map((message) => message.type === 'error' && message.requestId);
  expect(ids).toEqual([null, null, null, null, null, null, null, 'last']);
  socket.close();
});

test.each([65, 200, 300, 900])('a frame of %i KB is answered with 1009', async (kilobytes) => {
  const { socket, closed } = await rawSocket(city, 'customer', 'anna');
  socket.send('x'.repeat(kilobytes * 1024));
  expect(await closed).toBe(1009);
});

test('a courier may send less in one frame', async () => {
  const { socket, closed } = await rawSocket(city, 'courier', 'near');
  socket.send('x'.repeat(5 * 1024));
  expect(await closed).toBe(1009);
});

test('whoever was never provisioned leaves no trace, however fast it sends', async () => {
  const { socket, closed } = await rawSocket(city, 'courier', 'ghost');
  const fix = { ...SOUP.dropoff.place, speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
  for (let sequence = 1; sequence <= 5 && socket.readyState === WebSocket.OPEN; sequence++) {
    socket.send(encodeFixes([{ ...fix, sequence, atMs: systemClock.nowMs() - 1_000 + sequence }]));
  }
  expect(await closed).toBe(4401);
  // Fixes are written in their order: when the other's is there, the ghost's would be too.
  await city.courierAt('near', SOUP.dropoff.place);
  const whose = { name: 'test_whose', text: 'SELECT DISTINCT courier_id AS id FROM courier_fixes' };
  await expect
    .poll(() => city.database.query(whose), { timeout: 10_000 })
    .toContainEqual({ id: 'near' });
  expect(await city.database.query(whose)).not.toContainEqual({ id: 'ghost' });
});

test('a fix that comes before the courier was looked up is not lost', async () => {
  await (await city.person('courier', 'far')).socket.send({ type: 'set_duty', onDuty: true });
  const { socket } = await rawSocket(city, 'courier', 'far');
  const fix = { ...SOUP.dropoff.place, speedMps: 0, headingDegrees: 0, accuracyMeters: 77 };
  socket.send(encodeFixes([{ ...fix, sequence: 1, atMs: systemClock.nowMs() }]));
  const early = {
    name: 'test_early',
    text: 'SELECT courier_id AS id FROM courier_fixes WHERE accuracy_meters = 77',
  };
  await expect.poll(() => city.database.query(early), { timeout: 10_000 }).toEqual([{ id: 'far' }]);
  socket.close();
});

test('a socket that was opened stays open until somebody closes it', async () => {
  const codes = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const { socket, closed } = await rawSocket(city, 'customer', 'anna');
    // Whatever was wrong with it shows when it is used.
    socket.addEventListener('message', () => socket.close(1000));
    socket.send('{');
    codes.add(await closed);
  }
  expect([...codes]).toEqual([1000]);
});
