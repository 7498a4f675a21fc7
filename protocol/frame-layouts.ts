import { FIX_BYTES, FIX_FRAME_KIND, FIXES_PER_FRAME_MAX } from './fix-frame.ts';
import { POSITION_FRAME_KIND } from './position-frame.ts';

/**
 * The binary frames of `hexfleet.v1.bin`, byte by byte, for the documents and for who writes a client
 * in another language. Numbers are little-endian. frame-layouts.test.ts reads by these what the codecs
 * write.
 */
export interface FrameField {
  /** Bytes from the start of its part. */
  readonly at: number;
  readonly type: 'u8' | 'u16' | 'i32' | 'u32' | 'u48' | 'uuid' | 'ascii';
  readonly name: string;
  /** What is sent is the value times this, rounded. */
  readonly times?: number;
  readonly meaning: string;
}

export interface FrameLayout {
  readonly name: string;
  readonly summary: string;
  readonly fields: readonly FrameField[];
  /** What follows the fields, so often as `count` says. */
  readonly repeated?: { readonly bytes: number; readonly fields: readonly FrameField[] };
}

const LAT = { type: 'i32', name: 'lat', times: 1e7, meaning: 'latitude, degrees' } as const;
const LNG = { type: 'i32', name: 'lng', times: 1e7, meaning: 'longitude, degrees' } as const;
const AT_MS = {
  type: 'u48',
  name: 'atMs',
  meaning: 'of the fix, ms since the Unix epoch',
} as const;
const SPEED = { type: 'u16', name: 'speedMps', times: 100, meaning: 'metres per second' } as const;
const HEADING = {
  type: 'u16',
  name: 'headingDegrees',
  times: 100,
  meaning: 'degrees, clockwise from north',
} as const;
const kind = (value: number): FrameField => ({
  at: 0,
  type: 'u8',
  name: 'kind',
  meaning: `kind and version of the frame: ${value}`,
});

export const FIX_FRAME_LAYOUT: FrameLayout = {
  name: 'fixes',
  summary: `From a courier: 1 to ${FIXES_PER_FRAME_MAX} fixes, oldest first.`,
  fields: [kind(FIX_FRAME_KIND), { at: 1, type: 'u8', name: 'count', meaning: 'number of fixes' }],
  repeated: {
    bytes: FIX_BYTES,
    fields: [
      { at: 0, ...LAT },
      { at: 4, ...LNG },
      { at: 8, type: 'u32', name: 'sequence', meaning: 'grows with each fix of a device' },
      { at: 12, ...AT_MS },
      { at: 18, ...SPEED },
      { at: 20, ...HEADING },
      { at: 22, type: 'u8', name: 'accuracyMeters', meaning: 'radius; 255 means 255 or more' },
      { at: 23, type: 'u8', name: 'reserved', meaning: '0' },
    ],
  },
};

export const POSITION_FRAME_LAYOUT: FrameLayout = {
  name: 'position',
  summary: 'To who watches an order: what `location_update` says.',
  fields: [
    kind(POSITION_FRAME_KIND),
    { at: 1, type: 'u8', name: 'idLength', meaning: "length of the courier's id, 1 to 64" },
    { at: 2, ...LAT },
    { at: 6, ...LNG },
    { at: 10, ...AT_MS },
    { at: 16, ...SPEED },
    { at: 18, ...HEADING },
    { at: 20, type: 'u32', name: 'etaSeconds', meaning: 'city seconds until it is at the door' },
    { at: 24, type: 'uuid', name: 'orderId', meaning: '16 bytes' },
    { at: 40, type: 'ascii', name: 'courierId', meaning: '`idLength` characters' },
  ],
};
