import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
const LENGTH_16 = 126;
const HEAD_END = '\r\n\r\n';
const OPEN_MS_MAX = 30_000;
const READ_BYTES = 64 * 1024;

/** All connections read into it: what was read is worked off before the next read begins. */
const readBuffer = Buffer.allocUnsafe(READ_BYTES);

export interface RawAddress {
  /** http://host:port */
  readonly url: string;
  readonly path: string;
  readonly token: string;
}

/** @param bytes a whole message, valid only during the call */
type Receive = (bytes: Buffer) => void;

/**
 * The client's side of a WebSocket, as little of it as a load generator needs: no fragments, no
 * extensions, and a mask of zeroes, under which a prebuilt frame may be changed where it lies.
 */
export class RawWebSocket {
  readonly #receive: Receive;
  #socket: Socket | null = null;
  #isUpgraded = false;
  /** The beginning of a frame whose rest has not come yet. */
  #rest: Buffer | null = null;

  constructor(receive: Receive) {
    this.#receive = receive;
  }

  get isOpen(): boolean {
    return this.#isUpgraded && this.#socket !== null;
  }

  /** @throws Error when the server does not make it a WebSocket */
  async open({ url, path, token }: RawAddress): Promise<void> {
    const { hostname, port } = new URL(url);
    const upgraded = Promise.withResolvers<void>();
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer: readBuffer,
        callback: (bytes, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes), upgraded);
          return true;
        },
      },
    });
    const lost = (): void => {
      this.#socket = null;
      upgraded.reject(new Error(`${url} has closed the connection`));
    };
    socket.on('error', lost);
    socket.on('close', lost);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    this.#socket = socket;
    const timer = setTimeout(() => socket.destroy(), OPEN_MS_MAX);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        `Sec-WebSocket-Protocol: hexfleet.v1.bin\r\nAuthorization: Bearer ${token}${HEAD_END}`,
    );
    await upgraded.promise.finally(() => clearTimeout(timer));
  }

  /** @param frame whole, with its head; not to be changed before the next turn */
  send(frame: Uint8Array): void {
    this.#socket?.write(frame);
  }

  sendText(text: string): void {
    this.send(frameOf(TEXT, Buffer.from(text)));
  }

  close(): void {
    this.#socket?.destroy();
  }

  #read(bytes: Buffer, upgraded: PromiseWithResolvers<void>): void {
    let all = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = null;
    if (!this.#isUpgraded) {
      const end = all.indexOf(HEAD_END);
      if (end < 0) return void (this.#rest = Buffer.from(all));
      if (!all.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        return upgraded.reject(new Error(all.toString('latin1')));
      }
      this.#isUpgraded = true;
      upgraded.resolve();
      all = all.subarray(end + HEAD_END.length);
    }
    let at = 0;
    for (let size = frameBytes(all, at); size > 0; size = frameBytes(all, at)) {
      this.#frame(all.subarray(at, at + size));
      at += size;
    }
    // A copy: the buffer is everybody's.
    if (at < all.length) this.#rest = Buffer.from(all.subarray(at));
  }

  #frame(frame: Buffer): void {
    const opcode = (frame[0] ?? 0) & 0xf;
    const payload = frame.subarray(headBytes(frame, 0));
    if (opcode === PING) this.send(frameOf(PONG, payload));
    else if (opcode === CLOSE) this.#socket?.destroy();
    else if (opcode !== PONG) this.#receive(payload);
  }
}

/** A frame from client to server, its payload as it is under a mask of zeroes. */
export function frameOf(opcode: number, payload: Uint8Array): Buffer<ArrayBuffer> {
  const isLong = payload.length >= LENGTH_16;
  const head = (isLong ? 4 : 2) + MASK_BYTES;
  const frame = Buffer.alloc(head + payload.length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (isLong ? LENGTH_16 : payload.length);
  if (isLong) frame.writeUInt16BE(payload.length, 2);
  frame.set(payload, head);
  return frame;
}

/** Of a frame from the server; 0 when less is there than its head. */
function headBytes(bytes: Buffer, at: number): number {
  if (bytes.length < at + 2) return 0;
  const length = (bytes[at + 1] ?? 0) & 0x7f;
  const head = length < LENGTH_16 ? 2 : length === LENGTH_16 ? 4 : 10;
  return bytes.length < at + head ? 0 : head;
}

/** Bytes of the frame that begins at `at`; 0 when it has not come whole. */
function frameBytes(bytes: Buffer, at: number): number {
  const head = headBytes(bytes, at);
  if (head === 0) return 0;
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  const length =
    head === 2
      ? short
      : head === 4
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2));
  return bytes.length < at + head + length ? 0 : head + length;
}
