/**
 * Courier fixes on the wire: one binary frame holds one or several fixes, oldest first, in the form of
 * FIX_FRAME_LAYOUT (frame-layouts.ts). A unit of a coordinate is 1.1 cm.
 *
 * The codec only moves bytes: whether a fix is believable is the receiver's question.
 */
export const FIX_FRAME_KIND = 0x01;
export const FIX_FRAME_HEADER_BYTES = 2;
export const FIX_BYTES = 24;
/** What fits the largest frame a courier may send (COURIER_FRAME_BYTES_MAX). */
export const FIXES_PER_FRAME_MAX = 170;

/** One position report of a courier's device. */
export interface Fix {
  lat: number;
  lng: number;
  sequence: number;
  atMs: number;
  speedMps: number;
  headingDegrees: number;
  accuracyMeters: number;
}

/**
 * A class, because its numbers are written again and again: literals share how their fields are kept with
 * the schema of a fix, whose fields are objects, and each number would be a new heap object.
 */
class EmptyFix implements Fix {
  lat = 0;
  lng = 0;
  sequence = 0;
  atMs = 0;
  speedMps = 0;
  headingDegrees = 0;
  accuracyMeters = 0;
}

/** A fix with every field zero, to be filled by `decodeFix` again and again. */
export function emptyFix(): Fix {
  return new EmptyFix();
}

/**
 * @param fixes 1 to FIXES_PER_FRAME_MAX, oldest first
 * @throws RangeError when there are none or too many, or a value does not fit its field
 */
export function encodeFixes(fixes: readonly Fix[]): Uint8Array<ArrayBuffer> {
  if (fixes.length < 1 || fixes.length > FIXES_PER_FRAME_MAX) {
    throw new RangeError(`a frame holds 1 to ${FIXES_PER_FRAME_MAX} fixes, got ${fixes.length}`);
  }
  const bytes = new Uint8Array(FIX_FRAME_HEADER_BYTES + fixes.length * FIX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FIX_FRAME_KIND);
  view.setUint8(1, fixes.length);
  fixes.forEach((fix, i) => encodeFix(view, FIX_FRAME_HEADER_BYTES + i * FIX_BYTES, fix));
  return bytes;
}

function encodeFix(view: DataView, at: number, fix: Fix): void {
  const lat = Math.round(fix.lat * 1e7);
  const lng = Math.round(fix.lng * 1e7);
  if (!(Math.abs(lat) <= 0x7fff_ffff && Math.abs(lng) <= 0x7fff_ffff)) {
    throw new RangeError(`place does not fit the frame: ${fix.lat}, ${fix.lng}`);
  }
  if (!(fix.atMs >= 0 && fix.atMs < 2 ** 48 && fix.sequence >= 0 && fix.sequence < 2 ** 32)) {
    throw new RangeError(`time or sequence does not fit: ${fix.atMs}, ${fix.sequence}`);
  }
  const atMs = Math.floor(fix.atMs);
  view.setInt32(at, lat, true);
  view.setInt32(at + 4, lng, true);
  view.setUint32(at + 8, fix.sequence, true);
  view.setUint32(at + 12, atMs % 2 ** 32, true);
  view.setUint16(at + 16, Math.floor(atMs / 2 ** 32), true);
  view.setUint16(at + 18, Math.min(65_535, Math.max(0, Math.round(fix.speedMps * 100))), true);
  view.setUint16(at + 20, Math.round((((fix.headingDegrees % 360) + 360) % 360) * 100), true);
  view.setUint8(at + 22, Math.min(255, Math.max(0, Math.round(fix.accuracyMeters))));
  view.setUint8(at + 23, 0);
}

/**
 * Number of fixes in a frame, or 0 when the bytes are not a well-formed fix frame.
 * @hot bench: ingest
 */
export function fixCount(view: DataView): number {
  if (view.byteLength < FIX_FRAME_HEADER_BYTES || view.getUint8(0) !== FIX_FRAME_KIND) return 0;
  const count = view.getUint8(1);
  if (count > FIXES_PER_FRAME_MAX) return 0;
  return view.byteLength === FIX_FRAME_HEADER_BYTES + count * FIX_BYTES ? count : 0;
}

/**
 * Reads fix `index` of a frame whose `fixCount` is larger than `index` into `into`.
 * @hot bench: ingest
 */
export function decodeFix(view: DataView, index: number, into: Fix): void {
  const at = FIX_FRAME_HEADER_BYTES + index * FIX_BYTES;
  into.lat = view.getInt32(at, true) / 1e7;
  into.lng = view.getInt32(at + 4, true) / 1e7;
  into.sequence = view.getUint32(at + 8, true);
  into.atMs = view.getUint32(at + 12, true) + view.getUint16(at + 16, true) * 2 ** 32;
  into.speedMps = view.getUint16(at + 18, true) / 100;
  into.headingDegrees = view.getUint16(at + 20, true) / 100;
  into.accuracyMeters = view.getUint8(at + 22);
}
