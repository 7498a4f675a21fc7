import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryRecord } from '../../protocol/index.ts';
import type { CrashPoint } from '../../runtime/index.ts';
import { startListener, startMailServer } from '../../testing/receivers.ts';
import { TestCity } from './city.test-kit.ts';

/** Being told outside of the app, by a real engine that dies at the worst moments. */
const EMAIL = 'anna@example.com';
const SHOP = { type: 'reject_order', reason: 'closing' } as const;

let mail: Awaited<ReturnType<typeof startMailServer>>;
let listener: Awaited<ReturnType<typeof startListener>>;
let city: TestCity;
beforeAll(async () => {
  [mail, listener] = await Promise.all([startMailServer(), startListener()]);
  city = await TestCity.start({
    SMTP_URL: mail.url,
    SMTP_FROM: 'orders@hexfleet.example',
    WEBHOOK_ALLOWED_HOSTS: listener.host,
  });
});
afterAll(async () => {
  await city.stop();
  await Promise.all([mail.stop(), listener.stop()]);
});

/** An order that its restaurant does not take. */
async function rejected(): Promise<string> {
  const { orderId } = await city.order();
  await expect.poll(async () => (await city.view(orderId)).state).toBe('PAID');
  await (await city.api('restaurant', 'soup-house')).command(orderId, SHOP);
  return orderId;
}

async function log(orderId: string): Promise<readonly DeliveryRecord[]> {
  return await (await city.api('operator', 'olga')).deliveryLog(orderId);
}

async function allSent(orderId: string, count: number): Promise<void> {
  const states = async () => (await log(orderId)).map(({ state }) => state);
  await expect
    .poll(states, { timeout: 20_000 })
    .toEqual(Array.from({ length: count }, () => 'sent'));
}

test('each says for itself how to be told, and sees what the engine can do', async () => {
  const anna = await city.api('customer', 'anna');
  expect(await anna.notificationPreferences()).toMatchObject({ email: null, language: 'en' });
  await anna.putNotificationPreferences({ email: EMAIL, timeZone: 'Europe/Berlin' });
  expect(await anna.notificationPreferences()).toMatchObject({
    email: EMAIL,
    configured: { email: true, sms: false, push: false },
  });
  const bert = await city.api('customer', 'bert');
  expect((await bert.notificationPreferences()).email).toBeNull();
});

test.each([
  { email: 'anna' },
  { email: 'a@b.example\r\nBcc: c@d.example' },
  { phone: '030 123' },
  { timeZone: 'Europe/Atlantis' },
  { language: 'tlh' },
  { quietHours: { from: '22:00', until: '22:00' } },
  { channels: { order_eaten: ['email'] } },
  { push: { endpoint: 'http://push.example/', keys: { p256dh: 'a', auth: 'b' } } },
  { isAdmin: true },
])('preferences like %o are refused', async (wrong) => {
  const anna = await city.api('customer', 'anna');
  const said = anna.putNotificationPreferences(wrong as object);
  await expect(said).rejects.toMatchObject({ code: 'invalid_request' });
});

test('only restaurants and services have webhooks, only operators see the log', async () => {
  const anna = await city.api('customer', 'anna');
  const forbidden = { code: 'forbidden' };
  await expect(anna.putWebhookEndpoint({ url: listener.url })).rejects.toMatchObject(forbidden);
  await expect(anna.deliveryLog()).rejects.toMatchObject(forbidden);
  const shop = await city.api('restaurant', 'soup-house');
  await expect(shop.putWebhookEndpoint({ url: 'https://169.254.169.254/' })).rejects.toMatchObject({
    code: 'webhook_target_refused',
  });
});

test.each(['notification-claimed', 'notification-sent'] as const)(
  'killed at %s, the engine tells everybody, and nobody twice under two ids',
  async (point: CrashPoint) => {
    const anna = await city.api('customer', 'anna');
    await anna.putNotificationPreferences({ email: EMAIL });
    const partner = await city.api('service', 'partner');
    await partner.putWebhookEndpoint({ url: listener.url, kinds: ['order_cancelled'] });
    mail.mails.all.length = 0;
    listener.posts.all.length = 0;
    await city.engine.kill();
    await city.engine.restart({ CRASH_AT: point });
    const orderId = await rejected().catch(() => null);
    await city.engine.died(15_000);
    await city.engine.restart();
    const orders = await (await city.api('customer', 'anna')).orders();
    const told = orderId ?? orders[0]?.orderId ?? '';
    await allSent(told, 2);
    const mails = mail.mails.all.map(({ messageId }) => messageId.split('@')[0]);
    const posts = listener.posts.all.map(({ headers }) => headers['webhook-id']);
    const known = new Set((await log(told)).map(({ notificationId }) => notificationId));
    expect(new Set([...mails, ...posts])).toEqual(known);
    // Only what was on its way when it died came twice; what was sent and not marked must.
    const twice = mails.length + posts.length - known.size;
    const [least, most] = point === 'notification-sent' ? [1, 2] : [0, 1];
    expect(twice).toBeGreaterThanOrEqual(least);
    expect(twice).toBeLessThanOrEqual(most);
    expect(await city.broken()).toEqual([]);
  },
);

test('a mail server that is down loses nothing: mails wait, and go when it is back', async () => {
  const { port } = mail;
  await mail.stop();
  const orders = [await rejected(), await rejected()];
  const tries = async () =>
    (await Promise.all(orders.map(log)))
      .flat()
      .filter(({ channel }) => channel === 'email')
      .map(({ state, attempts }) => state === 'waiting' && attempts > 0);
  await expect.poll(tries, { timeout: 10_000 }).toEqual([true, true]);
  mail = await startMailServer(port);
  for (const orderId of orders) await allSent(orderId, 2);
  expect(new Set(mail.mails.all.map(({ messageId }) => messageId)).size).toBe(2);
  const engineLog = await readFile(city.logFile, 'utf8');
  expect(engineLog).toContain('notification not sent; will try again');
  expect(engineLog).not.toContain(EMAIL);
  expect(engineLog).not.toContain('Elm Street');
});
