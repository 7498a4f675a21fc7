import { expect, test } from 'vitest';
import type { OrderEvent, OrderEventType, OrderSummary, Role } from '../protocol/index.ts';
import { Metrics, type CityId } from '../runtime/index.ts';
import { Announcer } from './announcer.ts';
import type { Broadcast } from './socket/outlet.ts';
import { Topics, type TopicListener } from './socket/topics.ts';

const cityId = 'c1' as CityId;

/** Who hears of these events: role and type of each. */
function told(events: readonly (readonly [OrderEventType, Partial<OrderSummary>])[]): string[] {
  const topics = new Topics();
  const announcer = new Announcer(topics, new Metrics(false));
  const heard: string[] = [];
  const listen = (role: Role, key: string): void => {
    const deliver = (_topic: string, { message }: Broadcast): void => {
      heard.push(`${role} ${message.type === 'order_event' ? message.event : message.type}`);
    };
    const actor = { role, subject: 'r1', cityId };
    topics.add(key, { actor, deliver } as unknown as TopicListener);
  };
  listen('restaurant', 'c1/restaurant:r1');
  listen('customer', 'c1/order:o1');
  for (const [i, [type, facts]] of events.entries()) {
    const order = { orderId: 'o1', cityId, restaurantId: 'r1', courierId: null, ...facts };
    announcer.announce({
      type,
      sequence: i + 1,
      atMs: 0,
      data: {},
      order,
    } as unknown as OrderEvent);
  }
  return heard;
}

test('a restaurant hears of an order from its payment on, the customer of everything', () => {
  const open = { cancelReason: null };
  const events = [
    ['order.placed', open],
    ['order.paid', open],
    ['order.cancelled', { cancelReason: 'restaurant_silent' }],
  ] as const;
  expect(told(events)).toEqual([
    'customer order.placed',
    'customer order.paid',
    'restaurant order.paid',
    'customer order.cancelled',
    'restaurant order.cancelled',
  ]);
});

test.each(['payment_refused', 'payment_unavailable'] as const)(
  'a restaurant hears nothing of an order that ends in %s',
  (cancelReason) => {
    const events = [
      ['order.placed', { cancelReason: null }],
      ['order.cancelled', { cancelReason }],
    ] as const;
    expect(told(events)).toEqual(['customer order.placed', 'customer order.cancelled']);
  },
);

test('a courier hears no more of an order that was taken from it, and not who has it now', () => {
  const topics = new Topics();
  const announcer = new Announcer(topics, new Metrics(false));
  const heard: string[] = [];
  const listener = {
    actor: { role: 'courier', subject: 'k1', cityId },
    deliver: (topic: string) => void heard.push(topic),
    exclude: (topic: string, reason: string) => {
      topics.remove('c1/order:o1', listener);
      heard.push(`${topic} ${reason}`);
    },
  } as unknown as TopicListener;
  topics.add('c1/order:o1', listener);
  const event = (sequence: number, courierId: string | null): OrderEvent =>
    ({
      type: 'order.preparing',
      sequence,
      atMs: 0,
      data: {},
      order: { orderId: 'o1', cityId, restaurantId: 'r1', courierId, cancelReason: null },
    }) as unknown as OrderEvent;
  announcer.announce(event(1, 'k1'));
  announcer.announce(event(2, null));
  announcer.announce(event(3, 'k2'));
  expect(heard).toEqual(['order:o1', 'order:o1 not_yours']);
});
