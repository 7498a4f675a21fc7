import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { TravelTimes } from '../../geo/index.ts';
import { createLogger, Metrics } from '../../runtime/index.ts';
import { OsrmRoutes } from './osrm.ts';

const here = { lat: 52.50001, lng: 13.40004 };
const there = { lat: 52.52, lng: 13.45 };
const otherwise: TravelTimes = { seconds: () => 77, airSpeedMps: () => 4 };

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A routing service that answers whatever it is told to; it remembers what it was asked. */
async function service(answer: (count: number) => { status: number; body: string } | 'hangs') {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const given = answer(asked.length);
    if (given === 'hangs') return;
    response.writeHead(given.status, { 'content-type': 'application/json' }).end(given.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/route/v1/bicycle`;
  const routes = new OsrmRoutes({ url, log: createLogger('silent'), metrics: new Metrics(false) });
  closing.push(() => {
    routes.stop();
    server.closeAllConnections();
    server.close();
  });
  return { asked, travel: routes.inFrontOf(otherwise) };
}

const route = (duration: number) => ({
  status: 200,
  body: JSON.stringify({ code: 'Ok', routes: [{ duration, distance: 1 }], waypoints: [] }),
});

test('the first answer is what the fleet has taught, the next what the streets say', async () => {
  const { asked, travel } = await service(() => route(412.5));
  expect(travel.seconds(here, there, 12)).toBe(77);
  await vi.waitFor(() => expect(travel.seconds(here, there, 12)).toBe(412.5));
  expect(asked).toEqual([
    '/route/v1/bicycle/13.400,52.500;13.450,52.520?overview=false&steps=false&alternatives=false',
  ]);
  // From around the corner it is the same way.
  expect(travel.seconds({ lat: 52.5002, lng: 13.4001 }, there, 12)).toBe(412.5);
  expect(travel.airSpeedMps(12)).toBe(4);
});

test.each([
  ['says that there is no route', { status: 200, body: '{"code":"NoRoute"}' }],
  ['answers nonsense', { status: 200, body: '{"code":"Ok","routes":[{"duration":"soon"}]}' }],
  ['fails', { status: 500, body: 'oops' }],
])('a service that %s is asked no more for a while', async (_name, given) => {
  const { asked, travel } = await service(() => given);
  await vi.waitFor(() => {
    expect(travel.seconds(here, there, 12)).toBe(77);
    expect(asked.length).toBeGreaterThanOrEqual(5);
  });
  const before = asked.length;
  for (let i = 0; i < 100; i++) {
    expect(travel.seconds({ lat: 52 + i / 100, lng: 13 }, there, 12)).toBe(77);
    await new Promise(setImmediate);
  }
  // Those that were under way when it was given up.
  expect(asked.length - before).toBeLessThanOrEqual(4);
});

test('one that hangs holds up nobody', async () => {
  const { asked, travel } = await service((count) => (count === 1 ? 'hangs' : route(9)));
  expect(travel.seconds(here, there, 12)).toBe(77);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  await vi.waitFor(() => expect(travel.seconds(there, here, 12)).toBe(9));
  expect(travel.seconds(here, there, 12)).toBe(77);
});
