import { expect, test } from 'vitest';
import type { Actor, Revocation, Role } from '../protocol/index.ts';
import type { CityId } from '../runtime/index.ts';
import { Revocations } from './revocations.ts';
import type { Identity } from './tokens.ts';

const NOW_MS = 1_700_000_000_000;

function actor(role: Role, subject = 'anna', cityId = 'c1'): Actor {
  return { role, subject, cityId: cityId as CityId };
}

function token(of: Actor, issuedAtMs: number, tokenId: string | null = null): Identity {
  return { actor: of, issuedAtMs, tokenId, tier: 'standard', expiresAtMs: NOW_MS * 2 };
}

async function office(kept: Revocation[] = []) {
  let nowMs = NOW_MS;
  const store = {
    add: (revocation: Revocation) => Promise.resolve(void kept.push(revocation)),
    live: () => Promise.resolve(kept),
  };
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const revocations = new Revocations(store, clock);
  await revocations.load();
  return { revocations, kept, passes: (ms: number) => void (nowMs += ms) };
}

const olga = actor('operator', 'olga');
const anna = { role: 'customer', subject: 'anna' } as const;

test('of a subject every token is revoked that it has, and none that it gets', async () => {
  const { revocations } = await office();
  await revocations.revoke(olga, anna);
  const isRevoked = (of: Actor, atMs: number) => revocations.isRevoked(token(of, atMs));
  expect(isRevoked(actor('customer'), NOW_MS - 1)).toBe(true);
  expect(isRevoked(actor('customer'), NOW_MS + 1_000)).toBe(false);
  expect(isRevoked(actor('courier'), NOW_MS - 1)).toBe(false);
  expect(isRevoked(actor('customer', 'bert'), NOW_MS - 1)).toBe(false);
  expect(isRevoked(actor('customer', 'anna', 'c2'), NOW_MS - 1)).toBe(false);
});

test('one token is revoked by its id, and only in its city', async () => {
  const { revocations } = await office();
  await revocations.revoke(olga, { tokenId: 't1' });
  const isRevoked = (cityId: string, tokenId: string | null) =>
    revocations.isRevoked(token(actor('customer', 'anna', cityId), NOW_MS, tokenId));
  expect([isRevoked('c1', 't1'), isRevoked('c1', 't2'), isRevoked('c1', null)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(isRevoked('c2', 't1')).toBe(false);
});

test('what was revoked is known after a restart, and forgotten when the tokens have expired', async () => {
  const first = await office();
  await first.revocations.revoke(olga, { ...anna, endsAtMs: NOW_MS + 5_000 });
  const { revocations, passes } = await office(first.kept);
  const old = token(actor('customer'), NOW_MS - 1);
  expect(revocations.isRevoked(old)).toBe(true);
  passes(5_000);
  await revocations.revoke(olga, { tokenId: 'another' });
  expect(revocations.isRevoked(old)).toBe(false);
});

test('an operator revokes in its own city, and no service account; a service account everything', async () => {
  const { revocations, kept } = await office();
  const robot = { role: 'service', subject: 'robot' } as const;
  const code = (error: unknown) => (error as { code: string }).code;
  const refusal = (...what: Parameters<Revocations['revoke']>) =>
    revocations.revoke(...what).then(() => null, code);
  expect(await refusal(olga, { ...anna, cityId: 'c2' })).toBe('not_found');
  expect(await refusal(olga, robot)).toBe('forbidden');
  const setup = actor('service', 'setup');
  expect(await refusal(setup, { ...robot, cityId: 'c2' })).toBeNull();
  expect(kept).toMatchObject([{ cityId: 'c2', kind: 'subject', name: 'service:robot' }]);
});
