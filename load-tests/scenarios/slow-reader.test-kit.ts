import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_16 = 126;
/** Under a mask of zeroes the bytes stay as they are. */
const MASK = Buffer.alloc(4);

/** A client of `hexfleet.v1.json` that reads when it is told to, and what has come so far. */
export class SlowReader {
  readonly #socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
    });
  }

  /** @param url http://host:port of the engine */
  static async open(url: string, token: string): Promise<SlowReader> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const lines = [
      'GET /v1/ws HTTP/1.1',
      `Host: ${hostname}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: hexfleet.v1.json',
      `Authorization: Bearer ${token}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const reader = new SlowReader(socket);
    // What follows the handshake in the same read would be lost.
    while (!reader.text.includes('"welcome"')) await once(socket, 'data');
    return reader;
  }

  /** Says it without waiting for an answer. */
  say(message: object): void {
    const text = Buffer.from(JSON.stringify({ ...message, requestId: 'r' }));
    const head = Buffer.alloc(4);
    head.writeUInt8(TEXT, 0);
    head.writeUInt8(MASKED | LENGTH_16, 1);
    head.writeUInt16BE(text.length, 2);
    this.#socket.write(Buffer.concat([head, MASK, text]));
  }

  /** What has come since the last time: frames, of which only the JSON in them is text. */
  takeText(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  get text(): string {
    return this.#text;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === 'open';
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
