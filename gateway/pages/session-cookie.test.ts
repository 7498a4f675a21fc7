import { expect, test } from 'vitest';
import { isLoopback, sessionCookie, tokenIn } from './session-cookie.ts';

test('the cookie is out of the reach of scripts, other sites and other paths', () => {
  const cookie = sessionCookie('customer', 'a.b.c', { host: 'x.example', maxAgeSeconds: 60 });
  expect(cookie).toBe(
    'hexfleet_customer=a.b.c; Path=/v1/session; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
  );
});

test('only at this very machine it goes without TLS', () => {
  const at = (host: string) => sessionCookie('courier', 't', { host, maxAgeSeconds: 1 });
  expect(at('127.0.0.1:8080')).not.toContain('Secure');
  expect(at('192.168.0.7:8080')).toContain('Secure');
});

test('without a token it is removed', () => {
  expect(sessionCookie('courier', '', { host: 'x', maxAgeSeconds: 60 })).toContain('Max-Age=0');
});

test('each role has its own', () => {
  const cookies = 'other=1; hexfleet_customer=one; hexfleet_restaurant=two';
  expect(tokenIn(cookies, 'customer')).toBe('one');
  expect(tokenIn(cookies, 'restaurant')).toBe('two');
  expect(tokenIn(cookies, 'courier')).toBe('');
  expect(tokenIn('', 'operator')).toBe('');
});

test.each([
  ['localhost', true],
  ['LOCALHOST:8080', true],
  ['127.0.0.1:8080', true],
  ['127.1.2.3', true],
  ['[::1]:8080', true],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['evil.example:8080', false],
  ['192.168.0.1', false],
  ['', false],
])('%s is a name of this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
