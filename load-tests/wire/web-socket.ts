/** WebSocket frames (RFC 6455) as bytes, right and wrong ones. */
export const OPCODES = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

const FINAL = 0x80;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const HEAD_END = '\r\n\r\n';

export interface FrameForm {
  readonly opcode: number;
  /** False: another fragment follows. */
  readonly final?: boolean;
  /** The three bits that nobody has given a meaning here, 0 to 7. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the head says, whatever follows it. */
  readonly announcedBytes?: bigint;
}

/** A frame from a client, under a mask of zeroes: the bytes stay as they are. */
export function frame(payload: Uint8Array | string, form: FrameForm): Buffer {
  const bytes = Buffer.from(payload);
  const { opcode, final = true, reserved = 0, masked = true } = form;
  const length = lengthField(form.announcedBytes ?? BigInt(bytes.length));
  const kind = (final ? FINAL : 0) | (reserved << 4) | opcode;
  length[0] = (length[0] ?? 0) | (masked ? MASKED : 0);
  return Buffer.concat([Uint8Array.of(kind), length, Buffer.alloc(masked ? 4 : 0), bytes]);
}

/** In as few bytes as it fits. */
function lengthField(bytes: bigint): Buffer {
  if (bytes < LENGTH_16) return Buffer.of(Number(bytes));
  const is16 = bytes < 0x1_0000n;
  const field = Buffer.alloc(is16 ? 3 : 9);
  field[0] = is16 ? LENGTH_16 : LENGTH_64;
  if (is16) field.writeUInt16BE(Number(bytes), 1);
  else field.writeBigUInt64BE(bytes, 1);
  return field;
}

export function textFrame(text: string): Buffer {
  return frame(text, { opcode: OPCODES.text });
}

/** @param headers beside those that every upgrade has */
export function upgradeRequest(headers: Readonly<Record<string, string>>, path = '/v1/ws'): string {
  const all = {
    Host: 'x',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'hexfleet.v1.json',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}${HEAD_END}`;
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** What a server has sent after the head of its answer; a frame that is not there whole is left out. */
export function framesIn(received: string): ServerFrame[] {
  const bytes = Buffer.from(received, 'latin1');
  const frames: ServerFrame[] = [];
  let at = bytes.indexOf(HEAD_END) + HEAD_END.length;
  while (at >= HEAD_END.length && at + 2 <= bytes.length) {
    const short = bytes.readUInt8(at + 1) & 0x7f;
    const head = short < LENGTH_16 ? 2 : short === LENGTH_16 ? 4 : 10;
    if (at + head > bytes.length) break;
    const length =
      head === 2
        ? short
        : head === 4
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    if (at + head + length > bytes.length) break;
    const payload = bytes.subarray(at + head, at + head + length);
    frames.push({ opcode: bytes.readUInt8(at) & 0xf, payload });
    at += head + length;
  }
  return frames;
}

/** The code of the close frame among these; null when there is none. */
export function closeCodeIn(received: string): number | null {
  const close = framesIn(received).find(({ opcode }) => opcode === OPCODES.close);
  return close === undefined || close.payload.length < 2 ? null : close.payload.readUInt16BE(0);
}
