import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TOPICS_PER_SOCKET_MAX, type Role } from '../../protocol/index.ts';
import { required } from '../../runtime/index.ts';
import { DOOR, RESTAURANT_PLACE, SOUP, TestCity } from '../scenarios/city.test-kit.ts';
import { ask, askAs, orderCarriedBy, type Answer } from './attacks.test-kit.ts';

/** What belongs to others looks like what does not exist, at a real engine. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterEach(() => city.empty());
afterAll(() => city.stop());

const ABSENT = '0190f000-0000-7000-8000-000000000001';

type Someone = readonly [Role, string];
const BERT: Someone = ['customer', 'bert'];
const SHUT: Someone = ['restaurant', 'shut'];
const FAR: Someone = ['courier', 'far'];

/** The answer, but for the id that was asked for. */
const without = (id: string, answer: Answer): string => JSON.stringify(answer).replaceAll(id, 'ID');

test('an order of others is answered as one that does not exist, whatever is asked of it', async () => {
  const { orderId } = await city.order();
  const at = (id: string): readonly (readonly [Someone, string, object?])[] => [
    ...[BERT, SHUT, FAR].flatMap((who) => [
      [who, `/v1/orders/${id}`] as const,
      [who, `/v1/orders/${id}/track`] as const,
    ]),
    [BERT, `/v1/orders/${id}/cancellation`],
    [BERT, `/v1/orders/${id}/reorder`],
    [BERT, `/v1/orders/${id}/commands`, { type: 'cancel_order' }],
    [BERT, `/v1/orders/${id}/commands`, { type: 'modify_order', items: SOUP.items }],
    [SHUT, `/v1/orders/${id}/commands`, { type: 'accept_order', preparationSeconds: 0 }],
    [FAR, `/v1/orders/${id}/commands`, { type: 'pick_up' }],
  ];
  const absent = at(ABSENT);
  for (const [i, [who, path, body]] of at(orderId).entries()) {
    const [, absentPath] = required(absent[i], 'the same of an order that is not');
    const answer = await askAs(city, who, path, body);
    expect(answer.status).toBe(404);
    expect(without(orderId, answer)).toBe(
      without(ABSENT, await askAs(city, who, absentPath, body)),
    );
  }
  const elsewhere = await city.token('operator', 'olga', 'elsewhere');
  const of = async (id: string) =>
    without(id, await ask(city, `/v1/orders/${id}`, { token: elsewhere }));
  expect(await of(orderId)).toBe(await of(ABSENT));
  expect((await city.view(orderId)).state).not.toBe('CANCELLED');
});

test('so are restaurants, couriers and cities of others', async () => {
  const pairs: readonly (readonly [Someone, string, string, object?])[] = [
    [SHUT, '/v1/restaurants/soup-house/days', '/v1/restaurants/nowhere/days'],
    [
      SHUT,
      '/v1/restaurants/soup-house/commands',
      '/v1/restaurants/nowhere/commands',
      { type: 'resume_orders' },
    ],
    [FAR, '/v1/couriers/near/days', '/v1/couriers/nobody/days'],
    [['operator', 'olga'], '/v1/cities/c2/heat', '/v1/cities/nowhere/heat'],
  ];
  for (const [who, path, absentPath, body] of pairs) {
    const answer = await askAs(city, who, path, body);
    expect(answer.status).toBe(404);
    expect(answer).toEqual(await askAs(city, who, absentPath, body));
  }
});

test('a courier cannot take what was offered to another', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const restaurant = await city.person('restaurant', 'soup-house');
  const far = await city.person('courier', 'far');
  const { orderId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 600 });
  const { offer } = await near.hears('offer', (message) => message.offer.orderId === orderId);
  const { offerId } = offer;
  const refusal = { code: 'not_found' };
  for (const type of ['accept_offer', 'decline_offer'] as const) {
    const stolen = far.socket.send({ type, orderId, offerId });
    await expect(stolen).rejects.toMatchObject(refusal);
    const absent = far.socket.send({ type, orderId: ABSENT, offerId });
    await expect(absent).rejects.toMatchObject(refusal);
  }
  await near.socket.send({ type: 'accept_offer', orderId, offerId });
  expect((await city.view(orderId)).courierId).toBe('near');
  const olga = await city.api('operator', 'olga');
  await olga.command(orderId, { type: 'operator_cancel', why: 'end of test' });
});

test('a topic of others is not there, and neither is what is no topic', async () => {
  const { orderId } = await city.order();
  const patterns = ['order:*', 'order:#', 'order:>', '*', `order:${orderId}*`, `order:%${orderId}`];
  const ways = [`order:../${orderId}`, '../order', `order:${orderId}/../x`, `order:${orderId}\0`];
  const letters = ['order:ö', 'órder:x', `order:${orderId}\u200b`, 'order:\ud800', 'ORDER:x', ':'];
  const own = [
    'restaurant:soup-house',
    'courier:near',
    'courier:far',
    'city:c1',
    `order:${orderId}`,
  ];
  for (const [role, subject] of [BERT, FAR]) {
    const { socket } = await city.person(role, subject);
    for (const topic of [...patterns, ...ways, ...letters, ...own]) {
      await expect(socket.subscribe(topic)).rejects.toMatchObject({ code: 'not_found' });
    }
    const long = socket.subscribe(`order:${'x'.repeat(role === 'courier' ? 3_000 : 10_000)}`);
    await expect(long).rejects.toMatchObject({ code: 'invalid_request' });
  }
});

test('who a courier is stands in its token: a message that names one is refused', async () => {
  const far = await city.courierAt('far', DOOR);
  const fix = { ...DOOR, sequence: 9, atMs: 0, speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
  for (const named of [
    { type: 'fix', fix: { ...fix, courierId: 'near' } },
    { type: 'fix', courierId: 'near', fix },
    { type: 'set_duty', onDuty: true, courierId: 'near' },
  ]) {
    await expect(far.socket.send(named as never)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  }
});

test('what operators do nobody else does, over REST and over the socket', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const { orderId } = await orderCarriedBy(city, near);
  const why = 'because';
  const commands = [
    { type: 'assign_courier', courierId: 'far', why },
    { type: 'unassign_courier', why },
    { type: 'operator_cancel', why },
    { type: 'confirm_delivery', why },
    { type: 'refund_order', amountMinor: 1, why },
  ] as const;
  const others: readonly Someone[] = [
    ['customer', 'anna'],
    ['restaurant', 'soup-house'],
    ['courier', 'near'],
    ['service', 'setup'],
  ];
  for (const who of others) {
    const { socket } = who[0] === 'courier' ? near : await city.person(...who);
    for (const command of commands) {
      const forbidden = { code: 'forbidden' };
      expect(await askAs(city, who, `/v1/orders/${orderId}/commands`, command)).toMatchObject({
        status: 403,
        body: { error: forbidden },
      });
      await expect(socket.send({ ...command, orderId })).rejects.toMatchObject(forbidden);
    }
  }
  const olga = await city.api('operator', 'olga');
  await olga.command(orderId, { type: 'operator_cancel', why: 'end of test' });
});

test.each(['/metrics', '/health', '/health/live', '/health/ready', '/_ledger', '/debug'])(
  '%s is not on the public port',
  async (path) => {
    expect((await ask(city, path, { token: null })).status).toBe(401);
    expect((await askAs(city, ['service', 'setup'], path)).status).toBe(404);
    const page = `${city.engine.facts.opsUrl}/metrics`;
    expect((await fetch(page)).status).toBe(200);
  },
);

test('a socket listens to 128 topics, and to one more when it has left one', async () => {
  const anna = await city.person('customer', 'anna');
  const placed = Array.from({ length: TOPICS_PER_SOCKET_MAX + 1 }, () => city.order());
  const topics = (await Promise.all(placed)).map(({ orderId }) => `order:${orderId}`);
  const [first = '', ...others] = topics;
  for (const topic of others) await anna.socket.subscribe(topic);
  await expect(anna.socket.subscribe(first)).rejects.toMatchObject({ code: 'too_many_topics' });
  await anna.socket.unsubscribe(others[0] ?? '');
  await anna.socket.subscribe(first);
});
