import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { CourierSlots } from './slots.ts';

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
  const slots = new CourierSlots(4);
  const reader = new Worker(new URL(`data:text/javascript,${encodeURIComponent(READER)}`), {
    workerData: slots.memory,
  });
  const answers: unknown[] = [];
  reader.once('message', (torn: number) => answers.push(torn));
  reader.once('error', (error) => answers.push(error));
  for (let n = 0; answers.length === 0; n++) {
    slots.write(0, { lat: n, lng: n, headingDegrees: n, speedMps: n, atMs: n });
    if (n % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answers).toEqual([0]);
});

test('flags and positions of a slot do not touch each other, nor other slots', () => {
  const slots = new CourierSlots(3);
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
