import { ID_LENGTH_MAX } from './limits.ts';
import type { LocationUpdate, Position } from './positions.ts';

/**
 * Where a courier is, on the wire to those who watch an order by `hexfleet.v1.bin`. It says what
 * `location_update` says as JSON, in a frame of fixed form (POSITION_FRAME_LAYOUT, frame-layouts.ts),
 * because it is what the server sends most. No MessagePack map begins with its kind.
 */
export const POSITION_FRAME_KIND = 0x02;
const ORDER_ID_AT = 24;
const ORDER_ID_BYTES = 16;
const COURIER_ID_AT = 40;
export const POSITION_FRAME_BYTES_MAX: number = COURIER_ID_AT + ID_LENGTH_MAX;
const ETA_SECONDS_MAX = 2 ** 32 - 1;

/**
 * A frame for one order and its courier, to be filled by `writePosition` again and again.
 * @param orderId a UUID
 * @param courierId by the grammar of ids: ASCII, at most 64 characters
 * @throws RangeError when they are none
 */
export function newPositionFrame(orderId: string, courierId: string): Uint8Array<ArrayBuffer> {
  const hex = orderId.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError(`not a UUID: ${orderId}`);
  const courier = new TextEncoder().encode(courierId);
  if (courier.length > ID_LENGTH_MAX) throw new RangeError(`not an id: ${courierId}`);
  const bytes = new Uint8Array(COURIER_ID_AT + courier.length);
  bytes[0] = POSITION_FRAME_KIND;
  bytes[1] = courier.length;
  for (let i = 0; i < ORDER_ID_BYTES; i++) {
    bytes[ORDER_ID_AT + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  bytes.set(courier, COURIER_ID_AT);
  return bytes;
}

/**
 * @param view over a frame of `newPositionFrame`
 * @param position a place on the globe, a time after 1970; speed and heading of a fix
 * @param at where the frame begins in the view
 * @hot bench: fanout
 */
export function writePosition(
  view: DataView,
  position: Position,
  etaSeconds: number,
  at = 0,
): void {
  const { atMs } = position;
  view.setInt32(at + 2, Math.round(position.lat * 1e7), true);
  view.setInt32(at + 6, Math.round(position.lng * 1e7), true);
  view.setUint32(at + 10, atMs % 2 ** 32, true);
  view.setUint16(at + 14, Math.floor(atMs / 2 ** 32), true);
  view.setUint16(at + 16, Math.min(65_535, Math.round(position.speedMps * 100)), true);
  view.setUint16(at + 18, Math.round(position.headingDegrees * 100) % 36_000, true);
  view.setUint32(at + 20, Math.min(ETA_SECONDS_MAX, Math.max(0, Math.round(etaSeconds))), true);
}

/** The length of the frame of which these are the first bytes. */
export function positionFrameBytes(bytes: Uint8Array, at = 0): number {
  return COURIER_ID_AT + (bytes[at + 1] ?? 0);
}

/** @throws RangeError when the bytes are no such frame */
export function readPosition(bytes: Uint8Array): LocationUpdate {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== POSITION_FRAME_KIND || bytes.length !== positionFrameBytes(bytes)) {
    throw new RangeError('not a position frame');
  }
  return {
    type: 'location_update',
    orderId: uuidOf(bytes.subarray(ORDER_ID_AT, ORDER_ID_AT + ORDER_ID_BYTES)),
    courierId: new TextDecoder().decode(bytes.subarray(COURIER_ID_AT)),
    lat: view.getInt32(2, true) / 1e7,
    lng: view.getInt32(6, true) / 1e7,
    headingDegrees: view.getUint16(18, true) / 100,
    speedMps: view.getUint16(16, true) / 100,
    atMs: view.getUint32(10, true) + view.getUint16(14, true) * 2 ** 32,
    etaSeconds: view.getUint32(20, true),
  };
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
