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
const ROW_BYTES_MAX = NUMBERS_BYTES + 2 * 3 * ID_LENGTH_MAX;
/** Timestamps count from 2000-01-01, in microseconds. */
const EPOCH_2000_MS = 946_684_800_000;

/**
 * Rows of `courier_fixes` in PostgreSQL's binary format, in one buffer that is filled again and again.
 * Source: PostgreSQL 18, COPY, "Binary Format"; the forms of the types are those of their send functions.
 */
export class FixRows {
  readonly rowsMax: number;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #end = HEADER.length;
  #count = 0;

  /** @param rowsMax held at one time, even if all ids are of the longest */
  constructor(rowsMax: number) {
    this.rowsMax = rowsMax;
    this.#bytes = Buffer.alloc(HEADER.length + rowsMax * ROW_BYTES_MAX + TRAILER_BYTES);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
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
   * @throws AssertionFailed when there are `rowsMax`, or an id is longer than any that was let in
   * @hot bench: history
   */
  add(cityId: string, courierId: string, fix: Readonly<Omit<Fix, 'sequence'>>): void {
    assert(this.#count < this.rowsMax, 'a batch holds no more rows than it was made for');
    assert(
      cityId.length <= ID_LENGTH_MAX && courierId.length <= ID_LENGTH_MAX,
      'ids are checked where they come in',
    );
    this.#view.setInt16(this.#end, FIELDS);
    this.#end += 2;
    this.#text(cityId);
    this.#text(courierId);
    this.#timestamp(fix.atMs);
    this.#float8(fix.lat);
    this.#float8(fix.lng);
    this.#float4(fix.headingDegrees);
    this.#float4(fix.speedMps);
    this.#float4(fix.accuracyMeters);
    this.#count += 1;
  }

  /** Header, rows and trailer. A view of the buffer: valid until the next row. */
  bytes(): Buffer {
    this.#view.setInt16(this.#end, -1);
    return this.#bytes.subarray(0, this.#end + TRAILER_BYTES);
  }

  #text(text: string): void {
    const length = this.#bytes.write(text, this.#end + 4);
    this.#view.setInt32(this.#end, length);
    this.#end += 4 + length;
  }

  /** An int8, as two halves: a BigInt for each would be garbage. */
  #timestamp(atMs: number): void {
    const micros = Math.round((atMs - EPOCH_2000_MS) * 1000);
    const high = Math.floor(micros / 2 ** 32);
    this.#view.setInt32(this.#end, 8);
    this.#view.setInt32(this.#end + 4, high);
    this.#view.setUint32(this.#end + 8, micros - high * 2 ** 32);
    this.#end += 12;
  }

  #float8(value: number): void {
    this.#view.setInt32(this.#end, 8);
    this.#view.setFloat64(this.#end + 4, value);
    this.#end += 12;
  }

  #float4(value: number): void {
    this.#view.setInt32(this.#end, 4);
    this.#view.setFloat32(this.#end + 4, value);
    this.#end += 8;
  }
}
