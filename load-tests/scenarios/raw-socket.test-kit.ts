import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Role, ServerMessage } from '../../protocol/index.ts';
import { withDeadline } from '../../runtime/index.ts';
import type { TestCity } from './city.test-kit.ts';

/** Long enough for the slowest patience of the engine, which is 12 s for a connection that says nothing. */
const CLOSE_MS_MAX = 20_000;

/** A TCP connection of our own, and everything that came back on it. */
export class Wire {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  received = '';

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text;
    });
    this.socket.on('error', () => undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    this.socket.on('close', () => resolve());
  }

  /** When the other side has cut it. */
  get closed(): Promise<void> {
    return withDeadline(this.#closed, CLOSE_MS_MAX, 'close');
  }

  /** The first line of the answer. */
  get status(): string {
    return /^HTTP\/1\.1 (\d+)/.exec(this.received)?.[1] ?? '';
  }

  /** Sends `text` again and again, until it is cut. */
  drip(text: () => string, everyMs: number): void {
    const timer = setInterval(() => this.socket.write(text()), everyMs);
    this.socket.on('close', () => clearInterval(timer));
  }
}

/** A WebSocket that says what it is told to, also what the SDK never would. */
export async function rawSocket(city: TestCity, role: Role, subject: string) {
  const Constructor = WebSocket as unknown as new (
    url: URL,
    init: { protocols: string[]; headers: Record<string, string> },
  ) => WebSocket;
  const headers = { Authorization: `Bearer ${await city.token(role, subject)}` };
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
