import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { cellToLatLng, getPentagons } from 'h3-js';
import type { CourierMemory } from './courier-memory.ts';
import { wrapLng, type Place } from './place.ts';
import type { CourierPosition } from './slots.ts';

const [pentagonLat, pentagonLng] = cellToLatLng(getPentagons(8)[3] ?? '');

/** Cities where maps are awkward, and one where they are not. */
const CENTERS: readonly Place[] = [
  { lat: 52.52, lng: 13.4 },
  { lat: -17.8, lng: 179.999 },
  { lat: 89.99, lng: 10 },
  { lat: -89.999, lng: -179.9 },
  { lat: pentagonLat, lng: pentagonLng },
];

export function emptyPosition(): CourierPosition {
  return { lat: 0, lng: 0, headingDegrees: 0, speedMps: 0, atMs: 0 };
}

export function positionAt(place: Place, atMs = 1): CourierPosition {
  return { ...place, headingDegrees: 90, speedMps: 4, atMs };
}

/** Places around the centers, up to so many degrees away in each direction. */
export const near = (spreadDegrees: number): fc.Arbitrary<Place> =>
  fc
    .tuple(
      fc.constantFrom(...CENTERS),
      fc.double({ min: -spreadDegrees, max: spreadDegrees, noNaN: true }),
      fc.double({ min: -spreadDegrees, max: spreadDegrees, noNaN: true }),
    )
    .map(([center, north, east]) => ({
      lat: Math.max(-90, Math.min(90, center.lat + north)),
      lng: wrapLng(center.lng + east),
    }));

/** The whole globe, with its edges. */
export const anywhere: fc.Arbitrary<Place> = fc.record({
  lat: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 0, 90)),
  lng: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 0, 180)),
});

export interface SearchThread {
  /** What it has said so far. */
  readonly answers: readonly unknown[];
  readonly thread: Worker;
}

/**
 * What a thread that runs `source` says, as it comes in. The source has `memory`, `parentPort`, and the
 * classes that read it.
 */
export function inThread(source: string, memory: CourierMemory): SearchThread {
  const answers: unknown[] = [];
  const from = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    import { parentPort, workerData as memory } from 'node:worker_threads';
    import { CourierSlots } from ${from('slots.ts')};
    import { CourierReader } from ${from('courier-reader.ts')};
    ${source}
  `;
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const reader = new Worker(url, { workerData: memory });
  reader.on('message', (answer: unknown) => answers.push(answer));
  reader.once('error', (error) => answers.push(error));
  return { answers, thread: reader };
}
