import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { PageRole } from '../../protocol/index.ts';
import { fill } from './busy-city.ts';
import { launchBrowser, Visitor } from './browser.test-kit.ts';
import { away, DOOR, RESTAURANTS, SampleCity } from './sample-city.ts';

/** `npm run screenshots`: every page, in light and dark, on a phone and on a desk, into docs/pictures. */
const FOLDER = join(import.meta.dirname, '../../docs/pictures');

const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true };
const WALL = { viewport: { width: 1600, height: 950 } };
const TABLET = { viewport: { width: 1180, height: 820 } };

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly role: PageRole | null;
  readonly subject: string;
  readonly screen: typeof DESK;
  readonly language?: 'en' | 'de' | 'ar';
  /** What has to be seen before the picture is taken. */
  readonly shows: string;
  /** Done before, such as putting something into the basket. */
  readonly before?: (visitor: Visitor) => Promise<void>;
  /** Done when it is taken. */
  readonly after?: () => Promise<void>;
}

await main();

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const [city, browser] = await Promise.all([SampleCity.start(), launchBrowser()]);
  try {
    const orderId = await liveliness(city);
    for (const picture of picturesOf(orderId)) {
      for (const theme of ['light', 'dark'] as const) await take(browser, city, picture, theme);
    }
    for (const picture of courierPictures(city)) {
      for (const theme of ['light', 'dark'] as const) await take(browser, city, picture, theme);
    }
    // Her phone is gone: nobody shall wait for her answers.
    const mia = await city.courier('mia', RESTAURANTS[0].place);
    await mia.socket.send({ type: 'set_duty', onDuty: false });
    const stop = await fill(city);
    for (const picture of cityPictures()) {
      for (const theme of ['light', 'dark'] as const) await take(browser, city, picture, theme);
    }
    stop();
  } finally {
    await Promise.all([browser.close(), city.stop()]);
  }
}

/** An order on its way, and a kitchen with something to do. @returns the order on its way */
async function liveliness(city: SampleCity): Promise<string> {
  const [restaurant] = RESTAURANTS;
  const kitchen = await city.api('restaurant', restaurant.id);
  const accept = async (orderId: string): Promise<void> => {
    await city.isIn('PAID', orderId);
    await kitchen.command(orderId, { type: 'accept_order', preparationSeconds: 900 });
  };
  const start = away(restaurant.place, 30, -20);
  const courier = await city.courier('kim', start);
  const { orderId } = await city.order('anna');
  await accept(orderId);
  await courier.carries(orderId);
  for (const type of ['start_preparation', 'mark_ready'] as const) {
    await kitchen.command(orderId, { type });
  }
  await courier.socket.send({ type: 'pick_up', orderId });
  await courier.socket.send({ type: 'depart', orderId });
  await courier.rides(start, DOOR, 0.55);
  courier.stays();
  const other = await city.courier('lou', away(restaurant.place, -400, -300));
  const cooking = await city.order('bert', { reference: 'Table 4' });
  await accept(cooking.orderId);
  await kitchen.command(cooking.orderId, { type: 'start_preparation' });
  const ready = await city.order('cleo', { items: [{ itemId: 'noodles', quantity: 1 }] });
  await accept(ready.orderId);
  for (const type of ['start_preparation', 'mark_ready'] as const) {
    await kitchen.command(ready.orderId, { type });
  }
  await other.carries(ready.orderId);
  other.stays();
  await city.isIn('PAID', (await city.order('dora')).orderId);
  const tea = { items: [{ itemId: 'tea', quantity: 3 }] };
  await city.isIn('PAID', (await city.order('emil', tea)).orderId);
  return orderId;
}

function picturesOf(orderId: string): readonly Picture[] {
  const customer = { role: 'customer', subject: 'anna' } as const;
  const restaurant = { role: 'restaurant', subject: RESTAURANTS[0].id } as const;
  const menu = `/track#/restaurant/${RESTAURANTS[0].id}`;
  const order = {
    ...customer,
    path: `/track#/order/${orderId}`,
    shows: '.marker[data-kind=courier]',
  };
  const fill = async ({ page }: Visitor): Promise<void> => {
    for (const i of [0, 0, 1]) await page.locator('.stepper button:last-child').nth(i).click();
    await page.locator('input[name=address]').fill('Holzmarktstraße 25');
  };
  const start = { path: '/', role: null, subject: '', shows: '.start-choice' };
  const board = { ...restaurant, path: '/restaurant', shows: '.ticket' };
  const basket = { ...customer, path: menu, shows: '.door-map .marker', before: fill };
  return [
    { ...start, name: 'start-desk', screen: DESK },
    { ...start, name: 'start-phone', screen: PHONE },
    { ...customer, path: '/track', shows: '.restaurant-card', name: 'home-desk', screen: DESK },
    { ...basket, name: 'menu-desk', screen: DESK },
    { ...basket, name: 'menu-phone', screen: PHONE },
    { ...order, name: 'order-desk', screen: DESK },
    { ...order, name: 'order-phone', screen: PHONE },
    { ...order, name: 'order-phone-ar', screen: PHONE, language: 'ar' },
    { ...board, name: 'restaurant-tablet', screen: TABLET },
    { ...board, name: 'restaurant-tablet-ar', screen: TABLET, language: 'ar' },
    { ...board, name: 'restaurant-phone', screen: PHONE },
  ];
}

/** A courier who is asked, and one who is on the way. */
function courierPictures(city: SampleCity): readonly Picture[] {
  const [restaurant] = RESTAURANTS;
  const courier = { role: 'courier', subject: 'mia', path: '/courier' } as const;
  const asked = async ({ page, context }: Visitor): Promise<void> => {
    const { lat, lng } = away(restaurant.place, 40, 60);
    await context.grantPermissions(['geolocation']);
    await context.setGeolocation({ latitude: lat, longitude: lng, accuracy: 6 });
    const isOn = page.locator('.courier-duty .dot[data-on=true]');
    const goOn = page.locator('.courier-duty .button[data-kind=primary]:not([disabled])');
    await isOn.or(goOn).first().waitFor();
    if (await goOn.isVisible()) await goOn.click();
    await isOn.waitFor();
    // The engine knows where she is as soon as she does.
    await page.locator('.marker[data-kind=courier]').waitFor();
    const { orderId } = await city.order('finn');
    await city.isIn('PAID', orderId);
    const kitchen = await city.api('restaurant', restaurant.id);
    await kitchen.command(orderId, { type: 'accept_order', preparationSeconds: 420 });
    await page.locator('.courier-offer').waitFor();
  };
  const onTheWay = async (visitor: Visitor): Promise<void> => {
    await asked(visitor);
    await visitor.page.locator('.courier-answers .button[data-kind=primary]').click();
  };
  const done = async (): Promise<void> => {
    const operator = await city.api('operator', 'olga');
    const open = await operator.cityOrders(city.cityId, { search: 'finn' });
    for (const { orderId } of open) {
      await operator.command(orderId, { type: 'operator_cancel', why: 'the picture is taken' });
    }
  };
  const offer = { ...courier, shows: '.courier-offer', before: asked, after: done };
  const way = { ...courier, shows: '.courier-stop', before: onTheWay, after: done };
  return [
    { ...offer, name: 'courier-offer-phone', screen: PHONE },
    { ...offer, name: 'courier-offer-phone-ar', screen: PHONE, language: 'ar' },
    { ...way, name: 'courier-way-phone', screen: PHONE },
    { ...way, name: 'courier-way-desk', screen: DESK },
  ];
}

/** The control room at noon. */
function cityPictures(): readonly Picture[] {
  const operator = { role: 'operator', subject: 'olga' } as const;
  const heat = async ({ page }: Visitor): Promise<void> => {
    await page.locator('.city-map-tools .button').click();
  };
  const onOrder = async ({ page }: Visitor): Promise<void> => {
    await page.locator('.city-stage[data-stage=ready]').click();
    await page.locator('.city-row').first().click();
    await page.locator('.city-nearest li').first().waitFor();
  };
  const room = { ...operator, path: '/city', shows: '.city-row' };
  const settings = { ...operator, path: '/city#/settings', shows: '.city-corner' };
  return [
    { ...room, name: 'city-wall', screen: WALL, before: heat },
    { ...room, name: 'city-order-wall', screen: WALL, before: onOrder },
    { ...room, name: 'city-order-wall-ar', screen: WALL, before: onOrder, language: 'ar' },
    { ...room, name: 'city-phone', screen: PHONE },
    { ...settings, name: 'city-settings-wall', screen: WALL },
  ];
}

async function take(
  browser: Browser,
  city: SampleCity,
  picture: Picture,
  theme: 'light' | 'dark',
): Promise<void> {
  const { name, path, role, subject, screen, language = 'en', shows, before, after } = picture;
  const visitor = await Visitor.come(browser, city.url, screen);
  if (role !== null) await visitor.isSignedIn(city, role, subject);
  await visitor.goTo('/');
  await visitor.chooses(theme, language);
  await visitor.goTo(path);
  await before?.(visitor);
  await visitor.page.locator(shows).first().waitFor();
  // The map draws its ground when its worker has cut it to tiles.
  await visitor.page.waitForLoadState('networkidle');
  await visitor.drawn();
  await visitor.page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`) });
  const complaints = await visitor.leave();
  await after?.();
  if (complaints.length > 0) throw new Error(`${name}: ${complaints.join('\n')}`);
}
