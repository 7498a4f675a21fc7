import { expect, test } from 'vitest';
import { Metrics, readConfig, type CityId } from '../../runtime/index.ts';
import type { Role } from '../../protocol/index.ts';
import { limitTable } from './limit-table.ts';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';
import { SocketLimits } from './socket-limits.ts';

function socketsBy(env: Readonly<Record<string, string>>) {
  const config = readConfig(env);
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
  const sockets = new SocketLimits({
    config,
    table: limitTable(config),
    openings: new MemoryRateLimiter(clock),
    refusals: new Metrics(false).counter('refusals', 'refusals', ['limit']),
  });
  const open = (address: string, subject: string, role: Role = 'customer'): void => {
    const actor = { role, subject, cityId: 'c1' as CityId };
    sockets.admitAddress(address);
    sockets.admitClient({ actor, tier: 'standard', issuedAtMs: 0, tokenId: null, expiresAtMs: 0 });
    sockets.opened(address, actor);
  };
  const close = (address: string, subject: string): void =>
    sockets.closed(address, { role: 'customer', subject, cityId: 'c1' as CityId });
  return { clock, sockets, open, close };
}

/** What is thrown, by its code and limit. */
function refusal(attempt: () => void): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    const { code, details } = error as { code: string; details: { limit?: string } };
    return `${code} ${details.limit ?? ''}`.trim();
  }
}

test('a client has so many sockets at once, and a closed one makes room', () => {
  const { open, close } = socketsBy({ SOCKETS_PER_CLIENT: '2' });
  open('a', 'anna');
  open('b', 'anna');
  expect(refusal(() => open('c', 'anna'))).toBe('rate_limited sockets-client');
  expect(refusal(() => open('c', 'ben'))).toBe('none');
  close('a', 'anna');
  expect(refusal(() => open('c', 'anna'))).toBe('none');
});

test('a courier whose old sockets linger is let in: the newest takes over', () => {
  const { open } = socketsBy({ SOCKETS_PER_CLIENT: '1' });
  open('a', 'kim', 'courier');
  expect(refusal(() => open('a', 'kim', 'courier'))).toBe('none');
});

test('an address has so many sockets at once, whoever they are', () => {
  const { clock, open, close } = socketsBy({ SOCKETS_PER_ADDRESS: '3' });
  for (const subject of ['anna', 'ben', 'carl']) open('a', subject);
  expect(refusal(() => open('a', 'dora'))).toBe('rate_limited sockets-address');
  expect(refusal(() => open('b', 'dora'))).toBe('none');
  close('a', 'anna');
  clock.nowMs = 60_000;
  expect(refusal(() => open('a', 'dora'))).toBe('none');
});

test('who opens and closes again and again has to wait', () => {
  const { clock, open, close } = socketsBy({
    SOCKETS_PER_CLIENT: '1',
    SOCKETS_PER_ADDRESS: '1000',
  });
  const again = (): void => {
    open('a', 'anna');
    close('a', 'anna');
  };
  for (let i = 0; i < 6; i++) again();
  expect(refusal(again)).toBe('rate_limited sockets-client');
  clock.nowMs = 60_000;
  expect(refusal(again)).toBe('none');
});

test('without a token an address is soon refused, and the clients behind it are not', () => {
  const { sockets, open } = socketsBy({});
  for (let i = 0; i < 60; i++) sockets.admitStranger('a');
  expect(refusal(() => sockets.admitStranger('a'))).toBe('rate_limited anonymous-sockets');
  expect(refusal(() => open('a', 'anna'))).toBe('none');
});

test('all sockets together have an end', () => {
  const { open } = socketsBy({ SOCKETS_MAX: '2' });
  open('a', 'anna');
  open('b', 'ben');
  expect(refusal(() => open('c', 'carl'))).toBe('overloaded');
});

test('turned off, anybody may open as many as there are', () => {
  const { open } = socketsBy({ RATE_LIMITS: 'off', SOCKETS_MAX: '1', SOCKETS_PER_CLIENT: '1' });
  for (let i = 0; i < 500; i++) open('a', 'anna');
  expect(refusal(() => open('a', 'anna'))).toBe('none');
});
