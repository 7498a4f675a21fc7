import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../runtime/index.ts';

const OPEN_MS_MAX = 10_000;
/** RFC 6455: a whole text frame of a client, whose length needs two bytes. */
const TEXT_FRAME = 0x81;
const MASKED = 0x80;
const TWO_BYTES = 126;
const MASK_BYTES = 4;

/**
 * Somebody whose device has gone to sleep: listens to an order, and never reads a byte again. Client
 * libraries go on reading by themselves, so it speaks by its bare socket.
 */
export class StoppedReader {
  readonly #socket: Duplex;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.pause();
  }

  static async listen(url: string, token: string, topic: string): Promise<StoppedReader> {
    const { hostname, port } = new URL(url);
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'hexfleet.v1.json',
      Authorization: `Bearer ${token}`,
    };
    const asked = request({ hostname, port, path: '/v1/ws', headers, agent: false });
    const opened = new Promise<Duplex>((resolve, reject) => {
      asked.once('upgrade', (_response, socket) => resolve(socket));
      asked.once('response', ({ statusCode }) => reject(new Error(`refused: ${statusCode}`)));
      asked.once('error', reject);
    });
    asked.end();
    const reader = new StoppedReader(await withDeadline(opened, OPEN_MS_MAX, 'open'));
    reader.#say(JSON.stringify({ type: 'subscribe', requestId: 'listen', topic }));
    return reader;
  }

  stop(): void {
    this.#socket.destroy();
  }

  #say(text: string): void {
    const payload = Buffer.from(text);
    const head = Buffer.alloc(4);
    head[0] = TEXT_FRAME;
    head[1] = MASKED + TWO_BYTES;
    head.writeUInt16BE(payload.length, 2);
    // A mask of zeros masks nothing, and is one.
    this.#socket.write(Buffer.concat([head, Buffer.alloc(MASK_BYTES), payload]));
  }
}
