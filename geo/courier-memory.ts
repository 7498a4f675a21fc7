import { assert } from '../runtime/index.ts';

/**
 * The couriers of one city in memory that all threads share. One thread writes. Each buffer grows in
 * place up to its `maxByteLength`, of which only the address space is taken before.
 *
 * `slots` has a record of 48 bytes for each courier, all in one place: a move or a look at a courier
 * touches one or two lines of the processor's cache, where an array for each field would touch six.
 *
 *   numbers (Float64)  0 latitude   1 longitude   2 time of the fix
 *   words (Int32)      6 heading and speed, 1/100 each, 16 bits   7 version (slots.ts)
 *                      8 status: flags, vehicle, room, generation  9 next   10 previous   11 tile
 *
 * `heads` has for each bucket of tiles the first of its busy and of its available couriers
 * (tile-lists.ts). Links are slots + 1, and 0 for nobody: memory that was never written is empty.
 */
export interface CourierMemory {
  readonly header: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly heads: SharedArrayBuffer;
}

export const NUMBERS = 6;
export const WORDS = 12;
export const SLOT_BYTES: number = WORDS * Int32Array.BYTES_PER_ELEMENT;

/** Words of a slot's record. */
export const MOTION = 6;
export const VERSION = 7;
export const STATUS = 8;
export const NEXT = 9;
export const PREVIOUS = 10;
export const TILE = 11;

/** Words of the header. */
export const STRUCTURE_VERSION = 0;
/** Slots that there is memory for. */
export const CAPACITY = 1;
/** Slots below this have been used at some time. */
export const USED = 2;
export const BUCKETS = 3;
/** Couriers who stand in a tile, and those of them who are available. */
export const STANDING = 4;
export const AVAILABLE_STANDING = 5;
const HEADER_WORDS = 6;

/** Lists of a bucket: of busy and of available couriers. */
export const LISTS = 2;
const BUCKET_BYTES = LISTS * Int32Array.BYTES_PER_ELEMENT;
const BUCKETS_MIN = 64;
const CAPACITY_FIRST = 256;

/**
 * Memory for a city without couriers.
 * @param couriersMax slots that it may grow to
 */
export function courierMemory(couriersMax: number): CourierMemory {
  assert(Number.isInteger(couriersMax) && couriersMax >= 1, 'there is room for a courier at least');
  const capacity = Math.min(CAPACITY_FIRST, couriersMax);
  const buckets = bucketsFor(capacity);
  const header = new SharedArrayBuffer(HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(header);
  words[CAPACITY] = capacity;
  words[BUCKETS] = buckets;
  return {
    header,
    slots: new SharedArrayBuffer(capacity * SLOT_BYTES, {
      maxByteLength: couriersMax * SLOT_BYTES,
    }),
    heads: new SharedArrayBuffer(buckets * BUCKET_BYTES, {
      maxByteLength: bucketsFor(couriersMax) * BUCKET_BYTES,
    }),
  };
}

/**
 * Buckets for so many couriers: a power of two, and one for every four to eight of them. Couriers of
 * a busy city share tiles, and where each has a tile of its own the lists are still short.
 */
export function bucketsFor(couriers: number): number {
  return Math.max(BUCKETS_MIN, 2 ** Math.floor(Math.log2(couriers / 4)));
}

export function bucketBytes(buckets: number): number {
  return buckets * BUCKET_BYTES;
}
