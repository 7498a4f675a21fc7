import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CouriersInArea } from '../../clients/ts/index.ts';
import { encodeFixes, type Fix } from '../../protocol/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { RESTAURANT_PLACE, TestCity } from '../scenarios/city.test-kit.ts';
import { metric, rawSocket } from '../scenarios/raw-socket.test-kit.ts';
import { orderCarriedBy, bringToDoor } from './attacks.test-kit.ts';

/** Positions that cannot be, at a real engine. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterEach(() => city.empty());
afterAll(() => city.stop());

const SOON = { timeout: 10_000 };
const AREA = { south: 52.5, west: 13.38, north: 52.54, east: 13.42 };

let sequence = 0;
function fix(facts: Partial<Fix> = {}): Fix {
  sequence += 1;
  const still = { speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };
  return { ...RESTAURANT_PLACE, ...still, sequence, atMs: systemClock.nowMs(), ...facts };
}

const counted = (outcome: string) => metric(city, `hexfleet_fixes_total{outcome="${outcome}"}`);

/** A courier of this name who begins to work here and now. */
async function working(courierId: string) {
  const { socket, heard } = await rawSocket(city, 'courier', courierId);
  let requests = 0;
  /** The code of the answer; `ok` when it was taken. */
  const say = async (message: object): Promise<string> => {
    const requestId = `${courierId} ${(requests += 1)}`;
    socket.send(JSON.stringify({ ...message, requestId }));
    const answered = () => heard.find((m) => 'requestId' in m && m.requestId === requestId);
    await expect.poll(answered, SOON).toBeDefined();
    const answer = answered();
    return answer?.type === 'error' ? JSON.stringify(answer.error) : 'ok';
  };
  expect(await say({ type: 'set_duty', onDuty: true })).toBe('ok');
  return { socket, say };
}

async function stored(courierId: string): Promise<number> {
  const [row] = await city.database.query<{ n: number }>(
    { name: 'stored', text: 'SELECT count(*)::int AS n FROM courier_fixes WHERE courier_id = $1' },
    [courierId],
  );
  return row?.n ?? 0;
}

const DAY_MS = 86_400_000;

test('what cannot be is dropped and counted by its reason, as frame and as JSON', async () => {
  const near = await working('near');
  const before = await stored('near');
  const first = fix();
  near.socket.send(encodeFixes([first]));
  await expect.poll(() => stored('near'), SOON).toBe(before + 1);
  const wrong: readonly (readonly [string, Partial<Fix>])[] = [
    ['out_of_range', { lat: 91 }],
    ['out_of_range', { lng: -181 }],
    ['null_island', { lat: 0, lng: 0 }],
    ['from_future', { atMs: systemClock.nowMs() + 61_000 }],
    ['from_future', { atMs: systemClock.nowMs() + DAY_MS }],
    ['stale', { atMs: systemClock.nowMs() - 301_000 }],
    ['stale', { atMs: 0 }],
    ['out_of_order', { atMs: first.atMs }],
    ['out_of_order', { atMs: first.atMs - 1_000 }],
    // Three that agree are believed, so these do not.
    ['too_fast', { lat: 52.6 }],
    ['too_fast', { lat: -52.6 }],
  ];
  for (const [reason, facts] of wrong) {
    const dropped = await counted(reason);
    near.socket.send(encodeFixes([fix(facts)]));
    await expect.poll(() => counted(reason), SOON).toBe(dropped + 1);
    const isSchemaRange = reason === 'out_of_range';
    const answer = await near.say({ type: 'fix', fix: fix(facts) });
    expect(answer).toContain(isSchemaRange ? 'invalid_request' : reason);
  }
  near.socket.send(encodeFixes([fix({ accuracyMeters: 77 })]));
  // Fixes are written in their order: what was dropped would be there by now.
  await expect.poll(() => stored('near'), SOON).toBe(before + 2);
  near.socket.close();
});

test('numbers that are none are no JSON, or no fix', async () => {
  const near = await working('near');
  const { socket, heard } = await rawSocket(city, 'courier', 'far');
  const text = JSON.stringify({ type: 'fix', requestId: 'r', fix: fix() });
  for (const number of [
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    '-1e999',
    '"52"',
    'null',
    '[52]',
  ]) {
    socket.send(text.replace(/"lat":[\d.]+/, `"lat":${number}`));
  }
  const codes = () => heard.flatMap((m) => (m.type === 'error' ? [m.error.code] : []));
  await expect.poll(() => codes().length, SOON).toBe(8);
  const is = (code: string, times: number) => Array.from({ length: times }, () => code);
  expect(codes()).toEqual([...is('invalid_json', 3), ...is('invalid_request', 5)]);
  for (const one of [near.socket, socket]) one.close();
});

test('a frame that is sent again changes nothing', async () => {
  const far = await working('far');
  const before = await stored('far');
  const frame = encodeFixes([fix({ atMs: systemClock.nowMs() - 2_000 })]);
  const again = await counted('out_of_order');
  for (let i = 0; i < 10; i++) far.socket.send(frame);
  await expect.poll(() => counted('out_of_order'), SOON).toBe(again + 9);
  far.socket.send(encodeFixes([fix()]));
  await expect.poll(() => stored('far'), SOON).toBe(before + 2);
  far.socket.close();
});

/** Where the map of an operator who begins to watch has this courier. */
async function latOnMap(courierId: string): Promise<number | undefined> {
  const olga = await city.person('operator', 'olga');
  await olga.socket.watchArea(AREA);
  const onMap = () => {
    const couriers = new CouriersInArea();
    for (const m of olga.messages) if (m.type === 'couriers_moved') couriers.apply(m);
    return couriers.all().get(courierId)?.lat;
  };
  await expect.poll(onMap, SOON).toBeDefined();
  olga.socket.close();
  return onMap();
}

test('no fix after the end of a shift is stored or shown, until what is carried is delivered', async () => {
  // Or it might be asked first, and nothing would happen until its offer lapses.
  await (await city.person('courier', 'far')).socket.send({ type: 'set_duty', onDuty: false });
  const [storedBefore, takenBefore] = [await stored('near'), await counted('taken')];
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const { orderId } = await orderCarriedBy(city, near);
  await near.socket.send({ type: 'set_duty', onDuty: false });
  const taken = await counted('taken');
  near.isAt(RESTAURANT_PLACE);
  await expect.poll(() => counted('taken'), SOON).toBe(taken + 1);
  await bringToDoor(city, near, orderId);
  await near.socket.send({ type: 'deliver', orderId });
  await expect.poll(() => metric(city, 'hexfleet_orders_carried'), SOON).toBe(0);

  const kept = storedBefore + (await counted('taken')) - takenBefore;
  await expect.poll(() => stored('near'), SOON).toBe(kept);
  const [place, off] = [await latOnMap('near'), await counted('off_duty')];
  for (let i = 1; i <= 3; i++) {
    near.isAt({ lat: RESTAURANT_PLACE.lat + 0.002 * i, lng: RESTAURANT_PLACE.lng });
  }
  await expect.poll(() => counted('off_duty'), SOON).toBe(off + 3);
  // A new connection knows it from the books.
  city.empty();
  const again = await city.person('courier', 'near');
  again.isAt({ lat: RESTAURANT_PLACE.lat + 0.01, lng: RESTAURANT_PLACE.lng });
  await expect.poll(() => counted('off_duty'), SOON).toBe(off + 4);

  // Another's is stored after these would have been.
  const farBefore = await stored('far');
  await city.courierAt('far', RESTAURANT_PLACE);
  await expect.poll(() => stored('far'), SOON).toBe(farBefore + 1);
  expect(await stored('near')).toBe(kept);
  expect(await latOnMap('near')).toBe(place);
});
