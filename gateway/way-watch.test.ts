import { expect, test } from 'vitest';
import type { Place } from '../geo/index.ts';
import type { OrderState, OrderSummary, Role, ServerMessage } from '../protocol/index.ts';
import { Metrics, TimeScale, type CityId } from '../runtime/index.ts';
import { Outlet } from './socket/outlet.ts';
import { topicKey, Topics } from './socket/topics.ts';
import { Tracking } from './tracking.ts';

const cityId = 'c1' as CityId;
const PICKUP = { lat: 52.5, lng: 13.4 };
/** 2.2 km to the north. */
const DOOR = { lat: 52.52, lng: 13.4 };
const SILENCE_SECONDS = 300;

/** Orders are called by the end of their ids: a1, a2. */
function idOf(order: string): string {
  return `0190f000-0000-7000-8000-0000000000${order}`;
}

function orderOf(order: string, state: OrderState, dropoff: Place = DOOR): OrderSummary {
  const orderId = idOf(order);
  const facts = { orderId, cityId, restaurantId: 'r1', courierId: 'k1', state, readyAtMs: null };
  return {
    ...facts,
    pickup: PICKUP,
    dropoff: { place: dropoff, address: '' },
  } as unknown as OrderSummary;
}

/** Orders of one courier, and what those who listen are told of its way; a city second is one of the clock. */
function city() {
  const time = { ms: 1_000_000_000 };
  const topics = new Topics();
  const metrics = new Metrics(false);
  const tracking = new Tracking({
    topics,
    metrics,
    // Estimates are not asked for: no city, no estimates.
    cities: { city: () => null },
    clock: { nowMs: () => time.ms, monotonicMs: () => time.ms },
    timeScale: new TimeScale(1),
    courierSilenceSeconds: SILENCE_SECONDS,
    positionsEveryMs: () => 0,
  });
  const heard = new Map<string, string[]>();
  const outletOf = (name: string): Outlet => {
    const said: string[] = [];
    heard.set(name, said);
    const send = (data: string | Uint8Array): void => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'courier_event')
        said.push(`${message.orderId.slice(-2)} ${message.event}`);
    };
    const socket = { isOpen: true, send, backlogBytes: () => 0, close: () => undefined };
    return new Outlet(socket, 'hexfleet.v1.json');
  };
  const listen = (kind: 'order' | 'restaurant' | 'courier', id: string, role: Role): void => {
    const outlet = outletOf(`${kind}:${id}`);
    const actor = { role, subject: id, cityId };
    const topic = { kind, id: kind === 'order' ? idOf(id) : id };
    topics.add(topicKey(cityId, topic), {
      actor,
      outlet,
      deliver: () => undefined,
      exclude: () => undefined,
    });
  };
  listen('courier', 'k1', 'courier');
  const trail = tracking.follow({ role: 'courier', subject: 'k1', cityId });
  /** The courier is there for so many seconds, a fix every three; while it carries nothing nobody asks. */
  const isAt = (place: Place, seconds = 3): void => {
    for (let s = 0; s < seconds; s += 3) {
      time.ms += 3_000;
      if (!tracking.rows.read(trail.row).isCarrying) continue;
      const position = { ...place, atMs: time.ms, speedMps: 0, headingDegrees: 0 };
      tracking.fixTaken(trail, position);
      tracking.courierMoved(trail, position, time.ms);
    }
  };
  const silentFor = (seconds: number): void => {
    time.ms += seconds * 1_000;
    tracking.checkSilence();
  };
  /** Since the last time. */
  const told = (name = 'courier:k1'): string[] => heard.get(name)?.splice(0) ?? [];
  return { tracking, metrics, listen, isAt, silentFor, told, outletOf };
}

/** Steps of 11 m. */
const north = (place: Place, steps: number): Place => ({ ...place, lat: place.lat + steps / 1e4 });

test('the way of an order is told to its watchers, its restaurant and its courier', async () => {
  const { tracking, metrics, listen, isAt, told } = city();
  listen('order', 'a1', 'customer');
  listen('order', 'a2', 'customer');
  listen('restaurant', 'r1', 'restaurant');
  isAt(PICKUP, 30);
  expect(told()).toEqual([]);
  tracking.orderChanged(orderOf('a1', 'PREPARING'));
  isAt(north(PICKUP, -90));
  isAt(north(PICKUP, -15));
  isAt(PICKUP, 60);
  tracking.orderChanged(orderOf('a1', 'READY'));
  isAt(PICKUP, 60);
  tracking.orderChanged(orderOf('a1', 'PICKED_UP'));
  isAt(PICKUP, 30);
  tracking.orderChanged(orderOf('a1', 'OUT_FOR_DELIVERY'));
  isAt(north(DOOR, -30));
  isAt(DOOR, 30);
  tracking.orderChanged(orderOf('a1', 'DELIVERED'));
  isAt(north(DOOR, 90), 30);
  const story = ['near_restaurant', 'arrived_restaurant', 'near_customer', 'arrived_customer'];
  for (const name of ['order:a1', 'restaurant:r1', 'courier:k1']) {
    expect(told(name)).toEqual(story.map((event) => `a1 ${event}`));
  }
  expect(told('order:a2')).toEqual([]);
  const { body } = await metrics.page();
  expect(body).toContain('hexfleet_courier_events_total{event="near_customer"} 1');
});

test('who begins to listen is told what still holds, and nothing of what is over', () => {
  const { tracking, isAt, silentFor, told, outletOf } = city();
  tracking.orderChanged(orderOf('a1', 'PREPARING'));
  const shown = (): string[] => {
    tracking.showWays(outletOf('late'), [idOf('a1'), idOf('a2')]);
    return told('late');
  };
  expect(shown()).toEqual([]);
  isAt(PICKUP, 30);
  expect(shown()).toEqual(['a1 arrived_restaurant']);
  silentFor(SILENCE_SECONDS + 1);
  expect(shown()).toEqual(['a1 arrived_restaurant', 'a1 silent']);
  isAt(north(PICKUP, -90));
  silentFor(1);
  expect(shown()).toEqual([]);
  isAt(PICKUP, 30);
  tracking.orderChanged(orderOf('a1', 'PICKED_UP'));
  expect(shown()).toEqual([]);
});

test('a courier with work that says nothing is silent once, and heard once', () => {
  const { tracking, isAt, silentFor, told } = city();
  silentFor(10 * SILENCE_SECONDS);
  tracking.orderChanged(orderOf('a1', 'PREPARING'));
  silentFor(SILENCE_SECONDS - 1);
  expect(told()).toEqual([]);
  silentFor(2);
  silentFor(100);
  expect(told()).toEqual(['a1 silent']);
  isAt(north(PICKUP, -90));
  silentFor(1);
  silentFor(1);
  expect(told()).toEqual(['a1 heard']);
  tracking.orderChanged(orderOf('a1', 'CANCELLED'));
  silentFor(10 * SILENCE_SECONDS);
  expect(told()).toEqual([]);
  // The next order is given to who has said that it is there.
  tracking.orderChanged(orderOf('a2', 'PREPARING'));
  silentFor(SILENCE_SECONDS - 1);
  expect(told()).toEqual([]);
  silentFor(2);
  expect(told()).toEqual(['a2 silent']);
});

test('who leaves the way to the only stop is told of, and who is on it again', () => {
  const { tracking, isAt, told } = city();
  tracking.orderChanged(orderOf('a1', 'OUT_FOR_DELIVERY'));
  isAt(PICKUP);
  const aside = { lat: 52.51, lng: 13.41 };
  isAt(aside, 90);
  expect(told()).toEqual(['a1 off_route']);
  isAt({ lat: 52.51, lng: 13.4 });
  expect(told()).toEqual(['a1 back_on_route']);
});

test('with two stops to go to no way is the wrong one', () => {
  const { tracking, isAt, told } = city();
  const aside = { lat: 52.51, lng: 13.42 };
  tracking.orderChanged(orderOf('a1', 'OUT_FOR_DELIVERY'));
  isAt(PICKUP);
  isAt(aside, 90);
  expect(told()).toEqual(['a1 off_route']);
  tracking.orderChanged(orderOf('a2', 'OUT_FOR_DELIVERY', { lat: 52.53, lng: 13.5 }));
  isAt(aside, 300);
  expect(told()).toEqual(['a1 back_on_route']);
  tracking.orderChanged(orderOf('a2', 'DELIVERED'));
  isAt(aside, 300);
  expect(told()).toEqual([]);
  isAt({ lat: 52.53, lng: 13.43 }, 90);
  expect(told()).toEqual(['a1 off_route']);
});
