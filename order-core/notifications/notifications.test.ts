import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId, systemClock, createLogger } from '../../runtime/index.ts';
import type { NotificationPreferences } from '../../protocol/index.ts';
import { notificationPreferencesSchema } from '../../protocol/index.ts';
import { actor, offerTo, place, startTestCore, type TestCore } from '../core.test-kit.ts';
import { discardDeadLetter, listDeadLetters, replayDeadLetter } from '../saga/dead-letters.ts';
import { SmtpChannel } from './channels/smtp.ts';
import { isSigned, startListener, startMailServer, type Answer } from '../../testing/receivers.ts';

/** For what waits in queues, on a machine that has other things to do. */
const SOON = { timeout: 20_000 };

const anna = actor('customer', 'anna');
const restaurant = actor('restaurant', 'r1');
const courier = actor('courier', 'k1');
const service = actor('service', 'partner');

let mail: Awaited<ReturnType<typeof startMailServer>>;
let listener: Awaited<ReturnType<typeof startListener>>;
let core: TestCore;
beforeAll(async () => {
  [mail, listener] = await Promise.all([startMailServer(), startListener()]);
  const log = createLogger('silent');
  const smtp = { url: mail.url, from: 'orders@hexfleet.example', clock: systemClock, log };
  const env = { WEBHOOK_ALLOWED_HOSTS: listener.host };
  core = await startTestCore(env, systemClock, { email: new SmtpChannel(smtp) });
});
beforeEach(async () => {
  mail.mails.all.length = 0;
  listener.posts.all.length = 0;
  await core.core.notifications.deleteWebhookEndpoint(restaurant);
  await core.core.notifications.deleteWebhookEndpoint(service);
  await prefer(anna, {});
  await prefer(courier, {});
});
afterAll(async () => {
  await core.stop();
  await Promise.all([mail.stop(), listener.stop()]);
});

async function prefer(who: typeof anna, said: Partial<NotificationPreferences>): Promise<void> {
  const preferences = notificationPreferencesSchema.parse(said);
  await core.core.notifications.putPreferences(who, preferences);
}

async function placed(): Promise<string> {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  return orderId;
}

async function rejected(): Promise<string> {
  const orderId = await placed();
  await core.core.execute({ type: 'reject_order', orderId, reason: 'closing' }, restaurant);
  return orderId;
}

async function delivered(): Promise<string> {
  const orderId = await placed();
  await core.core.execute({ type: 'accept_order', orderId, preparationSeconds: 0 }, restaurant);
  await core.core.execute({ type: 'start_preparation', orderId }, restaurant);
  await core.core.execute({ type: 'mark_ready', orderId }, restaurant);
  expect(await offerTo(core, orderId, 'k1')).toBe('reserved');
  const { data } = await core.event(orderId, 'order.offered');
  const offerId = String(data['offerId']);
  await core.core.execute({ type: 'accept_offer', orderId, offerId }, courier);
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await core.core.execute({ type, orderId }, courier);
  }
  return orderId;
}

async function log(orderId: string): Promise<string[]> {
  const records = await core.core.notifications.deliveryLog('c1', orderId);
  return records.map(({ kind, channel, state, reason }) =>
    [kind, channel, state, ...(reason === null ? [] : [reason])].join(' '),
  );
}

async function sql(text: string, values: readonly unknown[] = []): Promise<unknown[]> {
  return await core.database.query({ name: newId<string>(), text }, values);
}

test('a customer who gave an address reads in their own language why an order was cancelled', async () => {
  await prefer(anna, { email: 'anna@example.com', language: 'de' });
  const orderId = await rejected();
  const letter = await mail.mails.first(({ to }) => to === 'anna@example.com');
  expect(letter.source).toMatch(/^Subject: Ihre Bestellung wurde storniert/m);
  expect(letter.source).toContain('das Restaurant konnte sie nicht annehmen');
  expect(letter.source).toMatch(/^Auto-Submitted: auto-generated/m);
  await expect.poll(() => log(orderId), SOON).toEqual(['order_cancelled email sent']);
});

test('who gave no address is not told, and nothing is written for them', async () => {
  const orderId = await rejected();
  await settled();
  expect(await log(orderId)).toEqual([]);
});

async function settled(): Promise<void> {
  const waiting = `SELECT (SELECT count(*)::int FROM outbox) + (SELECT count(*)::int FROM consumer_inbox)
    + (SELECT count(*)::int FROM notifications WHERE state = 'waiting' AND due_at <= now()) AS n`;
  await expect.poll(() => sql(waiting), SOON).toEqual([{ n: 0 }]);
}

test('a channel that is not configured says so in the log, and not nothing', async () => {
  await prefer(anna, { phone: '+4930123456', channels: { order_cancelled: ['sms'] } });
  expect((await core.core.notifications.preferences(anna)).configured).toEqual({
    email: true,
    sms: false,
    push: false,
  });
  const orderId = await rejected();
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual(['order_cancelled sms skipped not_configured']);
});

test('what somebody turned off is not sent, also when it was already waiting', async () => {
  await prefer(anna, { email: 'anna@example.com', channels: { order_confirmed: [] } });
  const orderId = await delivered();
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual(expect.arrayContaining(['order_delivered email sent']));
  const lines = await log(orderId);
  expect(lines.filter((line) => line.startsWith('order_confirmed'))).toEqual([]);
  expect(lines).toContain('rating_reminder email waiting');
  await prefer(anna, { email: 'anna@example.com', channels: { rating_reminder: [] } });
  await sql(`UPDATE notifications SET due_at = now() WHERE kind = 'rating_reminder'`);
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual(expect.arrayContaining(['rating_reminder email skipped unwanted']));
});

test('low ones of one receiver go as one e-mail; one that a rating has overtaken stays behind', async () => {
  await prefer(anna, { email: 'anna@example.com', channels: { order_delivered: [] } });
  const orders = [await delivered(), await delivered(), await delivered()];
  await settled();
  const [rated = ''] = orders;
  await core.core.execute({ type: 'rate_order', orderId: rated, restaurantStars: 5 }, anna);
  mail.mails.all.length = 0;
  await sql(`UPDATE notifications SET due_at = now() WHERE state = 'waiting'`);
  const digest = await mail.mails.first(({ source }) => source.includes('2 messages'));
  expect(digest.source.match(/Would you like to rate it/g)).toHaveLength(2 * 2);
  expect(mail.mails.all).toHaveLength(1);
  expect(await log(rated)).toContain('rating_reminder email skipped overtaken');
});

test('a restaurant and a service account are told by webhooks, each signed with its own secret', async () => {
  const shop = await core.core.notifications.putWebhookEndpoint(restaurant, { url: listener.url });
  const partner = await core.core.notifications.putWebhookEndpoint(service, {
    url: `${listener.url}/partner`,
    kinds: ['order_cancelled'],
  });
  const orderId = await rejected();
  const told = await listener.posts.first(({ path }) => path === '/hooks');
  expect(isSigned(told, shop.secret)).toBe(true);
  expect(isSigned(told, partner.secret)).toBe(false);
  const message = JSON.parse(told.body) as Record<string, unknown>;
  expect(message).toMatchObject({ kind: 'order_received', orderId, restaurantId: 'r1' });
  expect(message['id']).toBe(told.headers['webhook-id']);
  expect(told.body).not.toContain('Elm Street');
  const other = await listener.posts.first(({ path }) => path === '/hooks/partner');
  expect(isSigned(other, partner.secret)).toBe(true);
  expect(JSON.parse(other.body)).toMatchObject({ kind: 'order_cancelled', orderId });
  await settled();
  // It rejected the order itself, so it does not hear that the order is gone.
  expect(listener.posts.all).toHaveLength(2);
});

test('a receiver that fails and then recovers gets it under the same id, signed anew', async () => {
  const { secret } = await core.core.notifications.putWebhookEndpoint(restaurant, {
    url: listener.url,
  });
  listener.answers.push(
    (response) => response.writeHead(500).end('broken'),
    (response) => response.socket?.destroy(),
  );
  const orderId = await placed();
  await expect.poll(() => log(orderId), SOON).toEqual(['order_received webhook sent']);
  const ids = listener.posts.all.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  expect(listener.posts.all.every((post) => isSigned(post, secret))).toBe(true);
});

test('a receiver that hangs holds up nobody else, and is asked again', async () => {
  await core.core.notifications.putWebhookEndpoint(restaurant, { url: listener.url });
  await prefer(anna, { email: 'anna@example.com' });
  listener.answers.push(() => undefined);
  const orderId = await placed();
  await listener.posts.first(() => true);
  await core.core.execute({ type: 'reject_order', orderId, reason: 'closing' }, restaurant);
  await mail.mails.first(({ to }) => to === 'anna@example.com');
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual(expect.arrayContaining(['order_received webhook sent']));
});

test('a redirect is a no for ever: a dead letter that a person replays or discards', async () => {
  await core.core.notifications.putWebhookEndpoint(restaurant, { url: listener.url });
  const elsewhere = { Location: `${listener.url}/elsewhere` };
  const redirect: Answer = (response) => response.writeHead(307, elsewhere).end();
  listener.answers.push(redirect, redirect);
  const orderId = await placed();
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual(['order_received webhook dead notification_refused {"status":307}']);
  expect(listener.posts.all.map(({ path }) => path)).toEqual(['/hooks']);
  const dead = async () =>
    (await listDeadLetters(core.database, { all: false, limit: 10 })).filter(
      (letter) => letter.orderId === orderId,
    );
  const [letter] = await dead();
  expect(letter).toMatchObject({ step: 'webhook:order_received', attempts: 1 });
  await replayDeadLetter(core.database, letter?.id ?? '', 'shell:tester');
  await expect.poll(() => listener.posts.all.length, SOON).toBe(2);
  await expect.poll(dead, SOON).toHaveLength(1);
  const decision = { by: 'shell:tester', why: 'told by phone' };
  await discardDeadLetter(core.database, letter?.id ?? '', decision);
  expect(await dead()).toEqual([]);
  const history = `SELECT action FROM audit_log WHERE subject = $1 ORDER BY at`;
  expect(await sql(history, [letter?.id])).toEqual([
    { action: 'dead_letter_replayed' },
    { action: 'dead_letter_discarded' },
  ]);
});

test('a mailbox that does not exist is given up at once, and its address is nowhere', async () => {
  await prefer(anna, { email: 'nobody@example.com' });
  Object.assign(mail.behaviour, { refuseWith: 550, refuseNext: 1 });
  const orderId = await rejected();
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual([expect.stringMatching(/^order_cancelled email dead notification_refused/)]);
  expect(JSON.stringify(await sql('SELECT * FROM notifications'))).not.toContain('nobody@');
});

test('a mailbox that is full now gets it later', async () => {
  await prefer(anna, { email: 'anna@example.com' });
  Object.assign(mail.behaviour, { refuseWith: 452, refuseNext: 1 });
  const orderId = await rejected();
  await expect.poll(() => log(orderId), SOON).toEqual(['order_cancelled email sent']);
  expect(mail.mails.all).toHaveLength(1);
});

test('R4: an event that is handed over again, and forgotten before, is told once', async () => {
  await prefer(anna, { email: 'anna@example.com' });
  const orderId = await rejected();
  await expect.poll(() => log(orderId), SOON).toEqual(['order_cancelled email sent']);
  await sql(`DELETE FROM consumer_positions WHERE consumer = 'notifications'`);
  const again = `INSERT INTO consumer_inbox (consumer, city_id, order_id, sequence)
    SELECT 'notifications', city_id, order_id, sequence FROM order_events WHERE order_id = $1`;
  await sql(again, [orderId]);
  await settled();
  expect(mail.mails.all.filter(({ to }) => to === 'anna@example.com')).toHaveLength(1);
});

test('an endpoint on a private address is refused when it is named', async () => {
  for (const url of [
    'https://127.0.0.1/x',
    'https://[::1]/',
    'http://example.com/',
    'https://10.1',
  ]) {
    await expect(
      core.core.notifications.putWebhookEndpoint(restaurant, { url }),
    ).rejects.toMatchObject({ code: 'webhook_target_refused' });
  }
});

test('an event that could not be taken in waits for a person, and is told when they say so', async () => {
  await prefer(anna, { email: 'anna@example.com' });
  await sql(
    `ALTER TABLE notifications ADD CONSTRAINT spoilt CHECK (kind <> 'order_cancelled') NOT VALID`,
  );
  const orderId = await rejected();
  const inbox = async () =>
    await sql(`UPDATE consumer_inbox SET attempts = 9, due_at = now()
      WHERE attempts BETWEEN 1 AND 8 RETURNING 1`);
  const dead = async () => {
    await inbox();
    const letters = await listDeadLetters(core.database, { all: false, limit: 10 });
    return letters.find((letter) => letter.orderId === orderId)?.id ?? '';
  };
  await expect.poll(dead, SOON).toMatch(/^inbox\//);
  await sql('ALTER TABLE notifications DROP CONSTRAINT spoilt');
  await replayDeadLetter(core.database, await dead(), 'shell:tester');
  await expect.poll(() => log(orderId), SOON).toEqual(['order_cancelled email sent']);
});

test('who fails too often is given up, and the reason is kept without the address', async () => {
  await prefer(anna, { email: 'anna@example.com' });
  Object.assign(mail.behaviour, { refuseWith: 452, refuseNext: 2 });
  const orderId = await rejected();
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual([expect.stringContaining('waiting notification_')]);
  await sql(`UPDATE notifications SET attempts = 19 WHERE order_id = $1`, [orderId]);
  await expect
    .poll(() => log(orderId), SOON)
    .toEqual([expect.stringMatching(/^order_cancelled email dead notification_failed.*452/)]);
  mail.behaviour.refuseNext = 0;
});
