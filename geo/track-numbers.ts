import { newFixTrack, type FixTrack } from './fix-check.ts';
import { newTrackFilter, type TrackFilter } from './track-filter.ts';
import type { Place } from './place.ts';

/** What is remembered of one courier's fixes: what the next is checked against, and what it corrects. */
export interface CourierTrack {
  readonly fixes: FixTrack;
  readonly filter: TrackFilter;
}

/** How many numbers a track is. */
export const TRACK_NUMBERS = 24;

/** @param known where the courier was last, if anybody knows */
export function newCourierTrack(
  known: (Place & { readonly atMs: number }) | null = null,
): CourierTrack {
  return { fixes: newFixTrack(known), filter: newTrackFilter() };
}

/**
 * The track that `writeTrack` has put at `at`.
 * @param into is changed
 * @hot bench: ingest
 */
export function readTrack(numbers: Float64Array, at: number, into: CourierTrack): void {
  const { fixes, filter } = into;
  const number = (i: number): number => numbers[at + i] as number;
  fixes.last.lat = number(0);
  fixes.last.lng = number(1);
  fixes.last.atMs = number(2);
  fixes.jump.lat = number(3);
  fixes.jump.lng = number(4);
  fixes.jump.atMs = number(5);
  fixes.jumpFixes = number(6);
  filter.place.lat = number(7);
  filter.place.lng = number(8);
  filter.scale = number(9);
  filter.eastMps = number(10);
  filter.northMps = number(11);
  filter.atMs = number(12);
  filter.placeVariance = number(13);
  filter.mixedVariance = number(14);
  filter.speedVariance = number(15);
  filter.surprises = number(16);
  filter.headingDegrees = number(17);
  const { standstill } = filter;
  standstill.middle.lat = number(18);
  standstill.middle.lng = number(19);
  standstill.scale = number(20);
  standstill.seconds = number(21);
  standstill.places = number(22);
  standstill.isStill = number(23) === 1;
}

/** All of a track as TRACK_NUMBERS numbers from `at` on. @hot bench: ingest */
export function writeTrack(numbers: Float64Array, at: number, track: CourierTrack): void {
  const { fixes, filter } = track;
  const { last, jump } = fixes;
  numbers[at] = last.lat;
  numbers[at + 1] = last.lng;
  numbers[at + 2] = last.atMs;
  numbers[at + 3] = jump.lat;
  numbers[at + 4] = jump.lng;
  numbers[at + 5] = jump.atMs;
  numbers[at + 6] = fixes.jumpFixes;
  numbers[at + 7] = filter.place.lat;
  numbers[at + 8] = filter.place.lng;
  numbers[at + 9] = filter.scale;
  numbers[at + 10] = filter.eastMps;
  numbers[at + 11] = filter.northMps;
  numbers[at + 12] = filter.atMs;
  numbers[at + 13] = filter.placeVariance;
  numbers[at + 14] = filter.mixedVariance;
  numbers[at + 15] = filter.speedVariance;
  numbers[at + 16] = filter.surprises;
  numbers[at + 17] = filter.headingDegrees;
  const { standstill } = filter;
  numbers[at + 18] = standstill.middle.lat;
  numbers[at + 19] = standstill.middle.lng;
  numbers[at + 20] = standstill.scale;
  numbers[at + 21] = standstill.seconds;
  numbers[at + 22] = standstill.places;
  numbers[at + 23] = standstill.isStill ? 1 : 0;
}
