import { once } from 'node:events';
import type { Role, ServerMessage } from '../../protocol/index.ts';
import { withDeadline } from '../../runtime/index.ts';
import { CLOSE_MS_MAX } from '../wire/wire.ts';
import type { TestCity } from './city.test-kit.ts';

/** A WebSocket that says what it is told to, also what the SDK never would. */
export async function rawSocket(city: TestCity, role: Role, subject: string, token?: string) {
  const Constructor = WebSocket as unknown as new (
    url: URL,
    init: { protocols: string[]; headers: Record<string, string> },
  ) => WebSocket;
  const headers = { Authorization: `Bearer ${token ?? (await city.token(role, subject))}` };
  const url = new URL('/v1/ws', city.url.replace('http', 'ws'));
  const socket = new Constructor(url, { protocols: ['hexfleet.v1.json'], headers });
  const heard: ServerMessage[] = [];
  socket.addEventListener('message', ({ data }) => {
    heard.push(JSON.parse(data as string) as ServerMessage);
  });
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  socket.addEventListener('close', ({ code }) => resolve(code));
  await withDeadline(once(socket, 'message'), 10_000, 'welcome');
  return { socket, heard, closed: withDeadline(closed, CLOSE_MS_MAX, 'close') };
}

/** A figure of the engine's metrics page. */
export async function metric(city: TestCity, name: string): Promise<number> {
  const page = await (await fetch(new URL('/metrics', city.engine.facts.opsUrl))).text();
  const line = page.split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}
