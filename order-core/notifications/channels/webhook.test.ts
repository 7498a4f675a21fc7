import { assert, integer, ipV4, ipV6, property } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../runtime/index.ts';
import { startListener } from '../../../testing/receivers.ts';
import { isPublicAddress } from './public-address.ts';
import { newWebhookSecret, signedHeaders } from './webhook-signature.ts';
import { safeTarget, type Resolve } from './webhook-target.ts';
import { WebhookChannel } from './webhook.ts';

let listener: Awaited<ReturnType<typeof startListener>>;
beforeAll(async () => {
  listener = await startListener();
});
afterAll(() => listener.stop());

const secret = newWebhookSecret();
const REFUSED = 'to a public address';
const parcel = (url: string) => ({ id: 'id-1', url, secret, body: '{}' });
const channelTo = (allowed: readonly string[], resolve?: Resolve): WebhookChannel =>
  new WebhookChannel({ clock: systemClock, allowed, ...(resolve && { resolve }) });

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.100.100.200',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:8.8.8.8',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fe80::1',
  'ff02::1',
  '2001::1',
  '2002:7f00:1::',
  '2001:db8::1',
  'localhost',
  '',
])('%s is no public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '172.32.0.1', '192.0.3.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
  '%s is one',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test('no spelling of an IPv4 address hides a private one', () => {
  const byte = integer({ min: 0, max: 255 });
  assert(
    property(byte, byte, byte, (b, c, d) => {
      const number = (10 * 256 ** 3 + b * 256 ** 2 + c * 256 + d) >>> 0;
      for (const host of [
        `10.${b}.${c}.${d}`,
        `0xa.${b}.${c}.${d}`,
        `012.${b}.${c * 256 + d}`,
        String(number),
        `0x${number.toString(16)}`,
        `[::ffff:10.${b}.${c}.${d}]`,
      ]) {
        expect(() => safeTarget(`https://${host}/`, [])).toThrow(REFUSED);
      }
    }),
  );
});

test('an address inside another one is no public one, and any text has an answer', () => {
  assert(property(ipV4(), (address) => !isPublicAddress(`::ffff:${address}`)));
  assert(property(ipV6(), (address) => typeof isPublicAddress(address) === 'boolean'));
});

test.each([
  'http://example.com/',
  'https://user:pass@example.com/',
  'https://127.0.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'ftp://example.com/',
  'no url',
])('a webhook does not go to %s', async (url) => {
  await expect(channelTo([]).send(parcel(url))).rejects.toMatchObject({
    code: 'webhook_target_refused',
    retryable: false,
  });
});

test('a host is allowed with its port, or with all of its ports, and no other', () => {
  expect(safeTarget('http://127.0.0.1:8000/x', ['127.0.0.1:8000']).pathname).toBe('/x');
  expect(safeTarget('http://hooks.internal:9/x', ['hooks.internal']).port).toBe('9');
  expect(safeTarget('http://hooks.internal/x', ['hooks.internal:80']).port).toBe('');
  expect(() => safeTarget('http://127.0.0.1:8001/x', ['127.0.0.1:8000'])).toThrow(REFUSED);
  expect(() => safeTarget('http://hooks.internal.example/x', ['hooks.internal'])).toThrow(REFUSED);
});

test('a public name that leads to us, at once or the second time, is not connected to', async () => {
  const answers = [
    [{ address: '10.0.0.1', family: 4 }],
    [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
  ];
  const channel = channelTo([], async () => await Promise.resolve(answers.shift() ?? []));
  for (let i = 0; i < 3; i++) {
    await expect(channel.send(parcel('https://rebind.example/'))).rejects.toMatchObject({
      code: 'webhook_target_refused',
    });
  }
  expect(listener.posts.all).toEqual([]);
});

test('the connection goes to what was looked at: the name is asked for once', async () => {
  let asked = 0;
  const channel = channelTo([`hooks.example:${listener.host.split(':')[1]}`], async () => {
    asked += 1;
    return await Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  });
  await channel.send(parcel(listener.url.replace('127.0.0.1', 'hooks.example')));
  expect(asked).toBe(1);
  expect(listener.posts.all).toHaveLength(1);
  channel.close();
});

test.each([
  [302, 'notification_refused', 0],
  [410, 'notification_refused', 0],
  [404, 'notification_failed', 0],
  [503, 'notification_failed', 7_000],
])('the answer %i counts as %s', async (status, code, retryAfterMs) => {
  const channel = channelTo([listener.host]);
  const headers = { Location: listener.url, 'Retry-After': '7' };
  listener.answers.push((r) => r.writeHead(status, headers).end('x'.repeat(100_000)));
  const sent = channel.send(parcel(listener.url));
  await expect(sent).rejects.toMatchObject({ code, ...(retryAfterMs > 0 && { retryAfterMs }) });
  channel.close();
});

test('an answer that never ends is a yes by its head', async () => {
  const channel = channelTo([listener.host]);
  listener.answers.push((r) => {
    r.writeHead(200);
    r.write('and so on');
  });
  await expect(channel.send(parcel(listener.url))).resolves.toBeUndefined();
  channel.close();
});

test('the signature is that of the Standard Webhooks specification', () => {
  const headers = signedHeaders(
    {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      body: '{"test": 2432232314}',
    },
    1_614_265_330_000,
  );
  expect(headers['Webhook-Signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});
