import { expect, test, vi } from 'vitest';
import { courierMemory, VERSION, WORDS } from './courier-memory.ts';
import { generationOf, STANDING_FLAG } from './courier-status.ts';
import { emptyPosition, inThread } from './courier.test-kit.ts';
import { CourierSlots } from './slots.ts';

const position = { lat: 1, lng: 2, headingDegrees: 3.25, speedMps: 4.5, atMs: 5 };

/** Each write has one number in all fields, so a reader that sees two has seen half a fix. */
const READER = `
  const slots = new CourierSlots(memory, 'reader');
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  let torn = 0;
  let last = -1;
  for (let changes = 0; changes < 20_000; ) {
    if (!slots.read(0, into)) continue;
    const { lat, lng, headingDegrees, speedMps, atMs } = into;
    const low = atMs % 600;
    if (lat !== atMs || lng !== atMs || headingDegrees !== low || speedMps !== low || atMs < last) {
      torn += 1;
    }
    if (atMs !== last) changes += 1;
    last = atMs;
  }
  parentPort.postMessage(torn);
`;

test('a reader in another thread never sees half a fix, nor an older one after a newer', async () => {
  const slots = new CourierSlots(courierMemory(4), 'writer');
  slots.take(0);
  const { answers } = inThread(READER, slots.memory);
  for (let n = 0; answers.length === 0; n++) {
    const low = n % 600;
    slots.write(0, { lat: n, lng: n, headingDegrees: low, speedMps: low, atMs: n });
    if (n % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answers).toEqual([0]);
});

/** Waits for a slot that its memory does not have at first. */
const FOLLOWER = `
  const slots = new CourierSlots(memory, 'reader');
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  parentPort.postMessage(slots.read(1_000, into));
  while (!slots.read(1_000, into));
  parentPort.postMessage(into);
`;

test('a reader in another thread follows memory that grows', async () => {
  const slots = new CourierSlots(courierMemory(1_500), 'writer');
  const { answers } = inThread(FOLLOWER, slots.memory);
  await vi.waitUntil(() => answers.length === 1, { timeout: 10_000 });
  for (let slot = 0; slot <= 1_000; slot++) slots.take(slot);
  slots.write(1_000, position);
  await vi.waitUntil(() => answers.length === 2, { timeout: 10_000 });
  expect(answers).toEqual([false, position]);
});

test('slots keep what they hold when there are more of them, and stop at the bound', () => {
  const slots = new CourierSlots(courierMemory(700), 'writer');
  const into = emptyPosition();
  slots.take(1);
  slots.write(1, position);
  for (let slot = 2; slot < 700; slot++) slots.take(slot);
  expect([slots.capacity, slots.used, slots.read(1, into)]).toEqual([700, 700, true]);
  expect(into).toEqual(position);
  expect(() => slots.take(700)).toThrow('no more couriers');
});

test('a reader gives up on a slot whose writer has died, and a second writer is found out', () => {
  const slots = new CourierSlots(courierMemory(1), 'writer');
  const reader = new CourierSlots(slots.memory, 'reader');
  slots.take(0);
  slots.write(0, position);
  Atomics.add(slots.words, VERSION, 1);
  expect(() => reader.read(0, emptyPosition())).toThrow('half written');
  expect(() => slots.write(0, position)).toThrow('one thread writes');
});

test('slots do not touch each other, and one that is cleared is another', () => {
  const slots = new CourierSlots(courierMemory(3), 'writer');
  const into = emptyPosition();
  slots.take(2);
  slots.write(1, position);
  expect([slots.read(0, into), slots.read(1, into), slots.read(2, into)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(slots.status(1)).toBe(STANDING_FLAG);
  slots.clear(1);
  expect([slots.read(1, into), generationOf(slots.status(1))]).toEqual([false, 1]);
  expect(slots.words.subarray(0, WORDS).every((word) => word === 0)).toBe(true);
});

test('heading and speed are kept to a hundredth, within what they can be', () => {
  const slots = new CourierSlots(courierMemory(1), 'writer');
  slots.take(0);
  const into = emptyPosition();
  slots.write(0, { ...position, headingDegrees: 359.994, speedMps: 9_999 });
  slots.read(0, into);
  expect(into).toMatchObject({ headingDegrees: 359.99, speedMps: 655.35 });
  slots.write(0, { ...position, headingDegrees: Number.NaN, speedMps: -1 });
  slots.read(0, into);
  expect(into).toMatchObject({ headingDegrees: 0, speedMps: 0 });
});
