import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RESTAURANT_PLACE, TestCity } from '../../load-tests/scenarios/city.test-kit.ts';
import type { PageRole } from '../../protocol/index.ts';
import { BROWSER_TIMES, launchBrowser, Visitor } from './browser.test-kit.ts';

/** Four people at four pages, and nobody else: an order goes from the click to the door. */
vi.setConfig(BROWSER_TIMES);
let city: TestCity;
let browser: Browser;
beforeAll(async () => {
  // Nobody has to hurry here: what lapses has tests of its own.
  [city, browser] = await Promise.all([TestCity.start({ OFFER_SECONDS: '120' }), launchBrowser()]);
  await city.setTerms({ dispatch: { strategy: 'scored', epochSeconds: 1 }, deliveryCode: true });
});
afterAll(async () => {
  await Promise.all([browser.close(), city.stop()]);
});

async function somebody(
  role: PageRole,
  subject: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const who = await Visitor.come(browser, city.url, options);
  await who.isSignedIn(city, role, subject);
  await who.goTo(path);
  return who;
}

test('an order goes from the click to the door by clicks alone, and the operator sees why', async () => {
  const { lat, lng } = RESTAURANT_PLACE;
  const [anna, kitchen, courier, olga] = await Promise.all([
    somebody('customer', 'anna', '/track'),
    somebody('restaurant', 'soup-house', '/restaurant'),
    somebody('courier', 'near', '/courier', {
      geolocation: { latitude: lat, longitude: lng, accuracy: 8 },
      permissions: ['geolocation'],
      viewport: { width: 390, height: 844 },
    }),
    somebody('operator', 'olga', '/city', { viewport: { width: 1600, height: 950 } }),
  ]);
  await courier.page.getByRole('button', { name: 'Go on duty' }).click();
  await courier.page.getByText('Waiting for the next offer').waitFor();

  await anna.page.getByRole('link', { name: /Soup House.*Open/ }).click();
  await anna.page.getByRole('button', { name: 'One more: Soup' }).click();
  await anna.page.getByLabel('Address').fill('Elm Street 1');
  await anna.page.getByRole('button', { name: /^Order for/ }).click();
  await anna.page.getByRole('heading', { name: /^Waiting for the restaurant/ }).waitFor();

  await kitchen.page.getByRole('button', { name: 'Accept' }).click();
  await kitchen.page.getByRole('dialog').getByRole('button', { name: '20 minutes' }).click();
  await courier.page.getByRole('button', { name: 'Accept' }).click();
  await courier.page.getByText(/Ready in/).waitFor();

  await olga.page.getByRole('button', { name: /Soup House/ }).click();
  const detail = olga.page.getByRole('complementary', { name: 'Order' });
  await detail.getByText(/^By the planner, scored, round/).waitFor();

  await kitchen.page.getByRole('button', { name: 'Start cooking' }).click();
  await kitchen.page.getByRole('button', { name: 'It is ready' }).click();
  await courier.page.getByRole('button', { name: 'I have the food' }).click();
  await courier.page.getByRole('button', { name: 'I am on my way' }).click();
  await anna.page.getByRole('heading', { name: 'Your food is on its way' }).waitFor();
  const code = /\d{6}/.exec((await anna.page.locator('main').textContent()) ?? '')?.[0] ?? '';
  await courier.page.getByLabel('Six digits from the customer').fill(code);
  await courier.page.getByRole('button', { name: 'Delivered' }).click();
  await anna.page.getByRole('heading', { name: 'Delivered. Enjoy!' }).waitFor();
  await courier.page.getByText('Waiting for the next offer').waitFor();
  await detail.getByText('out for delivery', { exact: true }).waitFor();
  await detail.getByText('delivered', { exact: true }).waitFor();
  await olga.page.getByText('No such orders now.').waitFor();
  for (const who of [anna, kitchen, courier, olga]) expect(await who.leave()).toEqual([]);
});
