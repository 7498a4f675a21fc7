import { expect, test } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { CourierIndex } from './courier-index.ts';
import { inThread } from './courier.test-kit.ts';

const COURIERS = 400;
/** Beyond the bound of the first memory, so that it grows while it is read. */
const LATE_COURIERS = 600;

/**
 * Couriers whose slot is even are available and stand within 0.3 degrees all the time; of each fix the
 * longitude follows from the latitude. First while the writer moves them, then while it rests.
 */
const SEARCHER = `
  const reader = new CourierReader(memory);
  const place = { lat: 52.5, lng: 13.5 };
  const into = { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
  const wrong = [];
  const check = (isRight, what) => { if (!isRight && wrong.length < 10) wrong.push(what); };
  const isSorted = (hits) => hits.every((hit, i) => i === 0 || hits[i - 1].meters <= hit.meters);
  const options = { maxMeters: 100_000, availableOnly: true };
  for (let run = 0; run < 300 || reader.counts.disturbed < 20; run++) {
    const all = reader.within(place, options);
    const seen = new Set(all.map(({ slot }) => slot));
    check(seen.size === all.length, 'somebody twice');
    for (let slot = 0; slot < ${COURIERS}; slot += 2) check(seen.has(slot), 'without ' + slot);
    check(all.every(({ slot }) => slot % 2 === 0), 'somebody busy');
    const nearest = reader.nearest(place, 10, options);
    check(nearest.length === 10 && isSorted(nearest), 'not ten, or not sorted');
    for (let slot = 0; slot < ${COURIERS}; slot++) {
      check(reader.read(slot, into) && into.lng === into.lat - 39, 'half a fix');
    }
  }
  parentPort.postMessage('rest');
  parentPort.once('message', () => {
    const brute = [];
    for (let slot = 0; reader.read(slot, into); slot++) {
      const sin = (degrees) => Math.sin((degrees * Math.PI) / 360) ** 2;
      const cos = (degrees) => Math.cos((degrees * Math.PI) / 180);
      const chord = sin(into.lat - place.lat) +
        cos(place.lat) * cos(into.lat) * sin(into.lng - place.lng);
      brute.push({ slot, meters: 2 * 6_371_008.8 * Math.asin(Math.sqrt(chord)) });
    }
    brute.sort((a, b) => a.meters - b.meters);
    const found = reader.nearest(place, 50, { maxMeters: 100_000 });
    check(brute.length === ${COURIERS + LATE_COURIERS}, 'not everybody');
    check(found.length === 50, 'not fifty');
    found.forEach(({ slot, meters }, i) => {
      const isEqual = Math.abs(meters - brute[i].meters) < 1e-6;
      check(slot === brute[i].slot && isEqual, 'not as by brute force');
    });
    parentPort.postMessage(wrong);
    parentPort.close();
  });
`;

test('threads that search while couriers move see everybody once, and equal brute force at rest', async () => {
  const index = new CourierIndex();
  const random = seededRandom(7);
  const move = (i: number): void => {
    const lat = 52.2 + random.next() * 0.6;
    index.move(`k${i}`, { lat, lng: lat - 39, headingDegrees: 0, speedMps: 0, atMs: 1 });
  };
  for (let i = 0; i < COURIERS; i++) {
    move(i);
    index.setAvailable(`k${i}`, i % 2 === 0);
  }
  const threads = [inThread(SEARCHER, index.memory), inThread(SEARCHER, index.memory)];
  let couriers = COURIERS;
  for (let n = 0; threads.some(({ answers }) => answers.length === 0); n++) {
    move(n % couriers);
    if (n % 1_000 !== 0) continue;
    if (couriers < COURIERS + LATE_COURIERS) {
      move(couriers);
      index.setAvailable(`k${couriers}`, couriers % 2 === 0);
      couriers += 1;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (; couriers < COURIERS + LATE_COURIERS; couriers++) move(couriers);
  for (const { answers, thread } of threads) {
    expect(answers).toEqual(['rest']);
    const rested = new Promise((resolve) => thread.once('message', resolve));
    thread.postMessage('rest');
    expect(await rested).toEqual([]);
  }
});
