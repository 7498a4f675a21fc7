import { expect, test } from 'vitest';
import type { CourierPosition, LiveCity } from '../../geo/index.ts';
import {
  COURIER_FRAME_BYTES_MAX,
  decodeServerMessage,
  emptyFix,
  encodeFixes,
  type Fix,
  type OrderSummary,
  type ServerMessage,
} from '../../protocol/index.ts';
import { Metrics, readConfig, systemClock, TimeScale, type CityId } from '../../runtime/index.ts';
import { Tracking } from '../tracking.ts';
import { FixIntake } from './fix-intake.ts';
import { Outlet } from './outlet.ts';
import { topicKey, Topics } from './topics.ts';

const ORDER_ID = '0190f000-0000-7000-8000-000000000001';
const courier = { role: 'courier', subject: 'k1', cityId: 'c1' as CityId } as const;
const here = { lat: 52, lng: 13 };
const nowMs = systemClock.nowMs();

/** Fixes a second apart up to now; the courier does not move. */
function fixes(count: number, firstSequence = 1): Fix[] {
  return Array.from({ length: count }, (_, i) => ({
    ...emptyFix(),
    ...here,
    accuracyMeters: 5,
    sequence: firstSequence + i,
    atMs: nowMs - (200 - firstSequence - i) * 1000,
  }));
}

/** The courier's fix of this number, a millisecond after the one before. */
const quickFix = (sequence: number): Fix => ({
  ...emptyFix(),
  ...here,
  sequence,
  atMs: nowMs - 1_000 + sequence,
});

/** Watchers are told when all sockets have been read. */
async function socketsAreRead(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** An intake with a city, one order of the courier, and somebody who watches it. */
function city({ clock = systemClock, positionsEveryMs = (): number => 0, limits = 'on' } = {}) {
  const stored: number[] = [];
  const moved: { slot: number; atMs: number }[] = [];
  const seen: ServerMessage[] = [];
  const acknowledged: number[] = [];
  const slots = { owner: 'k1', slot: 7, generation: 1 };
  const index = {
    positionOf: () => null,
    slotOf: () => slots.slot,
    generationOf: () => slots.generation,
    isStill: (slot: number, generation: number) =>
      slot === slots.slot && generation === slots.generation,
    idOf: () => slots.owner,
    moveSlot: (slot: number, { atMs }: CourierPosition) => moved.push({ slot, atMs }),
  };
  const travel = { seconds: () => 60 };
  const learned = { profile: { learn: () => undefined } };
  const kitchens = { expectedSeconds: () => 0 };
  const topics = new Topics();
  const shared = {
    topics,
    cities: {
      city: () => ({ cityId: 'c1', index, travel, learned, kitchens }) as unknown as LiveCity,
    },
    history: {
      append(cityId: string, courierId: string, fix: Fix): void {
        expect([cityId, courierId]).toEqual(['c1', slots.owner]);
        stored.push(fix.sequence);
      },
    },
    clock,
    timeScale: new TimeScale(1),
    metrics: new Metrics(false),
  };
  const tracking = new Tracking({
    ...shared,
    courierSilenceSeconds: 300,
    positionsEveryMs,
  });
  const order = {
    orderId: ORDER_ID,
    cityId: 'c1',
    courierId: 'k1',
    state: 'OUT_FOR_DELIVERY',
    pickup: here,
    dropoff: { place: here, address: 'Door 1' },
    readyAtMs: null,
  } as unknown as OrderSummary;
  tracking.orderChanged(order);
  const outlet = new Outlet(
    {
      isOpen: true,
      send: (data) => void seen.push(decodeServerMessage(data)),
      backlogBytes: () => 0,
      close: () => undefined,
    },
    'hexfleet.v1.bin',
  );
  const watcher = { actor: courier, outlet, deliver: () => undefined, exclude: () => undefined };
  topics.add(topicKey('c1', { kind: 'order', id: ORDER_ID }), watcher);
  const intake = new FixIntake({
    ...shared,
    config: readConfig({ RATE_LIMITS: limits }),
    tracking,
  });
  const refused: string[] = [];
  const stream = intake.open({
    actor: courier,
    acknowledge: (sequence) => void acknowledged.push(sequence),
    tooMany: () => void refused.push('too many'),
    badFrame: (isTooBig) => void refused.push(isTooBig ? 'too big' : 'bad'),
  });
  const sends = (some: readonly Fix[]): void => stream.frame(encodeFixes(some).buffer);
  const all = { stored, moved, seen, acknowledged, refused };
  return { intake, stream, sends, tracking, order, slots, ...all };
}

function positionsIn(seen: readonly ServerMessage[]): ServerMessage[] {
  return seen.filter(({ type }) => type === 'location_update');
}

test('of a backlog all is history, and the newest is where the courier is seen', async () => {
  const { intake, stream, sends, stored, moved, seen } = city();
  intake.admit(stream);
  const backlog = fixes(30);
  sends(backlog);
  const atMs = backlog.at(-1)?.atMs;
  expect(stored).toEqual(backlog.map(({ sequence }) => sequence));
  expect(moved).toEqual([{ slot: 7, atMs }]);
  await socketsAreRead();
  const [update, ...others] = positionsIn(seen);
  expect(update).toMatchObject({ orderId: ORDER_ID, atMs });
  expect(others).toEqual([]);
  expect(seen).toContainEqual(expect.objectContaining({ type: 'eta_update', by: 'courier' }));
});

test('fixes are acknowledged at first, then after many, refused ones too', () => {
  const { intake, stream, sends, acknowledged } = city();
  intake.admit(stream);
  for (const fix of fixes(256)) sends([fix]);
  expect(acknowledged).toEqual([1]);
  sends([{ ...emptyFix(), sequence: 257 }]);
  expect(acknowledged).toEqual([1, 257]);
});

test('before the courier is known nothing is taken and nothing acknowledged', () => {
  const { intake, stream, sends, stored, acknowledged } = city();
  sends(fixes(2));
  sends(fixes(2, 3));
  expect([stored, acknowledged]).toEqual([[], []]);
  intake.admit(stream);
  expect([stored, acknowledged]).toEqual([[3, 4], [4]]);
});

test('a courier who was removed from the index gets a slot of its own again', () => {
  const { intake, stream, sends, slots, moved } = city();
  intake.admit(stream);
  slots.slot = 9;
  sends(fixes(1));
  expect(moved).toMatchObject([{ slot: 9 }]);
});

test('of fixes that are read together watchers see the newest', async () => {
  const { intake, stream, sends, seen } = city();
  intake.admit(stream);
  const [first, second] = fixes(2);
  for (const fix of [first, second]) sends([fix ?? emptyFix()]);
  await socketsAreRead();
  expect(positionsIn(seen)).toMatchObject([{ atMs: second?.atMs }]);
});

test('off duty nothing is stored or shown, from the moment when the courier says so', () => {
  const { intake, stream, sends, tracking, order, stored, moved, acknowledged } = city();
  tracking.courierWorks(courier, Number.POSITIVE_INFINITY);
  tracking.orderChanged({ ...order, state: 'DELIVERED' });
  intake.admit(stream);
  const send = (sequence: number) => sends(fixes(1, sequence));
  send(1);
  tracking.courierSays(courier, Number.NEGATIVE_INFINITY);
  send(2);
  tracking.courierSays(courier, nowMs - 1);
  send(3);
  expect([stored, moved.length]).toEqual([[1], 1]);
  // What the books say is older than what the courier has said.
  tracking.courierWorks(courier, Number.POSITIVE_INFINITY);
  send(4);
  // They are acknowledged all the same: nobody shall keep them and send them again.
  for (let again = 0; again < 253; again++) send(5);
  expect([stored, acknowledged]).toEqual([[1], [1, 5]]);
  tracking.orderChanged(order);
  send(6);
  expect(stored).toEqual([1, 6]);
});

test('an order that is over, or is given to somebody else, is not told of the courier any more', async () => {
  const { intake, stream, sends, tracking, order, seen } = city();
  intake.admit(stream);
  const move = async (sequence: number): Promise<number> => {
    sends(fixes(1, sequence));
    await socketsAreRead();
    return positionsIn(seen).length;
  };
  tracking.orderChanged({ ...order, courierId: 'k2' });
  expect(await move(1)).toBe(0);
  tracking.orderChanged(order);
  expect(await move(2)).toBe(1);
  sends(fixes(1, 3));
  tracking.orderChanged({ ...order, state: 'DELIVERED' });
  expect(await move(4)).toBe(1);
});

test('every fix of a backlog counts for where the courier has been, and each change is told once', async () => {
  const { intake, stream, sends, seen } = city();
  intake.admit(stream);
  sends(fixes(30));
  sends(fixes(30, 31));
  await socketsAreRead();
  const events = seen.filter((message) => message.type === 'courier_event');
  expect(events.map(({ event }) => event)).toEqual(['near_customer', 'arrived_customer']);
  expect(events).toMatchObject([
    { orderId: ORDER_ID, courierId: 'k1', atMs: fixes(1)[0]?.atMs },
    { atMs: fixes(7)[6]?.atMs },
  ]);
});

test('under overload watchers are told less often, and of the newest; history and the index miss nothing', async () => {
  let monotonicMs = 0;
  let everyMs = 5_000;
  const clock = { nowMs: () => systemClock.nowMs(), monotonicMs: () => monotonicMs };
  const { intake, stream, sends, stored, moved, seen } = city({
    clock,
    positionsEveryMs: () => everyMs,
  });
  intake.admit(stream);
  const sent = fixes(7);
  for (const fix of sent) {
    sends([fix]);
    await socketsAreRead();
    monotonicMs += 1_000;
  }
  expect(positionsIn(seen)).toMatchObject([{ atMs: sent[0]?.atMs }, { atMs: sent[5]?.atMs }]);
  expect([stored.length, moved.length]).toEqual([7, 7]);
  everyMs = 0;
  sends(fixes(1, 8));
  await socketsAreRead();
  expect(positionsIn(seen)).toHaveLength(3);
});

test('what is no frame is said to its source', () => {
  const { intake, stream, stored, refused } = city();
  intake.admit(stream);
  stream.frame(new Uint8Array([1, 1]).buffer);
  stream.frame(new ArrayBuffer(COURIER_FRAME_BYTES_MAX + 1));
  expect([refused, stored]).toEqual([['bad', 'too big'], []]);
});

/** At one moment, in which a courier has as many frames as it may send in a minute. */
const stopped = { nowMs: () => nowMs, monotonicMs: () => 1_000_000 };

test('too many frames are not looked at', () => {
  const { intake, stream, sends, stored, acknowledged, refused } = city({ clock: stopped });
  intake.admit(stream);
  for (let i = 1; i <= 303; i++) sends([quickFix(i)]);
  expect(refused).toEqual(['too many', 'too many', 'too many']);
  expect([stored.length, acknowledged]).toEqual([300, [1, 257]]);
});

test('nor are too many that come before the courier is known', () => {
  const { intake, stream, sends, stored, refused } = city({ clock: stopped });
  for (let i = 1; i <= 303; i++) sends([quickFix(i)]);
  expect(refused).toEqual(['too many', 'too many', 'too many']);
  intake.admit(stream);
  expect(stored).toEqual([300]);
});

test('without limits all of them are', () => {
  const { intake, stream, sends, stored, refused } = city({ clock: stopped, limits: 'off' });
  intake.admit(stream);
  for (let i = 1; i <= 400; i++) sends([quickFix(i)]);
  expect([stored.length, refused]).toEqual([400, []]);
});

test('a stream that has ended takes nothing, also when its courier is admitted after all', () => {
  const { intake, stream, sends, tracking, order, stored } = city();
  sends(fixes(1));
  tracking.orderChanged({ ...order, state: 'DELIVERED' });
  intake.close(stream);
  // Its row is this one's now.
  const other = intake.open({ ...stream.source, actor: { ...courier, subject: 'k2' } });
  expect(other.row).toBe(stream.row);
  intake.admit(stream);
  sends(fixes(1, 2));
  expect(intake.single(stream, fixes(1, 3)[0] ?? emptyFix())).toBe('unknown_courier');
  tracking.courierWorks(courier, Number.POSITIVE_INFINITY);
  expect(stored).toEqual([]);
  expect(tracking.rows.worksUntilMs(other.row)).toBeNaN();
});
