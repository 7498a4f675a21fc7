import type { OrderView, Role } from '../../protocol/index.ts';
import type { Person, TestCity } from '../scenarios/city.test-kit.ts';

export interface Request {
  readonly method?: string;
  /** Null: none. */
  readonly token: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text as it is. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One request, and what came back; a body that is no JSON is text. */
export async function ask(city: TestCity, path: string, request: Request): Promise<Answer> {
  const { method, token, headers, body } = request;
  const response = await fetch(`${city.url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : text };
}

export async function askAs(
  city: TestCity,
  [role, subject]: readonly [Role, string],
  path: string,
  body?: unknown,
): Promise<Answer> {
  return await ask(city, path, { token: await city.token(role, subject), body });
}

/** An order of anna's that this courier was offered and has taken; the restaurant has accepted it. */
export async function orderCarriedBy(city: TestCity, courier: Person): Promise<OrderView> {
  const restaurant = await city.person('restaurant', 'soup-house');
  const order = await city.order();
  const { orderId } = order;
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 0 });
  const { offer } = await courier.hears('offer', (message) => message.offer.orderId === orderId);
  await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  return order;
}

/** It is at the door, and not handed over. */
export async function bringToDoor(city: TestCity, courier: Person, orderId: string): Promise<void> {
  const restaurant = await city.person('restaurant', 'soup-house');
  for (const type of ['start_preparation', 'mark_ready'] as const) {
    await restaurant.socket.send({ type, orderId });
  }
  for (const type of ['pick_up', 'depart'] as const) await courier.socket.send({ type, orderId });
}
