import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  RESTAURANT_PLACE,
  TestCity,
  type Person,
} from '../../load-tests/scenarios/city.test-kit.ts';
import { CutProxy } from '../../load-tests/reconnect/cut-proxy.ts';
import { required } from '../../runtime/index.ts';
import { BROWSER_TIMES, launchBrowser, Visitor } from './browser.test-kit.ts';

/** The customer's page against a real engine: everything that is done here is done by clicks. */
vi.setConfig(BROWSER_TIMES);
let city: TestCity;
let browser: Browser;
let restaurant: Person;
let courier: Person;
beforeAll(async () => {
  [city, browser] = await Promise.all([TestCity.start(), launchBrowser()]);
  restaurant = await city.person('restaurant', 'soup-house');
  courier = await city.courierAt('near', RESTAURANT_PLACE);
});
afterAll(async () => {
  await Promise.all([browser.close(), city.stop()]);
});

/** Somebody who has an order, and looks at it. */
async function orderByClicks(
  subject: string,
  url: string = city.url,
): Promise<{ who: Visitor; orderId: string }> {
  const who = await Visitor.come(browser, url);
  await who.isSignedIn(city, 'customer', subject);
  const { page } = who;
  await who.goTo('/track');
  await page.getByRole('link', { name: /Soup House.*Open/ }).click();
  await page.getByRole('button', { name: 'One more: Soup' }).click();
  await page.getByRole('button', { name: 'One more: Soup' }).click();
  await page.getByLabel('Address').fill('Elm Street 1');
  // (2 x 4.50 + 2.50) and 7 % of it.
  await page.getByRole('button', { name: 'Order for €12.31' }).click();
  await page.getByRole('heading', { name: 'Waiting for the restaurant to accept' }).waitFor();
  return { who, orderId: required(page.url().split('/').at(-1), 'the id in the address') };
}

/** Until the courier has it. */
async function carry(orderId: string): Promise<void> {
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  const { offer } = await courier.hears('offer', (heard) => heard.offer.orderId === orderId);
  await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
  for (const type of ['start_preparation', 'mark_ready'] as const) {
    await restaurant.socket.send({ type, orderId });
  }
  await courier.socket.send({ type: 'pick_up', orderId });
  await courier.socket.send({ type: 'depart', orderId });
}

async function markerAt(page: Page): Promise<string> {
  const style = await page.locator('.marker[data-kind="courier"]').getAttribute('style');
  return (
    /translate\([^)]*\)\s*translate\([^)]*\)|translate\([^)]*px[^)]*\)/.exec(style ?? '')?.[0] ?? ''
  );
}

test('from the click to the door: what happens is seen, the courier moves, and it is rated', async () => {
  const { who, orderId } = await orderByClicks('anna');
  const { page } = who;
  await carry(orderId);
  await page.getByRole('heading', { name: 'Your food is on its way' }).waitFor();
  courier.isAt({ lat: 52.5215, lng: 13.4015 });
  const marker = page.getByRole('img', { name: 'Courier' });
  await marker.waitFor();
  const before = await markerAt(page);
  // As fast as a bicycle may be: what is faster is no fix.
  let north = 52.5215;
  const ride = async (): Promise<string> => {
    north += 0.00005;
    courier.isAt({ lat: north, lng: 13.4015 }, { speedMps: 5 });
    return await markerAt(page);
  };
  await expect.poll(ride, { interval: 1_000, timeout: 20_000 }).not.toBe(before);
  await page.locator('.arrival').waitFor();
  await courier.socket.send({ type: 'deliver', orderId });
  await page.getByRole('heading', { name: 'Delivered. Enjoy!' }).waitFor();
  await expect(marker.count()).resolves.toBe(0);
  await page.getByRole('radio', { name: '5 stars' }).first().check({ force: true });
  await page.getByRole('radio', { name: '4 stars' }).last().check({ force: true });
  await page.getByLabel('Anything else?').fill('Thank you');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you!').waitFor();
  const { rating, dropoff } = await city.view(orderId);
  expect(rating).toEqual({ courierStars: 5, restaurantStars: 4, comment: 'Thank you' });
  expect(dropoff.address).toBe('Elm Street 1');
  await page.getByRole('link', { name: 'All restaurants' }).click();
  await page.getByRole('link', { name: /Soup House.*Delivered/ }).waitFor();
  expect(await who.leave()).toEqual([]);
});

test('before it is cancelled it is shown what comes back, and so it is', async () => {
  const { who, orderId } = await orderByClicks('bert');
  const { page } = who;
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  await page.getByRole('heading', { name: 'Your food is being cooked' }).waitFor();
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('€6.16').waitFor();
  await dialog.getByText('€6.15').waitFor();
  expect(await who.barriers()).toEqual([]);
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  expect((await city.view(orderId)).state).toBe('CONFIRMED');
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  await dialog.getByRole('button', { name: 'Cancel it' }).click();
  await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
  await page.getByText('You get back €6.16, and pay €6.15.').waitFor();
  await expect
    .poll(async () => (await city.view(orderId)).payment, { timeout: 10_000 })
    .toMatchObject({ state: 'captured', capturedMinor: 615 });
  expect(await who.leave()).toEqual([]);
});

test('a lost connection is said, and what happened meanwhile is there when it is back', async () => {
  const link = await CutProxy.start(Number(new URL(city.url).port));
  const { who, orderId } = await orderByClicks('cleo', link.url);
  const { page } = who;
  await restaurant.hearsEvent(orderId, 'order.paid');
  who.expectsLoss(true);
  link.cut();
  await page.getByText('Connection lost, trying again').waitFor();
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Waiting');
  link.heal();
  await page.getByText('Connected again').waitFor();
  await page.getByRole('heading', { name: 'Your food is being cooked' }).waitFor();
  await page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
  who.expectsLoss(false);
  await page.reload();
  await page.getByRole('heading', { name: 'Your food is being cooked' }).waitFor();
  expect(await who.leave()).toEqual([]);
  await link.stop();
});

test('a device that says it has no network is believed at once', async () => {
  const { who } = await orderByClicks('carl');
  who.expectsLoss(true);
  await who.context.setOffline(true);
  await who.page.getByText('Connection lost, trying again').waitFor();
  await who.context.setOffline(false);
  await who.page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
  expect(await who.leave()).toEqual([]);
});

test('an order that the restaurant rejects costs nothing, and says so', async () => {
  const { who, orderId } = await orderByClicks('dora');
  await restaurant.hearsEvent(orderId, 'order.paid');
  await restaurant.socket.send({ type: 'reject_order', orderId, reason: 'too_busy' });
  await who.page.getByText('The restaurant cannot take the order.').waitFor();
  await who.page.getByText('You pay nothing: €12.31 is released.').waitFor();
  expect(await who.leave()).toEqual([]);
});

test("somebody else's order is not there", async () => {
  const { orderId } = await city.order();
  const who = await Visitor.come(browser, city.url);
  await who.isSignedIn(city, 'customer', 'eve');
  await who.goTo(`/track#/order/${orderId}`);
  await who.page.getByText('There is no such thing, or it is not yours.').waitFor();
  expect((await who.leave()).every((complaint) => complaint.includes('404'))).toBe(true);
});

test.each([
  ['light', 'en'],
  ['dark', 'en'],
  ['light', 'ar'],
] as const)('menu and order in %s and %s are accessible', async (theme, language) => {
  const who = await Visitor.come(browser, city.url, { viewport: { width: 390, height: 844 } });
  await who.isSignedIn(city, 'customer', 'anna');
  await who.goTo('/track#/restaurant/soup-house');
  await who.chooses(theme, language);
  await who.page.locator('.stepper button').nth(1).click();
  await who.page.locator('.marker').waitFor();
  expect(await who.barriers()).toEqual([]);
  const { orderId } = await city.order();
  await who.goTo(`/track#/order/${orderId}`);
  await who.page.locator('.timeline').waitFor();
  await who.page.locator('.marker').first().waitFor();
  expect(await who.barriers()).toEqual([]);
  expect(await who.leave()).toEqual([]);
});
