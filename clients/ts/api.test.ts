import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sleep } from '../../runtime/portable.ts';
import { HexfleetApi } from './api.ts';
import { ConnectionLost } from './errors.ts';

const AWAY_MS = 1_000;
/** Chance never makes a pause shorter than this one does. */
const LEAST = { next: () => 0 };

/** Listens all the time, so that nobody else gets its port. */
let server: Server;
let url = '';
/** Connections are cut, as while an engine starts again. */
let isAway = true;
let cuts = 0;

beforeEach(async () => {
  isAway = true;
  cuts = 0;
  server = createServer((_request, response) => {
    response.setHeader('Connection', 'close').end(JSON.stringify({ orders: [] }));
  });
  server.on('connection', (socket) => {
    if (!isAway) return;
    cuts += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

test('what is asked while the engine starts again is answered, whatever chance says', async () => {
  const asked = new HexfleetApi({ url, token: 'any', random: LEAST }).orders();
  await sleep(AWAY_MS);
  isAway = false;
  expect(await asked).toEqual([]);
  expect(cuts).toBeGreaterThan(0);
});

test('an engine that stays away is given up after the tries that were asked for', async () => {
  const asked = new HexfleetApi({ url, token: 'any', random: LEAST, tries: 2 }).orders();
  await expect(asked).rejects.toThrow(ConnectionLost);
  expect(cuts).toBe(2);
});
