import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HexfleetApi } from './api.ts';
import { ConnectionLost } from './errors.ts';

const AWAY_MS = 1_000;
/** Chance never makes a pause shorter than this one does. */
const LEAST = { next: () => 0 };

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

/** Answers every request; on the port, or any. @returns where */
async function listening(port = 0): Promise<string> {
  const answers = createServer((_request, response) => {
    response.setHeader('Connection', 'close').end(JSON.stringify({ orders: [] }));
  });
  server = answers;
  answers.listen(port, '127.0.0.1');
  await once(answers, 'listening');
  return `http://127.0.0.1:${(answers.address() as AddressInfo).port}`;
}

test('what is asked while the engine starts again is answered, whatever chance says', async () => {
  const url = await listening();
  server?.close();
  const asked = new HexfleetApi({ url, token: 'any', random: LEAST }).orders();
  await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
  await listening(Number(new URL(url).port));
  expect(await asked).toEqual([]);
});

test('an engine that stays away is given up after the tries that were asked for', async () => {
  const url = await listening();
  server?.close();
  const asked = new HexfleetApi({ url, token: 'any', random: LEAST, tries: 2 }).orders();
  await expect(asked).rejects.toThrow(ConnectionLost);
});
