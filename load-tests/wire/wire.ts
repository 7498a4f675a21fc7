import { connect, type Socket } from 'node:net';
import { withDeadline } from '../../runtime/index.ts';

/** Long enough for the slowest patience of the engine, which is 12 s for a connection that says nothing. */
export const CLOSE_MS_MAX = 20_000;
/** What is kept of what came back; the oldest goes first. */
const RECEIVED_MAX = 1_000_000;

/** A TCP connection of our own, and everything that came back on it, a character for a byte. */
export class Wire {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  received = '';

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.received = (this.received + text).slice(-RECEIVED_MAX);
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

  /** The status of each answer so far. */
  get statuses(): string[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] ?? '');
  }

  /** Of the first answer; '' before it. */
  get status(): string {
    return this.statuses[0] ?? '';
  }

  /** Sends `text` again and again, until it is cut. */
  drip(text: () => string | Uint8Array, everyMs: number): void {
    const timer = setInterval(() => this.socket.write(text()), everyMs);
    this.socket.on('close', () => clearInterval(timer));
  }
}
