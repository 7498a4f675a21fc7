import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestCity } from '../../load-tests/scenarios/city.test-kit.ts';
import { CutProxy } from '../../load-tests/reconnect/cut-proxy.ts';
import type { OrderView } from '../../protocol/index.ts';
import { BROWSER_TIMES, launchBrowser, Visitor } from './browser.test-kit.ts';

/** The restaurant's tablet against a real engine. */
vi.setConfig(BROWSER_TIMES);
let city: TestCity;
let browser: Browser;
beforeAll(async () => {
  [city, browser] = await Promise.all([TestCity.start(), launchBrowser()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), city.stop()]);
});

async function tablet(url: string = city.url): Promise<Visitor> {
  const who = await Visitor.come(browser, url, { viewport: { width: 1180, height: 820 } });
  await who.isSignedIn(city, 'restaurant', 'soup-house');
  await who.goTo('/restaurant');
  await who.page.getByRole('heading', { name: /^Nothing to do|^New/ }).waitFor();
  return who;
}

const nameOf = ({ orderId }: OrderView) => orderId.slice(-4).toUpperCase();

/** The order's card in a column. */
function card({ page }: Visitor, column: string, order: OrderView) {
  const heading = page.getByRole('heading', { name: nameOf(order), exact: true });
  return page.getByRole('region', { name: column }).getByRole('listitem').filter({ has: heading });
}

test('an order comes with a bell and a countdown, is accepted, cooked, late, and ready', async () => {
  const who = await tablet();
  const { page } = who;
  await page.getByRole('button', { name: 'Turn on the sound' }).click();
  await page.getByRole('button', { name: 'Sound is on' }).waitFor();
  const order = await city.order();
  const asked = card(who, 'New', order);
  await asked.getByText('Soup').waitFor();
  const clock = await asked.getByRole('timer').getAttribute('aria-label');
  expect(clock).toMatch(/^(5:00|4:5\d) left$/);
  await asked.getByRole('button', { name: 'Accept' }).click();
  expect(await who.barriers()).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: '20 minutes' }).click();
  const cooking = card(who, 'In the kitchen', order);
  await cooking.getByRole('button', { name: 'Start cooking' }).click();
  await cooking.getByRole('button', { name: 'It is ready' }).waitFor();
  const before = (await city.view(order.orderId)).readyAtMs ?? 0;
  await cooking.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '10 minutes' }).click();
  await expect
    .poll(async () => ((await city.view(order.orderId)).readyAtMs ?? 0) - before)
    .toBe(600_000);
  await cooking.getByRole('button', { name: 'It is ready' }).click();
  await card(who, 'Ready', order).waitFor();
  expect((await city.view(order.orderId)).state).toBe('READY');
  expect(await who.leave()).toEqual([]);
});

test('an order is rejected with a reason, and counts among the cancelled of the day', async () => {
  const who = await tablet();
  const order = await city.order();
  await card(who, 'New', order).getByRole('button', { name: 'Reject' }).click();
  await who.page.getByRole('dialog').getByRole('button', { name: 'Something is sold out' }).click();
  await card(who, 'New', order).waitFor({ state: 'detached' });
  const { cancelReason, timeline } = await city.view(order.orderId);
  expect(cancelReason).toBe('restaurant_rejected');
  expect(JSON.stringify(timeline)).toContain('out_of_stock');
  const cancelled = who.page.locator('.facts div', { hasText: 'Cancelled' }).locator('dd');
  await expect.poll(() => cancelled.textContent(), { timeout: 30_000 }).toBe('1');
  expect(await who.leave()).toEqual([]);
});

test('what came while the network was away is there when it is back, and after a reload', async () => {
  const link = await CutProxy.start(Number(new URL(city.url).port));
  const who = await tablet(link.url);
  const first = await city.order();
  await card(who, 'New', first).waitFor();
  who.expectsLoss(true);
  link.cut();
  await who.page.getByText('Connection lost, trying again').waitFor();
  const missed = await city.order();
  await expect.poll(async () => (await city.view(missed.orderId)).state).toBe('PAID');
  expect(await card(who, 'New', missed).count()).toBe(0);
  link.heal();
  await card(who, 'New', missed).waitFor();
  await card(who, 'New', first).waitFor();
  who.expectsLoss(false);
  await who.page.reload();
  await card(who, 'New', missed).waitFor();
  // The time to answer is that of the order, and not of the page.
  await card(who, 'New', missed).getByRole('timer').waitFor();
  expect(await who.leave()).toEqual([]);
  await link.stop();
});

test('an order that its customer cancels leaves the board, and that is said', async () => {
  const who = await tablet();
  const order = await city.order();
  await card(who, 'New', order).waitFor();
  const anna = await city.api('customer', 'anna');
  await anna.command(order.orderId, { type: 'cancel_order' });
  await who.page.getByText('An order was cancelled.').waitFor();
  await card(who, 'New', order).waitFor({ state: 'detached' });
  expect(await who.leave()).toEqual([]);
});

test('what is sold out cannot be ordered, until it is on the menu again', async () => {
  const who = await tablet();
  const { page } = who;
  const anna = await city.api('customer', 'anna');
  const soup = async () => (await anna.restaurant('soup-house')).menu[0]?.available;
  await page.getByRole('link', { name: 'Menu' }).click();
  await page.getByRole('button', { name: 'On the menu Soup' }).click();
  await page.getByRole('button', { name: 'Sold out Soup' }).waitFor();
  expect(await soup()).toBe(false);
  await page.getByRole('button', { name: 'Sold out Soup' }).click();
  await page.getByRole('button', { name: 'On the menu Soup' }).waitFor();
  expect(await soup()).toBe(true);
  expect(await who.leave()).toEqual([]);
});

test('a pause keeps new orders away, until it is over', async () => {
  const who = await tablet();
  const { page } = who;
  await page.getByRole('button', { name: 'Pause orders' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '30 minutes' }).click();
  await page.getByText(/^Paused until/).waitFor();
  await expect(city.order()).rejects.toMatchObject({ code: 'restaurant_closed' });
  await page.getByRole('button', { name: 'Take orders again' }).click();
  await page.getByRole('button', { name: 'Pause orders' }).waitFor();
  await expect(city.order()).resolves.toMatchObject({ state: 'PLACED' });
  expect(await who.leave()).toEqual([]);
});

test.each([
  ['light', 'en'],
  ['dark', 'en'],
  ['light', 'ar'],
] as const)('the board in %s and %s is accessible', async (theme, language) => {
  const who = await tablet();
  const order = await city.order();
  await who.chooses(theme, language);
  await who.page.getByRole('heading', { name: nameOf(order), exact: true }).waitFor();
  expect(await who.barriers()).toEqual([]);
  await who.goTo('/restaurant#/menu');
  await who.page.locator('.stock-list').waitFor();
  expect(await who.barriers()).toEqual([]);
  expect(await who.leave()).toEqual([]);
});
