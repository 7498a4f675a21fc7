import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  decodeServerMessage,
  encodeFixes,
  REST_ROUTES,
  REST_SCHEMAS,
  serverMessageSchemas,
  SUBPROTOCOLS,
  type RestRoute,
  type RestRouteName,
  type Role,
  type ServerMessage,
  type Subprotocol,
} from '../../protocol/index.ts';
import { newId, required, systemClock, withDeadline } from '../../runtime/index.ts';
import { RESTAURANT_PLACE, SOUP, TestCity } from './city.test-kit.ts';

/** Whatever a running engine says is as it is documented, with no field more and none less. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterAll(() => city.stop());

/** Schemas drop what they do not know, so a field that is not documented shows as a difference. */
function asDocumented(message: ServerMessage): ServerMessage {
  const schema = serverMessageSchemas.find(({ shape }) => shape.type.value === message.type);
  return required(schema, message.type).parse(message);
}

/** A socket that keeps everything that it hears, answers too. */
class Ear {
  readonly heard: ServerMessage[] = [];
  readonly #socket: WebSocket;

  constructor(token: string, subprotocol: Subprotocol) {
    const Socket = WebSocket as unknown as new (
      url: URL,
      init: { protocols: string[]; headers: Record<string, string> },
    ) => WebSocket;
    this.#socket = new Socket(new URL('/v1/ws', city.url.replace('http', 'ws')), {
      protocols: [subprotocol],
      headers: { Authorization: `Bearer ${token}` },
    });
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => {
      this.heard.push(decodeServerMessage(data as string | ArrayBuffer));
    });
  }

  async open(): Promise<this> {
    await withDeadline(once(this.#socket, 'message'), 10_000, 'welcome');
    return this;
  }

  say(message: Readonly<Record<string, unknown>>): void {
    this.#socket.send(JSON.stringify({ requestId: newId<string>(), ...message }));
  }

  /** Where a courier is, as a frame. */
  stands(sequence: number): void {
    const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
    const when = { sequence, atMs: systemClock.nowMs() };
    this.#socket.send(encodeFixes([{ ...RESTAURANT_PLACE, ...still, ...when }]));
  }

  async hears<Type extends ServerMessage['type']>(
    type: Type,
    asked: (message: Extract<ServerMessage, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ServerMessage, { type: Type }>> {
    const isIt = (message: ServerMessage): message is Extract<ServerMessage, { type: Type }> =>
      message.type === type && asked(message as Extract<ServerMessage, { type: Type }>);
    return await vi.waitUntil(() => this.heard.find(isIt), { timeout: 10_000 });
  }

  close(): void {
    this.#socket.close();
  }
}

const typesHeard = new Set<string>();

/** Closes them. @returns the messages that they heard, as the documents have them, and as they were */
function documentedAndHeard(...ears: readonly Ear[]) {
  const heard = ears.flatMap((one) => one.heard);
  for (const { type } of heard) typesHeard.add(type);
  for (const one of ears) one.close();
  return { documented: heard.map(asDocumented), heard };
}

async function ear(role: Role, subject: string, subprotocol: Subprotocol): Promise<Ear> {
  return await new Ear(await city.token(role, subject), subprotocol).open();
}

/** Where each route is tried, and by whom; those that write are tried by the story before. */
const READINGS = {
  'GET /v1/orders': ['/v1/orders', 'customer', 'anna'],
  'GET /v1/orders/:orderId': ['/v1/orders/ORDER', 'operator', 'olga'],
  'GET /v1/orders/:orderId/cancellation': ['/v1/orders/OPEN/cancellation', 'customer', 'anna'],
  'GET /v1/orders/:orderId/reorder': ['/v1/orders/ORDER/reorder', 'customer', 'anna'],
  'GET /v1/orders/:orderId/track': ['/v1/orders/ORDER/track', 'operator', 'olga'],
  'GET /v1/attention': ['/v1/attention', 'operator', 'olga'],
  'GET /v1/cities/:cityId': ['/v1/cities/c1', 'operator', 'olga'],
  'GET /v1/cities/:cityId/heat': ['/v1/cities/c1/heat?resolution=8', 'operator', 'olga'],
  'GET /v1/cities/:cityId/orders': ['/v1/cities/c1/orders?limit=5', 'operator', 'olga'],
  'GET /v1/cities/:cityId/figures': ['/v1/cities/c1/figures', 'operator', 'olga'],
  'GET /v1/restaurants': ['/v1/restaurants', 'customer', 'anna'],
  'GET /v1/restaurants/:restaurantId': ['/v1/restaurants/soup-house', 'customer', 'anna'],
  'GET /v1/restaurants/:restaurantId/days': [
    '/v1/restaurants/soup-house/days',
    'restaurant',
    'soup-house',
  ],
  'GET /v1/couriers/:courierId/days': ['/v1/couriers/near/days', 'courier', 'near'],
  'GET /v1/orders/:orderId/notifications': ['/v1/orders/ORDER/notifications', 'operator', 'olga'],
  'GET /v1/notifications': ['/v1/notifications', 'operator', 'olga'],
  'GET /v1/notifications/preferences': ['/v1/notifications/preferences', 'customer', 'anna'],
  'GET /v1/notifications/webhook': ['/v1/notifications/webhook', 'restaurant', 'soup-house'],
  'GET /v1/status': ['/v1/status', 'customer', 'anna'],
} as const satisfies Partial<Record<RestRouteName, readonly [string, Role, string]>>;

test.each(SUBPROTOCOLS)('an order from the click to the door, on %s', async (subprotocol) => {
  const restaurant = await ear('restaurant', 'soup-house', subprotocol);
  const courier = await ear('courier', 'near', subprotocol);
  const anna = await ear('customer', 'anna', subprotocol);
  const olga = await ear('operator', 'olga', subprotocol);
  olga.say({ type: 'watch_area', area: { south: 52.5, west: 13.3, north: 52.6, east: 13.5 } });
  courier.say({ type: 'set_duty', onDuty: true });
  courier.stands(1);
  await courier.hears('fixes_ack');

  const { orderId } = await city.order();
  anna.say({ type: 'subscribe', topic: `order:${orderId}` });
  anna.say({ type: 'dance' });
  await anna.hears('error');
  await restaurant.hears('order_event', (m) => m.orderId === orderId && m.event === 'order.paid');
  restaurant.say({ type: 'accept_order', orderId, preparationSeconds: 0 });
  const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
  courier.say({ type: 'accept_offer', orderId, offerId: offer.offerId });
  await courier.hears('offer_closed', ({ outcome }) => outcome === 'accepted');
  courier.stands(2);
  await olga.hears('couriers_moved', ({ couriers }) => couriers.length === 1);
  await anna.hears('location_update');
  await anna.hears('courier_event');
  await anna.hears('eta_update', ({ by }) => by === 'courier');
  for (const type of ['start_preparation', 'mark_ready']) restaurant.say({ type, orderId });
  await courier.hears('order_event', ({ event }) => event === 'order.ready');
  for (const type of ['pick_up', 'depart', 'deliver']) courier.say({ type, orderId });
  await anna.hears('order_event', ({ event }) => event === 'order.delivered');
  await restaurant.hears('ok', ({ order }) => order?.state === 'READY');

  const { documented, heard } = documentedAndHeard(restaurant, courier, anna, olga);
  expect(heard).toEqual(documented);
});

test.each(SUBPROTOCOLS)('what a session hears besides, on %s', async (subprotocol) => {
  const brief = await city.shortToken('customer', 'bert', 30);
  const bert = await new Ear(brief, subprotocol).open();
  await bert.hears('token_expires');
  const courier = await ear('courier', 'near', subprotocol);
  const olga = await ear('operator', 'olga', subprotocol);
  courier.say({ type: 'set_duty', onDuty: true });
  const restaurant = await ear('restaurant', 'soup-house', subprotocol);
  const { orderId } = await city.order();
  const topic = `order:${orderId}`;
  await restaurant.hears('order_event', (m) => m.orderId === orderId && m.event === 'order.paid');
  restaurant.say({ type: 'accept_order', orderId, preparationSeconds: 600 });
  const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
  courier.say({ type: 'accept_offer', orderId, offerId: offer.offerId });
  await courier.hears('order_event', ({ event }) => event === 'order.assigned');
  courier.say({ type: 'subscribe', topic });
  await courier.hears('snapshot', (m) => m.topic === topic);
  olga.say({ type: 'subscribe', topic });
  const { position } = await olga.hears('snapshot', (m) => m.topic === topic);
  olga.say({ type: 'subscribe', topic, since: position });
  await olga.hears('recovered');
  olga.say({ type: 'unassign_courier', orderId, why: 'its tyre is flat' });
  await courier.hears('unsubscribed', ({ reason }) => reason === 'not_yours');
  olga.say({ type: 'operator_cancel', orderId, why: 'nobody is left' });
  await olga.hears('order_event', ({ event }) => event === 'order.cancelled');
  const { documented, heard } = documentedAndHeard(bert, courier, olga, restaurant);
  expect(heard).toEqual(documented);
});

test('every route that reads answers as documented', async () => {
  const reading = Object.keys(REST_ROUTES).filter((name) => name.startsWith('GET '));
  expect(Object.keys(READINGS).toSorted()).toEqual(reading.toSorted());
  const anna = await city.api('customer', 'anna');
  const courier = await city.api('courier', 'near');
  const delivered = async () => (await anna.orders()).find(({ state }) => state === 'DELIVERED');
  // What is read from events comes a moment after them.
  await expect.poll(delivered, { timeout: 10_000 }).toBeDefined();
  await expect.poll(() => courier.courierDays('near'), { timeout: 10_000 }).toHaveLength(1);
  const { orderId } = required(await delivered(), 'the order of the story');
  const open = await city.order();
  const hook = await fetch(new URL('/v1/notifications/webhook', city.url), {
    method: 'PUT',
    headers: {
      Authorization: `Bearer ${await city.token('restaurant', 'soup-house')}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ url: 'https://example.com/hook' }),
  });
  expect(hook.status).toBe(200);
  for (const [name, [where, role, subject]] of Object.entries(READINGS)) {
    const path = where.replace('ORDER', orderId).replace('OPEN', open.orderId);
    const headers = { Authorization: `Bearer ${await city.token(role, subject)}` };
    const response = await fetch(new URL(path, city.url), { headers });
    expect({ name, status: response.status }).toEqual({ name, status: 200 });
    const answer: unknown = await response.json();
    const route: RestRoute = REST_ROUTES[name as RestRouteName];
    const body = required(route.answers[200]?.body, name);
    expect(REST_SCHEMAS[body].parse(answer)).toEqual(answer);
  }
});

test('what writes answers as documented, and so do refusals', async () => {
  const headers = {
    Authorization: `Bearer ${await city.token('customer', 'anna')}`,
    'Content-Type': 'application/json',
    'Idempotency-Key': newId<string>(),
  };
  const place = async (order: unknown): Promise<Response> =>
    await fetch(new URL('/v1/orders', city.url), {
      method: 'POST',
      headers,
      body: JSON.stringify(order),
    });
  const [first, again, other] = [await place(SOUP), await place(SOUP), await place({})];
  expect([first.status, again.status, other.status]).toEqual([201, 200, 400]);
  for (const response of [first, again]) {
    const order: unknown = await response.json();
    expect(REST_SCHEMAS.Order.parse(order)).toEqual(order);
    expect(response.headers.get('Location')).toMatch(/^\/v1\/orders\//);
  }
  expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  const refusal: unknown = await other.json();
  expect(REST_SCHEMAS.Refusal.parse(refusal)).toEqual(refusal);

  const { orderId } = await city.order();
  const cancelled = await (
    await city.api('customer', 'anna')
  ).command(orderId, {
    type: 'cancel_order',
  });
  expect(REST_SCHEMAS.OrderSummary.parse(cancelled)).toEqual(cancelled);
});

test('an engine that stops says so, and has said by now whatever it can say', async () => {
  const anna = await ear('customer', 'anna', 'hexfleet.v1.bin');
  await city.engine.stop();
  await anna.hears('going_away');
  const { documented, heard } = documentedAndHeard(anna);
  expect(heard).toEqual(documented);
  const types = serverMessageSchemas.map(({ shape }) => shape.type.value);
  expect([...typesHeard].toSorted()).toEqual(types.toSorted());
});
