import { ID_LENGTH_MAX, type Fix } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { Statement } from '../database/pool.ts';

/** What the bytes of `FixRows` are for. */
export const COPY_FIXES: Statement = {
  name: 'copy_fixes',
  text: `
    COPY courier_fixes (city_id, courier_id, at, lat, lng, heading_degrees, speed_mps,
      accuracy_meters) FROM STDIN (FORMAT binary)`,
};

/** Signature, flags, and the length of a header extension: none. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER_BYTES = 2;
const FIELDS = 8;
/** A field count, eight lengths, three float8 and int8, three float4; then the ids. */
const NUMBERS_BYTES = 2 + 8 * 4 + 3 * 8 + 3 * 4;
/** A character of an id is at most three bytes of UTF-8. */
const CHARACTER_BYTES_MAX = 3;
const ROW_BYTES_MAX = NUMBERS_BYTES + 2 * CHARACTER_BYTES_MAX * ID_LENGTH_MAX;
/** Timestamps count from 2000-01-01, in microseconds. */
const EPOCH_2000_MS = 946_684_800_000;
const ASCII_MAX = 0x7f;

/**
 * Rows of `courier_fixes` in PostgreSQL's binary format, in one buffer that is filled again and again.
 * A fix becomes bytes as soon as it comes: there is no object for it, and nothing is copied twice.
 * Source: PostgreSQL 18, COPY, "Binary Format"; the forms of the types are those of their send functions.
 */
export class FixRows {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #end = HEADER.length;
  #count = 0;

  /** @param bytesMax for the rows, at least one with the longest ids */
  constructor(bytesMax: number) {
    assert(bytesMax >= ROW_BYTES_MAX, 'there is room for a row at least');
    this.#bytes = Buffer.alloc(HEADER.length + bytesMax + TRAILER_BYTES);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    HEADER.copy(this.#bytes);
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#end = HEADER.length;
    this.#count = 0;
  }

  /**
   * @param fix is copied
   * @returns false when there is no room for it
   * @throws AssertionFailed when an id is longer than any that was let in
   * @hot bench: history
   */
  add(cityId: string, courierId: string, fix: Readonly<Omit<Fix, 'sequence'>>): boolean {
    assert(
      cityId.length <= ID_LENGTH_MAX && courierId.length <= ID_LENGTH_MAX,
      'ids are checked where they come in',
    );
    const idBytesMax = CHARACTER_BYTES_MAX * (cityId.length + courierId.length);
    const end = this.#end + NUMBERS_BYTES + idBytesMax + TRAILER_BYTES;
    if (end > this.#bytes.length) return false;
    const view = this.#view;
    view.setInt16(this.#end, FIELDS);
    this.#text(this.#end + 2, cityId);
    this.#text(this.#end, courierId);
    const at = this.#end;
    this.#timestamp(at, fix.atMs);
    view.setInt32(at + 12, 8);
    view.setFloat64(at + 16, fix.lat);
    view.setInt32(at + 24, 8);
    view.setFloat64(at + 28, fix.lng);
    view.setInt32(at + 36, 4);
    view.setFloat32(at + 40, fix.headingDegrees);
    view.setInt32(at + 44, 4);
    view.setFloat32(at + 48, fix.speedMps);
    view.setInt32(at + 52, 4);
    view.setFloat32(at + 56, fix.accuracyMeters);
    this.#end = at + 60;
    this.#count += 1;
    return true;
  }

  /** Header, rows and trailer. A view of the buffer: valid until the next row. */
  bytes(): Buffer {
    this.#view.setInt16(this.#end, -1);
    return this.#bytes.subarray(0, this.#end + TRAILER_BYTES);
  }

  /** Ids are plain characters as a rule, for which a call out of JavaScript would cost more than they do. */
  #text(at: number, text: string): void {
    const bytes = this.#bytes;
    const begin = at + 4;
    let length = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > ASCII_MAX) {
        length = bytes.write(text, begin);
        break;
      }
      bytes[begin + i] = code;
    }
    this.#view.setInt32(at, length);
    this.#end = begin + length;
  }

  /** An int8, as two halves: a BigInt for each would be garbage. */
  #timestamp(at: number, atMs: number): void {
    const micros = Math.round((atMs - EPOCH_2000_MS) * 1000);
    const high = Math.floor(micros / 2 ** 32);
    this.#view.setInt32(at, 8);
    this.#view.setInt32(at + 4, high);
    this.#view.setUint32(at + 8, micros - high * 2 ** 32);
  }
}
