import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestCity } from '../../load-tests/scenarios/city.test-kit.ts';
import { BROWSER_TIMES, launchBrowser, Visitor } from './browser.test-kit.ts';

/** Coming in: the start page, signing in, staying signed in. */
vi.setConfig(BROWSER_TIMES);
let city: TestCity;
let browser: Browser;
beforeAll(async () => {
  [city, browser] = await Promise.all([TestCity.start(), launchBrowser()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), city.stop()]);
});

test('the start page leads to a page, which asks for a token, and keeps it where no script sees it', async () => {
  const anna = await Visitor.come(browser, city.url);
  await anna.goTo('/');
  await anna.page.getByRole('link', { name: 'Customer' }).click();
  await anna.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await anna.page.getByLabel('Access token').fill(await city.token('customer', 'anna'));
  await anna.page.getByRole('button', { name: 'Go on' }).click();
  await anna.page.getByRole('heading', { name: 'Soup House' }).first().waitFor();
  const seen = await anna.page.evaluate(() =>
    JSON.stringify([
      document.cookie,
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      location.href,
    ]),
  );
  expect(seen).not.toContain('eyJ');
  const [cookie] = await anna.context.cookies(`${city.url}/v1/session`);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/v1/session' });
  await anna.page.reload();
  await anna.page.getByRole('heading', { name: 'Soup House' }).first().waitFor();
  await anna.page.getByRole('button', { name: /^Sign out/ }).click();
  await anna.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await anna.context.cookies(`${city.url}/v1/session`)).toEqual([]);
  expect(await anna.leave()).toEqual([]);
});

test('a token of another role is for another page', async () => {
  const guest = await Visitor.come(browser, city.url);
  await guest.goTo('/track');
  await guest.page.getByLabel('Access token').fill(await city.token('courier', 'near'));
  await guest.page.getByRole('button', { name: 'Go on' }).click();
  await guest.page.getByText('This token is for another page.').waitFor();
  expect(await guest.context.cookies(`${city.url}/v1/session`)).toHaveLength(1);
  expect(await guest.leave()).toEqual([]);
});

test.each([
  ['light', 'en'],
  ['dark', 'en'],
  ['light', 'ar'],
  ['dark', 'de'],
] as const)('the start page in %s and %s is accessible', async (theme, language) => {
  const guest = await Visitor.come(browser, city.url);
  await guest.goTo('/');
  await guest.chooses(theme, language);
  await guest.page.getByRole('listitem').first().waitFor();
  expect(await guest.barriers()).toEqual([]);
  const { lang, dir } = await guest.page.evaluate(() => ({
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
  }));
  expect({ lang, dir }).toEqual({ lang: language, dir: language === 'ar' ? 'rtl' : 'ltr' });
  expect(await guest.leave()).toEqual([]);
});

test('at the machine of an engine with its own key one chooses whom to be', async () => {
  const own = await TestCity.start({ JWT_SECRET: '' }, 'own');
  const guest = await Visitor.come(browser, own.url);
  const { page } = guest;
  await guest.goTo('/restaurant');
  await page.getByRole('heading', { name: 'Who do you want to be?' }).waitFor();
  expect(await guest.barriers()).toEqual([]);
  await page.locator('select[name=subject]').selectOption('soup-house');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Nothing to do right now' }).waitFor();
  // The same browser may be a customer at the same time.
  await guest.goTo('/track');
  await page.getByLabel('Your name').fill('anna');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Restaurants' }).waitFor();
  const names = (await guest.context.cookies(`${own.url}/v1/session`)).map(({ name }) => name);
  expect(names.toSorted()).toEqual(['hexfleet_customer', 'hexfleet_restaurant']);
  expect(await guest.leave()).toEqual([]);
  await own.stop();
});
