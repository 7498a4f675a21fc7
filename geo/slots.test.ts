import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { CourierSlots, slotMemory } from './slots.ts';

/** So many different fixes the reader has to see. */
const SEEN = 20_000;

/** Each write has one number in every field, so a reader that sees two has seen half a fix. */
const READER = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { CourierSlots } from ${JSON.stringify(new URL('slots.ts', import.meta.url).href)};
  const slots = new CourierSlots(workerData);
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  let torn = 0;
  let last = -1;
  for (let changes = 0; changes < ${SEEN}; ) {
    if (!slots.read(0, into)) continue;
    const { lat, lng, headingDegrees, speedMps, atMs } = into;
    if (new Set([lat, lng, headingDegrees, speedMps, atMs]).size !== 1 || atMs < last) torn += 1;
    if (atMs !== last) changes += 1;
    last = atMs;
  }
  parentPort.postMessage(torn);
`;

test('a reader in another thread never sees half a fix, nor an older one after a newer', async () => {
  const slots = new CourierSlots(slotMemory(4, 4));
  const answers = readerIn(READER, slots);
  for (let n = 0; answers.length === 0; n++) {
    slots.write(0, { lat: n, lng: n, headingDegrees: n, speedMps: n, atMs: n });
    if (n % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answers).toEqual([0]);
});

/** Waits for a slot that its memory does not have at first. */
const FOLLOWER = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { CourierSlots } from ${JSON.stringify(new URL('slots.ts', import.meta.url).href)};
  const slots = new CourierSlots(workerData);
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  const before = slots.read(100, into);
  parentPort.postMessage(before);
  while (!slots.read(100, into));
  parentPort.postMessage(into);
`;

test('a reader in another thread follows memory that grows', async () => {
  const slots = new CourierSlots(slotMemory(4, 150));
  const answers = readerIn(FOLLOWER, slots);
  await vi.waitUntil(() => answers.length === 1, { timeout: 10_000 });
  while (slots.capacity <= 100) slots.grow();
  const position = { lat: 1, lng: 2, headingDegrees: 3, speedMps: 4, atMs: 5 };
  slots.write(100, position);
  await vi.waitUntil(() => answers.length === 2, { timeout: 10_000 });
  expect(answers).toEqual([false, position]);
});

test('slots keep what they hold when there are more of them, and stop at the bound', () => {
  const slots = new CourierSlots(slotMemory(2, 5));
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  const position = { lat: 1, lng: 2, headingDegrees: 3, speedMps: 4, atMs: 5 };
  slots.write(1, position);
  slots.setAvailable(1, true);
  slots.grow();
  slots.grow();
  expect([slots.capacity, slots.read(1, into), slots.isAvailable(1)]).toEqual([5, true, true]);
  expect(into).toEqual(position);
  expect(() => slots.grow()).toThrow('bound');
});

test('a reader gives up on a slot whose writer has died, and a second writer is found out', () => {
  const slots = new CourierSlots(slotMemory(1, 1));
  const position = { lat: 1, lng: 2, headingDegrees: 3, speedMps: 4, atMs: 5 };
  slots.write(0, position);
  Atomics.add(new Int32Array(slots.memory.versions), 0, 1);
  expect(() => slots.read(0, { ...position })).toThrow('half written');
  expect(() => slots.write(0, position)).toThrow('one thread writes');
});

test('flags and positions of a slot do not touch each other, nor other slots', () => {
  const slots = new CourierSlots(slotMemory(3, 3));
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  slots.setAvailable(1, true);
  expect([slots.isPresent(1), slots.isAvailable(1), slots.isAvailable(2)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(slots.read(1, into)).toBe(false);
  slots.write(1, { lat: 1, lng: 2, headingDegrees: 3, speedMps: 4, atMs: 5 });
  expect(slots.read(1, into)).toBe(true);
  expect(into).toEqual({ lat: 1, lng: 2, headingDegrees: 3, speedMps: 4, atMs: 5 });
  slots.clear(1);
  expect([slots.isPresent(1), slots.isAvailable(1)]).toEqual([false, false]);
});

/** What a thread that runs `source` with the slots' memory says, as it comes in. */
function readerIn(source: string, slots: CourierSlots): unknown[] {
  const answers: unknown[] = [];
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const reader = new Worker(url, { workerData: slots.memory });
  reader.on('message', (answer: unknown) => answers.push(answer));
  reader.once('error', (error) => answers.push(error));
  return answers;
}
