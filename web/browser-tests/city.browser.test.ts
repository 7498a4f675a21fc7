import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  DOOR,
  RESTAURANT_PLACE,
  TestCity,
  type Person,
} from '../../load-tests/scenarios/city.test-kit.ts';
import type { OrderView } from '../../protocol/index.ts';
import { BROWSER_TIMES, launchBrowser, Visitor } from './browser.test-kit.ts';

/** The operator's console against a real engine. */
vi.setConfig(BROWSER_TIMES);
let city: TestCity;
let browser: Browser;
beforeAll(async () => {
  [city, browser] = await Promise.all([TestCity.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await city.stop();
});

let restaurant: Person;
beforeEach(async () => {
  await city.setDispatch({ strategy: 'nearest' });
  restaurant = await city.person('restaurant', 'soup-house');
  return async () => {
    city.empty();
    const operator = await city.api('operator', 'olga');
    const left = await operator.cityOrders('c1');
    await Promise.all(
      left.map(({ orderId }) =>
        operator.command(orderId, { type: 'operator_cancel', why: 'end of test' }),
      ),
    );
  };
});

async function controlRoom(): Promise<Visitor> {
  const who = await Visitor.come(browser, city.url, { viewport: { width: 1600, height: 950 } });
  await who.isSignedIn(city, 'operator', 'olga');
  await who.goTo('/city');
  await who.page.getByRole('region', { name: 'Live orders' }).waitFor();
  return who;
}

async function accepted(): Promise<OrderView> {
  const order = await city.order();
  await restaurant.hearsEvent(order.orderId, 'order.paid');
  const { orderId } = order;
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 900 });
  return order;
}

async function isAtWork(courierId: string, dLat = 0): Promise<Person> {
  const { lat, lng } = RESTAURANT_PLACE;
  return await city.courierAt(courierId, { lat: lat + dLat, lng });
}

test('an order is assigned by two clicks, also while somebody else is asked', async () => {
  const near = await isAtWork('near');
  const far = await isAtWork('far', 0.004);
  const order = await accepted();
  await near.hears('offer', ({ offer }) => offer.orderId === order.orderId);
  const who = await controlRoom();
  const { page } = who;
  await page.getByRole('button', { name: /Soup House/ }).click();
  const detail = page.getByRole('complementary', { name: 'Order' });
  await detail.getByText('Who was asked, and why').waitFor();
  await detail.getByRole('button', { name: /^far/ }).click();
  await page.getByText('far has the order now.').waitFor();
  await far.hearsEvent(order.orderId, 'order.assigned');
  await near.hears('offer_closed', ({ outcome }) => outcome === 'withdrawn');
  await detail.getByText('Chosen by hand.').waitFor();
  await detail.getByText('Withdrawn').waitFor();
  expect(await city.view(order.orderId)).toMatchObject({ courierId: 'far' });
  expect(await who.barriers()).toEqual([]);
  expect(await who.leave()).toEqual([]);
});

test('a courier is chosen on the map itself', async () => {
  const order = await accepted();
  const who = await controlRoom();
  const { page } = who;
  await who.drawn();
  await page.getByRole('button', { name: /Soup House/ }).click();
  await page.getByText('Click a courier, or choose one of the nearest').waitFor();
  // The map shows the restaurant and the door, so what is between them is in its middle.
  const { lat, lng } = RESTAURANT_PLACE;
  const middle = { lat: (lat + DOOR.lat) / 2, lng: (lng + DOOR.lng) / 2 };
  const far = await city.courierAt('far', middle);
  await page.getByRole('button', { name: /^far/ }).waitFor();
  const assigned = page.getByText('far has the order now.');
  const isAssignedAtClick = async (): Promise<boolean> => {
    await page.locator('.city-map canvas').click();
    return await assigned.isVisible();
  };
  // The map glides to what it shows, for as long as drawing takes here.
  await expect.poll(isAssignedAtClick, { timeout: 30_000, interval: 500 }).toBe(true);
  await far.hearsEvent(order.orderId, 'order.assigned');
  expect(await who.leave()).toEqual([]);
});

test('the board is searched by the keyboard, and an order is cancelled with a reason', async () => {
  const order = await accepted();
  const who = await controlRoom();
  const { page } = who;
  await page.getByRole('button', { name: /Soup House/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('nowhere');
  await page.getByText('No such orders now.').waitFor();
  await page.getByRole('searchbox').fill('elm street');
  await page.getByRole('button', { name: /Soup House/ }).focus();
  await page.keyboard.press('Enter');
  const detail = page.getByRole('complementary', { name: 'Order' });
  await detail.getByRole('button', { name: 'Cancel the order' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Why/).fill('the oven is broken');
  await dialog.getByRole('button', { name: 'Cancel the order' }).click();
  await detail.getByText('why the oven is broken').waitFor();
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });
  expect((await city.view(order.orderId)).cancelReason).toBe('operator');
  expect(await who.leave()).toEqual([]);
});

test('settings are changed after they were shown, and a zone that crosses itself is not taken', async () => {
  const who = await controlRoom();
  const { page } = who;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Strategy').selectOption('scored');
  await page.getByLabel('Farthest pickup, m').fill('4200');
  const corner = page.getByRole('button', { name: 'Corner 1', exact: true });
  await corner.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowUp');
  await page.getByRole('button', { name: 'Show what changes' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('nearest → scored').waitFor();
  await dialog.getByText('30000 → 4200').waitFor();
  await dialog.getByText(/^The zone changes/).waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. The city works by it now.').waitFor();
  const now = await (await city.api('operator', 'olga')).city('c1');
  expect(now.dispatch).toMatchObject({ strategy: 'scored', maxPickupDistanceMeters: 4_200 });
  expect(now.deliveryZone[0]?.outer[0]?.lat).toBeGreaterThan(52);
  expect(await who.barriers()).toEqual([]);
  expect(await who.leave()).toEqual([]);
});

test.each([
  ['light', 'en'],
  ['dark', 'en'],
  ['dark', 'ar'],
] as const)('in %s and %s the console is accessible', async (theme, language) => {
  await accepted();
  const who = await controlRoom();
  await who.chooses(theme, language);
  await who.page.locator('.city-row').first().click();
  await who.page.locator('.city-facts').waitFor();
  expect(await who.barriers()).toEqual([]);
  await who.page.locator('.city-tab').last().click();
  await who.page.locator('.city-corner').first().waitFor();
  expect(await who.barriers()).toEqual([]);
  expect(await who.leave()).toEqual([]);
});
