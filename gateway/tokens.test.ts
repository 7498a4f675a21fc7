import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { signToken, TokenVerifier } from './tokens.ts';

const SECRET = 'a secret of more than thirty-two characters';
const NOW_MS = 1_700_000_000_000;
const clock = { nowMs: () => NOW_MS, monotonicMs: () => 0 };
const verifier = new TokenVerifier(SECRET, clock);
const anna = { role: 'customer', subject: 'anna', cityId: 'c1' } as const;

const claims = { sub: 'anna', role: 'customer', city: 'c1', iss: 'hexfleet', aud: 'hexfleet' };
const inAnHour = NOW_MS / 1000 + 3_600;

function signed(content: object, secret = SECRET, alg = 'HS256'): Promise<string> {
  return new SignJWT({ ...content })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

test('a token says who, from where, and until when', async () => {
  const token = await signToken(SECRET, anna, 60, NOW_MS);
  expect(verifier.verify(`Bearer ${token}`)).toEqual({
    actor: anna,
    tier: 'standard',
    expiresAtMs: NOW_MS + 60_000,
    issuedAtMs: NOW_MS,
    tokenId: expect.any(String) as string,
  });
});

test('a token may say that its limits are those of premium', async () => {
  const token = await signToken(SECRET, { ...anna, tier: 'premium' }, 60, NOW_MS);
  expect(verifier.verify(`Bearer ${token}`)).toMatchObject({ actor: anna, tier: 'premium' });
});

const WRONG: readonly (readonly [string, () => Promise<string> | string])[] = [
  ['none', () => ''],
  ['no bearer', () => signToken(SECRET, anna, 60, NOW_MS)],
  ['nonsense', () => 'Bearer a.b.c'],
  [
    'another key',
    async () => `Bearer ${await signed({ ...claims, exp: inAnHour }, 'x'.repeat(40))}`,
  ],
  ['expired', async () => `Bearer ${await signToken(SECRET, anna, 60, NOW_MS - 60_000)}`],
  ['no expiry', async () => `Bearer ${await signed(claims)}`],
  ['not yet', async () => `Bearer ${await signed({ ...claims, exp: inAnHour, nbf: inAnHour })}`],
  ['another issuer', async () => `Bearer ${await signed({ ...claims, exp: inAnHour, iss: 'x' })}`],
  [
    'another audience',
    async () => `Bearer ${await signed({ ...claims, exp: inAnHour, aud: 'x' })}`,
  ],
  [
    'no such role',
    async () => `Bearer ${await signed({ ...claims, exp: inAnHour, role: 'root' })}`,
  ],
  ['no such tier', async () => `Bearer ${await signed({ ...claims, exp: inAnHour, tier: 'x' })}`],
  ['no city', async () => `Bearer ${await signed({ ...claims, exp: inAnHour, city: undefined })}`],
  [
    'a subject that is no id',
    async () => `Bearer ${await signed({ ...claims, exp: inAnHour, sub: "a' OR 1=1" })}`,
  ],
  [
    'another algorithm',
    async () => `Bearer ${await signed({ ...claims, exp: inAnHour }, SECRET.repeat(2), 'HS512')}`,
  ],
  [
    'an extension that must be understood',
    async () => {
      const token = new SignJWT({ ...claims, exp: inAnHour });
      token.setProtectedHeader({ alg: 'HS256', crit: ['x'], x: 1 });
      const options = { crit: { x: true } };
      return `Bearer ${await token.sign(new TextEncoder().encode(SECRET), options)}`;
    },
  ],
  [
    'a signature that is cut short',
    async () => `Bearer ${(await signToken(SECRET, anna, 60, NOW_MS)).slice(0, -2)}`,
  ],
  ['a fourth part', async () => `Bearer ${await signToken(SECRET, anna, 60, NOW_MS)}.x`],
  ['no signature', () => `Bearer ${new UnsecuredJWT({ ...claims, exp: inAnHour }).encode()}`],
  ['a token of a megabyte', () => `Bearer ${'a'.repeat(1_000_000)}`],
];

test.each(WRONG)('%s: unauthorized, without a reason', async (_what, make) => {
  const authorization = await make();
  expect(() => verifier.verify(authorization)).toThrow(
    expect.objectContaining({ code: 'unauthorized', details: {} }) as Error,
  );
});
