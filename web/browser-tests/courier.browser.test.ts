import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  RESTAURANT_PLACE,
  TestCity,
  type Person,
} from '../../load-tests/scenarios/city.test-kit.ts';
import type { OrderView, Place } from '../../protocol/index.ts';
import { BROWSER_TIMES, launchBrowser, Visitor } from './browser.test-kit.ts';

/** A courier at work: asked, under way, at the door, and on a device that is not the newest. */
vi.setConfig(BROWSER_TIMES);
let city: TestCity;
let browser: Browser;
beforeAll(async () => {
  // In city seconds, so that nobody has to hurry, and what lapses does not lapse here.
  [city, browser] = await Promise.all([
    TestCity.start({ OFFER_SECONDS: '120', COURIER_SILENCE_SECONDS: '3600' }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await city.stop();
});

let restaurant: Person;
beforeEach(async () => {
  restaurant = await city.person('restaurant', 'soup-house');
  return () => city.empty();
});

let couriers = 0;
/** A courier whom nobody has met before. */
async function newCourier(): Promise<string> {
  couriers += 1;
  const courierId = `k${couriers}`;
  const courier = { name: courierId, vehicle: 'bicycle', capacity: 2 } as const;
  await (await city.api('service', 'setup')).putCourier('c1', courierId, courier);
  return courierId;
}

/** A courier with a phone of its own that knows where it is. */
async function courierWithPhone(courierId: string, { lat, lng }: Place): Promise<Visitor> {
  const courier = await Visitor.come(browser, city.url, {
    geolocation: { latitude: lat, longitude: lng, accuracy: 8 },
    permissions: ['geolocation'],
    viewport: { width: 390, height: 844 },
  });
  await courier.isSignedIn(city, 'courier', courierId);
  await courier.goTo('/courier');
  return courier;
}

async function goesOnDuty({ page }: Visitor): Promise<void> {
  await page.getByRole('button', { name: 'Go on duty' }).click();
  await page.getByRole('heading', { name: 'On duty' }).waitFor();
}

async function goesOffDuty({ page }: Visitor): Promise<void> {
  await page.getByRole('button', { name: 'Go off duty' }).click();
  await page.getByRole('heading', { name: 'Off duty', exact: true }).waitFor();
}

/** An order that a courier is wanted for. */
async function acceptedOrder(): Promise<OrderView> {
  const order = await city.order();
  const { orderId } = order;
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  return order;
}

async function cooked(orderId: string): Promise<void> {
  for (const type of ['start_preparation', 'mark_ready'] as const) {
    await restaurant.socket.send({ type, orderId });
  }
}

async function stateOf(orderId: string): Promise<string> {
  return (await city.view(orderId)).state;
}

test('a courier goes on duty, says no, says yes, picks up, and needs the right code at the door', async () => {
  await city.setTerms({ dispatch: { strategy: 'nearest' }, deliveryCode: true });
  const phone = await courierWithPhone(await newCourier(), RESTAURANT_PLACE);
  const { page } = phone;
  await goesOnDuty(phone);
  const first = await acceptedOrder();
  await page.getByRole('heading', { name: 'Soup House' }).waitFor();
  await page.getByRole('timer').waitFor();
  expect(await phone.barriers()).toEqual([]);
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.getByText('Waiting for the next offer').waitFor();
  const operator = await city.api('operator', 'olga');
  await operator.command(first.orderId, { type: 'operator_cancel', why: 'end of test' });

  const { orderId, deliveryCode } = await acceptedOrder();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText(/Ready in/).waitFor();
  await cooked(orderId);
  await page.getByRole('button', { name: 'I have the food' }).click();
  await page.getByRole('button', { name: 'I am on my way' }).click();
  await page.getByRole('heading', { name: 'Elm Street 1' }).waitFor();
  const code = String(deliveryCode);
  const wrong = code === '000000' ? '111111' : '000000';
  await page.getByLabel('Six digits from the customer').fill(wrong);
  await page.getByRole('button', { name: 'Delivered' }).click();
  await page.getByText('That is not the code. 4 tries left.').waitFor();
  expect(await stateOf(orderId)).toBe('OUT_FOR_DELIVERY');
  expect(await phone.barriers()).toEqual([]);
  await page.getByLabel('Six digits from the customer').fill(code);
  await page.getByRole('button', { name: 'Delivered' }).click();
  await page.getByText('Waiting for the next offer').waitFor();
  expect(await stateOf(orderId)).toBe('DELIVERED');

  await page.getByRole('link', { name: 'My days' }).click();
  await page.getByText('1 delivery').waitFor();
  await page.getByText('€2.50').first().waitFor();
  await page.getByRole('link', { name: 'Work' }).click();
  await goesOffDuty(phone);
  expect(await phone.leave()).toEqual([]);
});

/** Fixes that the engine has taken so far, of everybody. */
async function fixesTaken(): Promise<number> {
  const page = await (await fetch(`${city.engine.facts.opsUrl}/metrics`)).text();
  return Number(/^hexfleet_fixes_total\{outcome="taken"\} (\d+)/m.exec(page)?.[1] ?? 0);
}

test('where the courier goes is told, also after a while without a network', async () => {
  const courierId = await newCourier();
  const phone = await courierWithPhone(courierId, RESTAURANT_PLACE);
  const { page, context } = phone;
  await goesOnDuty(phone);
  const operator = await city.person('operator', 'olga');
  await operator.socket.watchArea({ south: 52.4, west: 13.3, north: 52.6, east: 13.5 });
  await operator.hears('couriers_moved', ({ couriers }) =>
    couriers.some((one) => one.courierId === courierId),
  );
  const before = await fixesTaken();
  phone.expectsLoss(true);
  await context.setOffline(true);
  await page.getByText('Connection lost, trying again').waitFor();
  // As far as a bicycle comes meanwhile: what is faster is no fix.
  const { lat, lng } = RESTAURANT_PLACE;
  let steps = 2;
  const rides = async (): Promise<void> => {
    const latitude = lat + steps * 0.000_1;
    await context.setGeolocation({ latitude, longitude: lng, accuracy: 8 });
    steps += 1;
  };
  await rides();
  await context.setOffline(false);
  await page.getByText('Connected again').waitFor();
  // A browser that was offline may miss the first places that its device is set to.
  const taken = async (): Promise<number> => {
    await rides();
    return await fixesTaken();
  };
  await expect.poll(taken, { interval: 1_500, timeout: 30_000 }).toBeGreaterThan(before);
  await goesOffDuty(phone);
  expect(await phone.leave()).toEqual([]);
});

test('two tabs of one courier: the newest has the work, the other says so and can take it back', async () => {
  const courierId = await newCourier();
  const phone = await courierWithPhone(courierId, RESTAURANT_PLACE);
  await goesOnDuty(phone);
  const other = await courierWithPhone(courierId, RESTAURANT_PLACE);
  await other.page.getByRole('heading', { name: 'On duty' }).waitFor();
  await phone.page.getByText('You are on duty on another device').waitFor();
  await phone.page.getByRole('button', { name: 'Go on here' }).click();
  await phone.page.getByRole('heading', { name: 'On duty' }).waitFor();
  await other.page.getByText('You are on duty on another device').waitFor();
  await goesOffDuty(phone);
  expect(await phone.leave()).toEqual([]);
  expect(await other.leave()).toEqual([]);
});

test('an order that is taken away is gone from the page', async () => {
  const phone = await courierWithPhone(await newCourier(), RESTAURANT_PLACE);
  const { page } = phone;
  await goesOnDuty(phone);
  const { orderId } = await acceptedOrder();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText(/Ready in/).waitFor();
  const operator = await city.api('operator', 'olga');
  await operator.command(orderId, { type: 'operator_cancel', why: 'flat tyre' });
  await page.getByText('Waiting for the next offer').waitFor();
  await goesOffDuty(phone);
  expect(await phone.leave()).toEqual([]);
});

test('the app can be installed, and opens without a network', async () => {
  const phone = await courierWithPhone(await newCourier(), RESTAURANT_PLACE);
  const { page } = phone;
  await page.getByRole('button', { name: 'Go on duty' }).waitFor();
  const link = await page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await page.evaluate(
    async (href) => (await (await fetch(href)).json()) as { icons: { src: string }[] },
    String(link),
  );
  const statuses = await page.evaluate(
    async (paths) => await Promise.all(paths.map(async (path) => (await fetch(path)).status)),
    manifest.icons.map(({ src }) => src),
  );
  expect(statuses).toEqual([200, 200, 200, 200]);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  phone.expectsLoss(true);
  await phone.context.setOffline(true);
  await page.reload();
  await page.getByText('The engine cannot be reached.').waitFor();
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const found = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return found.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept.filter((path) => path.startsWith('/v1'))).toEqual([]);
  await phone.context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Go on duty' }).waitFor();
  expect(await phone.leave()).toEqual([]);
});

test.each([
  ['light', 'en'],
  ['dark', 'en'],
  ['dark', 'ar'],
] as const)('in %s and %s the courier app is accessible', async (theme, language) => {
  const phone = await courierWithPhone(await newCourier(), RESTAURANT_PLACE);
  await phone.page.locator('.courier-duty button').waitFor();
  await phone.chooses(theme, language);
  await phone.page.locator('.courier-duty button:not([disabled])').waitFor();
  expect(await phone.barriers()).toEqual([]);
  await phone.page.locator('.courier-tab').last().click();
  await phone.page.locator('.state').waitFor();
  expect(await phone.barriers()).toEqual([]);
  expect(await phone.leave()).toEqual([]);
});
