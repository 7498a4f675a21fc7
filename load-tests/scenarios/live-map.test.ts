import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CouriersInArea } from '../../clients/ts/index.ts';
import type { Place } from '../../protocol/index.ts';
import { RESTAURANT_PLACE, TestCity, type Person } from './city.test-kit.ts';
import { SlowReader } from './slow-reader.test-kit.ts';

/** What operators see of the whole city, over the public sockets. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterEach(() => city.empty());
afterAll(() => city.stop());

const CENTER = { south: 52.5, west: 13.38, north: 52.54, east: 13.42 };
/** The map is told of once a second. */
const SOON = { timeout: 10_000 };
/** The area has more; each is counted when its reader is slow. */
const CELLS_MIN = 3;
const ELSEWHERE: Place = { lat: 52.9, lng: 13.9 };

/** An operator with a map of an area, kept from all that it hears. */
async function operatorAt(area: typeof CENTER, name = 'olga'): Promise<Operator> {
  const person = await city.person('operator', name);
  const couriers = new CouriersInArea();
  const begun = { at: 0 };
  const begins = (): void => {
    begun.at = person.messages.length;
  };
  await person.socket.watchArea(area, begins);
  const shows = (): string[] => {
    couriers.clear();
    for (const message of person.messages.slice(begun.at)) {
      if (message.type === 'couriers_moved') couriers.apply(message);
    }
    return [...couriers.all().keys()].toSorted();
  };
  const place = (courierId: string): Place | undefined => {
    shows();
    return couriers.all().get(courierId);
  };
  const watch = (next: typeof CENTER): Promise<void> => person.socket.watchArea(next, begins);
  return { person, shows, place, watch };
}

interface Operator {
  readonly person: Person;
  shows(): string[];
  place(courierId: string): Place | undefined;
  watch(area: typeof CENTER): Promise<void>;
}

/** Far enough for a jump, which three fixes confirm. */
function jumpsTo(courier: Person, place: Place): void {
  for (let i = 0; i < 3; i++) courier.isAt(place);
}

test('operators see couriers come, move, change and leave, each in its own area', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const olga = await operatorAt(CENTER);
  const otto = await operatorAt({ south: 52.89, west: 13.89, north: 52.91, east: 13.91 }, 'otto');
  await expect.poll(() => olga.shows(), SOON).toEqual(['near']);
  expect(otto.shows()).toEqual([]);
  const far = await city.courierAt('far', ELSEWHERE);
  await expect.poll(() => otto.shows(), SOON).toEqual(['far']);

  near.isAt({ lat: RESTAURANT_PLACE.lat + 0.0005, lng: RESTAURANT_PLACE.lng });
  await expect.poll(() => olga.place('near')?.lat, SOON).toBeGreaterThan(RESTAURANT_PLACE.lat);
  await near.socket.send({ type: 'set_duty', onDuty: false });
  await expect.poll(() => olga.place('near'), SOON).toMatchObject({ available: false });

  jumpsTo(far, RESTAURANT_PLACE);
  await expect.poll(() => olga.shows(), SOON).toEqual(['far', 'near']);
  await expect.poll(() => otto.shows(), SOON).toEqual([]);

  await otto.watch(CENTER);
  await expect.poll(() => otto.shows(), SOON).toEqual(['far', 'near']);
  await otto.person.socket.watchArea(null);
  const heard = otto.person.messages.length;
  jumpsTo(far, ELSEWHERE);
  await expect.poll(() => olga.shows(), SOON).toEqual(['near']);
  expect(otto.person.messages).toHaveLength(heard);
}, 60_000);

test('the answer comes before the area, and every cell begins with everybody', async () => {
  await city.courierAt('near', RESTAURANT_PLACE);
  const said = await SlowReader.open(city.url, await city.token('operator', 'raw'));
  said.say({ type: 'watch_area', area: CENTER });
  await expect.poll(() => said.text, SOON).toContain('"near"');
  const kinds = [...said.text.matchAll(/\{"type":"(\w+)"/g)].map(([, type]) => type);
  expect(kinds.slice(0, 3)).toEqual(['welcome', 'ok', 'couriers_moved']);
  const messages = [...said.text.matchAll(/"couriers_moved","cell":"(\w+)","full":(\w+)/g)];
  const cells = new Map(messages.toReversed().map(([, cell = '', full]) => [cell, full]));
  expect(cells.size).toBeGreaterThan(CELLS_MIN);
  expect([...cells.values()].every((full) => full === 'true')).toBe(true);
  said.close();
});

test('only operators watch areas, and none that is too large or upside down', async () => {
  const anna = await city.person('customer', 'anna');
  await expect(anna.socket.watchArea(CENTER)).rejects.toMatchObject({ code: 'forbidden' });
  const olga = await city.person('operator', 'olga');
  const country = { south: 48, west: 8, north: 54, east: 14 };
  await expect(olga.socket.watchArea(country)).rejects.toMatchObject({
    code: 'area_too_large',
    details: { cellsMax: 256 },
  });
  const upsideDown = { ...CENTER, south: CENTER.north, north: CENTER.south };
  await expect(olga.socket.watchArea(upsideDown)).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('heat counts couriers where they are and orders where they wait', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const other = await city.courierAt('far', ELSEWHERE);
  jumpsTo(other, ELSEWHERE);
  for (const { socket } of [near, other]) await socket.send({ type: 'set_duty', onDuty: false });
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 300 });
  const olga = await city.api('operator', 'olga');
  await expect
    .poll(async () => (await olga.heat('c1', 5)).cells.map(({ waiting }) => waiting), SOON)
    .toEqual([1, 0]);
  const heat = await olga.heat('c1');
  expect(heat).toMatchObject({ resolution: 8, isWhole: true });
  expect(heat.cells[0]).toMatchObject({ available: 0, busy: 1, waiting: 1 });

  await near.socket.send({ type: 'set_duty', onDuty: true });
  const { offer } = await near.hears('offer', (message) => message.offer.orderId === orderId);
  await near.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  await expect
    .poll(async () => (await olga.heat('c1')).cells.map(({ waiting }) => waiting), SOON)
    .toEqual([0, 0]);
  const far = await city.api('courier', 'far');
  await expect(far.heat('c1')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(olga.heat('c2')).rejects.toMatchObject({ code: 'not_found' });
  await expect(olga.heat('c1', 12)).rejects.toMatchObject({ code: 'invalid_request' });
  await olga.command(orderId, { type: 'operator_cancel', why: 'test' });
});

/** A figure of the engine; 0 while nothing was counted. */
async function counted(name: string): Promise<number> {
  const page = await (await fetch(`${city.engine.facts.opsUrl}/metrics`)).text();
  const line = page.split('\n').find((each) => each.startsWith(`hexfleet_${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

/** An order that this courier carries. */
async function carriedBy(courier: Person): Promise<string> {
  const restaurant = await city.person('restaurant', 'soup-house');
  const { orderId } = await city.order();
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 300 });
  const { offer } = await courier.hears('offer', (message) => message.offer.orderId === orderId);
  await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  return orderId;
}

const SENT = 'location_updates_total{outcome="sent"}';
const PUT_ASIDE = 'location_updates_total{outcome="conflated"}';
const ANSWERED = 'commands_total{type="subscribe",outcome="ok"}';
const HELD = 'live_map_messages_total{kind="held"}';
const FULL = 'live_map_messages_total{kind="full"}';
/** About 100 KB: more than makes a reader slow, and less than closes its socket. */
const SNAPSHOTS = 25;

test('a slow reader is kept no queue of the map, and gets everybody when it reads again', async () => {
  const near = await city.courierAt('near', RESTAURANT_PLACE);
  const orderId = await carriedBy(near);
  const reader = await SlowReader.open(city.url, await city.token('operator', 'slow'));
  reader.say({ type: 'watch_area', area: CENTER });
  await expect.poll(() => reader.text, SOON).toContain('"near"');
  reader.pause();
  // Snapshots fill what the system keeps for the reader, until positions of the order are put aside.
  while ((await counted(PUT_ASIDE)) === 0) {
    const answered = (await counted(ANSWERED)) + SNAPSHOTS;
    const topic = `order:${orderId}`;
    for (let i = 0; i < SNAPSHOTS; i++) reader.say({ type: 'subscribe', topic });
    await expect.poll(() => counted(ANSWERED), { interval: 5, timeout: 10_000 }).toBe(answered);
    const positions = (await counted(SENT)) + (await counted(PUT_ASIDE));
    near.isAt(RESTAURANT_PLACE);
    await expect
      .poll(async () => (await counted(SENT)) + (await counted(PUT_ASIDE)), {
        interval: 5,
        timeout: 10_000,
      })
      .toBeGreaterThan(positions);
  }
  const [held, full] = [await counted(HELD), await counted(FULL)];
  const moves = async (): Promise<number> => {
    near.isAt(RESTAURANT_PLACE);
    return await counted(HELD);
  };
  const manyTicks = { timeout: 10_000, interval: 200 };
  await expect.poll(moves, manyTicks).toBeGreaterThan(held + 3 * CELLS_MIN);
  expect(await counted(FULL)).toBe(full);

  reader.takeText();
  reader.resume();
  const ofNear = (): (string | undefined)[] =>
    [...reader.text.matchAll(/"full":(\w+),"couriers":\[\{"courierId":"near"/g)].map(
      ([, isFull]) => isFull,
    );
  await expect.poll(ofNear, SOON).toContain('true');
  expect(reader.isOpen).toBe(true);
  reader.close();
  const olga = await city.api('operator', 'olga');
  await olga.command(orderId, { type: 'operator_cancel', why: 'test' });
}, 60_000);
