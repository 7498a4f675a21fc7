import { pack, unpack } from 'msgpackr';
import type { Subprotocol } from './messages.ts';
import { POSITION_FRAME_KIND, readPosition } from './position-frame.ts';
import type { ServerMessage } from './server-messages.ts';

/**
 * What the server sends: MessagePack on `hexfleet.v1.bin` (positions in a frame of their own, see
 * position-frame.ts), JSON text on `hexfleet.v1.json`.
 * Only messages of the server are ever MessagePack: decoding it from strangers invites extension
 * types and length bombs, so clients send fixed binary frames and JSON.
 */
export function encodeServerMessage(
  subprotocol: Subprotocol,
  message: ServerMessage,
): string | Uint8Array {
  return subprotocol === 'hexfleet.v1.json' ? JSON.stringify(message) : pack(message);
}

/**
 * For clients, on bytes that the server sent.
 * @throws Error when the bytes are none of these
 */
export function decodeServerMessage(data: string | ArrayBuffer | Uint8Array): ServerMessage {
  if (typeof data === 'string') return JSON.parse(data) as ServerMessage;
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  return bytes[0] === POSITION_FRAME_KIND ? readPosition(bytes) : (unpack(bytes) as ServerMessage);
}
