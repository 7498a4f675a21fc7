import { expect, test } from 'vitest';
import { createLogger } from '../../../runtime/index.ts';
import { startMailServer } from '../../../testing/receivers.ts';
import { SmtpChannel } from './smtp.ts';

const PARCEL = {
  id: 'id-1',
  to: 'anna@example.com',
  subject: 'Grüße',
  text: 'a',
  html: '<p>a</p>',
};

/** A clock that stands until it is moved. */
function startChannel(url: string) {
  const clock = { ms: 0, nowMs: () => 0, monotonicMs: () => clock.ms };
  const log = createLogger('silent');
  const channel = new SmtpChannel({ url, from: 'orders@hexfleet.example', clock, log });
  return { channel, clock };
}

test('a message has the id of its parcel, and the same when it is sent again', async () => {
  const mail = await startMailServer();
  const { channel } = startChannel(mail.url);
  await channel.send(PARCEL);
  await channel.send(PARCEL);
  expect(mail.mails.all.map(({ messageId }) => messageId)).toEqual([
    'id-1@hexfleet.example',
    'id-1@hexfleet.example',
  ]);
  channel.close();
  await mail.stop();
});

test('a server that is away is left alone after five failures, and then tried with one', async () => {
  const mail = await startMailServer();
  const { channel, clock } = startChannel(mail.url);
  await mail.stop();
  for (let failures = 0; failures < 5; failures++) {
    expect(channel.room()).toBe(16);
    await expect(channel.send(PARCEL)).rejects.toMatchObject({ code: 'notification_failed' });
  }
  expect(channel.room()).toBe(0);
  clock.ms += 10_000;
  expect(channel.room()).toBe(1);
  channel.close();
});

test('addresses that are refused are no fault of the server', async () => {
  const mail = await startMailServer();
  Object.assign(mail.behaviour, { refuseWith: 550, refuseNext: 8 });
  const { channel } = startChannel(mail.url);
  for (let refusals = 0; refusals < 8; refusals++) {
    await expect(channel.send(PARCEL)).rejects.toMatchObject({ code: 'notification_refused' });
  }
  expect(channel.room()).toBe(16);
  channel.close();
  await mail.stop();
});

test('nothing personal goes to another machine without TLS', async () => {
  const mail = await startMailServer();
  // An address of this machine that is not known to be one.
  const { channel } = startChannel(mail.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'));
  await expect(channel.send(PARCEL)).rejects.toMatchObject({ code: 'notification_failed' });
  expect(mail.mails.all).toEqual([]);
  channel.close();
  await mail.stop();
});
