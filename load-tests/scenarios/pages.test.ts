import { request } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REST_SCHEMAS } from '../../protocol/index.ts';
import { TestCity } from './city.test-kit.ts';

/** What pages ask before they have a token, at a real engine. */
let city: TestCity;
/** With the key that it has made itself, as `npm start` does. */
let ownKey: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
  ownKey = await TestCity.start({ JWT_SECRET: '' }, 'own');
});
afterAll(async () => {
  await Promise.all([city.stop(), ownKey.stop()]);
});

const OURS = { 'Sec-Fetch-Site': 'same-origin' };

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** As a browser would; `fetch` may not say what browsers say of themselves. */
async function ask(at: TestCity, path: string, { method = 'GET', headers = OURS, body }: Asked) {
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const asked = request(new URL(path, at.url), { method, headers: { ...type, ...headers } });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const cookies = response.headers['set-cookie'] ?? [];
  const answer: unknown = response.statusCode === 204 ? null : await json(response);
  return { status: response.statusCode ?? 0, cookies, answer, headers: response.headers };
}

const codeOf = (answer: unknown) => (answer as { error: { code: string } }).error.code;

test('who signs in is known again by the cookie, until they sign out', async () => {
  const token = await city.token('customer', 'anna');
  const signedIn = await ask(city, '/v1/session', { method: 'POST', body: { token } });
  expect(signedIn.status).toBe(200);
  expect(signedIn.headers['cache-control']).toBe('no-store');
  expect(REST_SCHEMAS.PageSession.parse(signedIn.answer)).toEqual(signedIn.answer);
  const [cookie = ''] = signedIn.cookies;
  expect(cookie).toContain('HttpOnly; SameSite=Strict');
  const headers = { ...OURS, Cookie: cookie.split(';')[0] ?? '' };
  const resumed = await ask(city, '/v1/session?role=customer', { headers });
  expect(resumed.answer).toEqual({ session: signedIn.answer });
  const other = await ask(city, '/v1/session?role=restaurant', { headers });
  expect(other.answer).toEqual({ session: null });
  const left = await ask(city, '/v1/session?role=customer', { method: 'DELETE', headers });
  expect(left.status).toBe(204);
  expect(left.cookies[0]).toContain('Max-Age=0');
});

test('a cookie with a bad token is nobody, and is taken away', async () => {
  const headers = { ...OURS, Cookie: 'hexfleet_customer=a.b.c' };
  const resumed = await ask(city, '/v1/session?role=customer', { headers });
  expect(resumed.answer).toEqual({ session: null });
  expect(resumed.cookies[0]).toContain('Max-Age=0');
});

test.each([
  ['a token that is not ours', { token: 'a.b.c' }, 401, 'unauthorized'],
  ['no token', {}, 400, 'invalid_request'],
  ['more than a token', { token: 'x', role: 'operator' }, 400, 'invalid_request'],
  ['a token that is too long', { token: 'x'.repeat(20_000) }, 400, 'invalid_request'],
])('%s is refused', async (_what, body, status, code) => {
  const refused = await ask(city, '/v1/session', { method: 'POST', body });
  expect([refused.status, codeOf(refused.answer)]).toEqual([status, code]);
  expect(refused.cookies).toEqual([]);
});

test('a service account has no page', async () => {
  const token = await city.token('service', 'setup');
  const refused = await ask(city, '/v1/session', { method: 'POST', body: { token } });
  expect(refused.status).toBe(401);
});

test('only JSON signs in, so no form of another site does', async () => {
  const headers = { ...OURS, 'Content-Type': 'text/plain' };
  const refused = await ask(city, '/v1/session', { method: 'POST', body: { token: 'x' }, headers });
  expect([refused.status, codeOf(refused.answer)]).toEqual([415, 'unsupported_media_type']);
});

test.each([
  ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a neighbour of the same site', { 'Sec-Fetch-Site': 'same-site' }],
  ['an address that was typed', { 'Sec-Fetch-Site': 'none' }],
  ['another origin', { Origin: 'https://evil.example' }],
  ['a frame without an origin', { Origin: 'null' }],
  ['nobody who says where from', {}],
])('%s can sign nobody in', async (_who, headers) => {
  const token = await city.token('customer', 'anna');
  const refused = await ask(city, '/v1/session', { method: 'POST', body: { token }, headers });
  expect([refused.status, codeOf(refused.answer)]).toEqual([403, 'cross_site']);
  expect(refused.cookies).toEqual([]);
});

test('another site cannot read who is signed in', async () => {
  const headers = {
    'Sec-Fetch-Site': 'cross-site',
    Cookie: `hexfleet_customer=${await city.token('customer', 'anna')}`,
  };
  const refused = await ask(city, '/v1/session?role=customer', { headers });
  expect([refused.status, codeOf(refused.answer)]).toEqual([403, 'cross_site']);
});

test('where a browser does not say the site, the origin counts', async () => {
  const token = await city.token('customer', 'anna');
  const headers = { Origin: new URL(city.url).origin };
  expect(
    (await ask(city, '/v1/session', { method: 'POST', body: { token }, headers })).status,
  ).toBe(200);
});

test('a path of pages takes its own methods only, and roles that there are', async () => {
  const wrong = await ask(city, '/v1/session', { method: 'PUT' });
  expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET, POST, DELETE']);
  const nobody = await ask(city, '/v1/session?role=service', {});
  expect([nobody.status, codeOf(nobody.answer)]).toEqual([400, 'invalid_request']);
});

const ANNA = { role: 'customer', subject: 'anna', cityId: 'c1' };

test('at the machine of an engine with its own key one may be anybody', async () => {
  const people = await ask(ownKey, '/v1/session/demo', {});
  expect(REST_SCHEMAS.DemoPeople.parse(people.answer)).toEqual(people.answer);
  expect(people.answer).toMatchObject({
    cities: [{ cityId: 'c1', couriers: [{ id: 'far' }, { id: 'near' }] }],
  });
  const signedIn = await ask(ownKey, '/v1/session/demo', { method: 'POST', body: ANNA });
  const { token } = REST_SCHEMAS.PageSession.parse(signedIn.answer);
  const orders = await fetch(new URL('/v1/orders', ownKey.url), {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(orders.status).toBe(200);
  const config = await ask(ownKey, '/v1/pages/config', {});
  expect(REST_SCHEMAS.PagesConfig.parse(config.answer)).toMatchObject({ demoSignIn: true });
});

test.each([
  ['an engine with a key of its operator', () => city, {}],
  ['a browser behind a proxy', () => ownKey, { 'X-Forwarded-For': '203.0.113.7' }],
  ['another name of the machine', () => ownKey, { Host: 'rebound.example' }],
])('with %s nobody may be anybody', async (_where, at, headers) => {
  for (const asked of [{ method: 'GET' }, { method: 'POST', body: ANNA }]) {
    const refused = await ask(at(), '/v1/session/demo', {
      ...asked,
      headers: { ...OURS, ...headers },
    });
    expect([refused.status, codeOf(refused.answer)]).toEqual([403, 'demo_off']);
    expect(refused.cookies).toEqual([]);
  }
});

test('the start page is there for everybody, with a policy that allows nothing foreign', async () => {
  const page = await fetch(new URL('/', city.url));
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
  const loaded = await fetch(new URL(script, city.url), { headers: { 'Accept-Encoding': 'br' } });
  expect(loaded.headers.get('content-encoding')).toBe('br');
  expect(await loaded.text()).toContain('import');
});
