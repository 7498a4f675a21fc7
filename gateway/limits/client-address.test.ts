import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TrustedProxies } from './client-address.ts';

const proxies = new TrustedProxies('10.0.0.0/8, 192.0.2.7, fd00::/8');

test.each([
  ['nobody is trusted', '', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['the peer is no proxy of ours', '10.0.0.0/8', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['the loopback address is no exception', '', '127.0.0.1', '198.51.100.1', '127.0.0.1'],
])('X-Forwarded-For is not believed where %s', (...row) => {
  const [, trusted, peer, header, client] = row;
  expect(new TrustedProxies(trusted).clientOf(peer, header)).toBe(client);
});

test.each([
  ['one proxy', '10.1.1.1', '198.51.100.1', '198.51.100.1'],
  ['two proxies', '10.1.1.1', '198.51.100.1, 192.0.2.7', '198.51.100.1'],
  ['an invention of the client', '10.1.1.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['a proxy that the client invents', '10.1.1.1', '10.9.9.9, 198.51.100.1', '198.51.100.1'],
  ['only proxies', '10.1.1.1', '10.2.2.2', '10.2.2.2'],
  ['no header', '10.1.1.1', '', '10.1.1.1'],
  ['no address', '10.1.1.1', 'unknown', '10.1.1.1'],
  ['nonsense before an address', '10.1.1.1', "198.51.100.1, ' OR 1=1", '10.1.1.1'],
  ['a proxy that is written as IPv6', '::ffff:10.1.1.1', '198.51.100.1', '198.51.100.1'],
  ['an IPv6 proxy', 'fd12::1', '[2001:db8::1]', '2001:db8:0:0::/64'],
])('behind %s the client is the last address that no proxy of ours has', (...row) => {
  const [, peer, header, client] = row;
  expect(proxies.clientOf(peer, header)).toBe(client);
});

test('all spellings of an address are one, and an IPv6 network is one client', () => {
  const keys = [
    '2001:db8:1:2::1',
    '2001:0db8:0001:0002:ffff:ffff:ffff:ffff',
    '2001:DB8:1:2:0:0:192.0.2.1',
    'fe80::1%eth0',
  ].map((peer) => proxies.clientOf(peer, ''));
  expect(keys).toEqual([
    '2001:db8:1:2::/64',
    '2001:db8:1:2::/64',
    '2001:db8:1:2::/64',
    'fe80:0:0:0::/64',
  ]);
  expect(proxies.clientOf('0000:0000:0000:0000:0000:ffff:cb00:7109', '')).toBe('203.0.113.9');
});

test('however the header is forged, what the last trusted proxy wrote holds', () => {
  fc.assert(
    fc.property(fc.string(), fc.ipV4(), (forged, client) => {
      fc.pre(!client.startsWith('10.') && client !== '192.0.2.7');
      expect(proxies.clientOf('10.0.0.1', `${forged}, ${client}`)).toBe(client);
    }),
  );
});
