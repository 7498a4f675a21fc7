import { expect, test } from 'vitest';
import { fixProblem, followFix, newFixTrack } from './fix-check.ts';
import { METERS_PER_DEGREE } from './place.ts';

const NOW_MS = 1_700_000_000_000;
const terms = { nowMs: NOW_MS, timeScale: 1, ageMsMax: 300_000 };
const fix = { lat: 52.5, lng: 13.4, atMs: NOW_MS, accuracyMeters: 10 };
const last = { lat: 52.5, lng: 13.4, atMs: NOW_MS - 3_000 };

test('a fix that follows the one before is taken, as is the first', () => {
  expect(fixProblem(fix, last, terms)).toBeNull();
  expect(fixProblem(fix, null, terms)).toBeNull();
});

test.each([
  ['not_finite', { lat: Number.NaN }],
  ['not_finite', { atMs: Infinity }],
  ['not_finite', { accuracyMeters: Number.NaN }],
  ['out_of_range', { lat: 90.5 }],
  ['out_of_range', { lng: -180.5 }],
  ['null_island', { lat: 0, lng: 0.000_05 }],
  ['from_future', { atMs: NOW_MS + 31_000 }],
  ['stale', { atMs: NOW_MS - 301_000 }],
  ['out_of_order', { atMs: last.atMs }],
  ['too_fast', { lat: 52.5 + 500 / METERS_PER_DEGREE }],
])('%s: %j', (problem, facts) => {
  expect(fixProblem({ ...fix, ...facts }, last, terms)).toBe(problem);
});

test('what is too fast depends on how fast the city runs', () => {
  const far = { ...fix, lat: 52.5 + 15_000 / METERS_PER_DEGREE };
  expect(fixProblem(far, last, terms)).toBe('too_fast');
  expect(fixProblem(far, last, { ...terms, timeScale: 100 })).toBeNull();
});

test('a receiver that admits to be unsure may be off by so much', () => {
  const jump = { ...fix, lat: 52.5 + 450 / METERS_PER_DEGREE };
  expect(fixProblem(jump, last, terms)).toBe('too_fast');
  expect(fixProblem({ ...jump, accuracyMeters: 250 }, last, terms)).toBeNull();
});

test('being very unsure does not excuse every jump', () => {
  const jump = { ...fix, lat: 52.5 + 2_000 / METERS_PER_DEGREE, accuracyMeters: 65_000 };
  expect(fixProblem(jump, last, terms)).toBe('too_fast');
});

test('after a long silence a courier may be somewhere else', () => {
  const far = { ...fix, lat: 52.5 + 5_000 / METERS_PER_DEGREE };
  expect(fixProblem(far, { ...last, atMs: NOW_MS - 10 * 60_000 }, terms)).toBeNull();
});

/** Fixes 3 s apart, each so many metres north of the place; what was said of each. */
function follow(meters: readonly number[], known = { ...last, atMs: NOW_MS - 100_000 }) {
  const track = newFixTrack(known);
  return meters.map((north, i) => {
    const atMs = known.atMs + (i + 1) * 3_000;
    const moved = { ...fix, lat: 52.5 + north / METERS_PER_DEGREE, atMs };
    return followFix(track, moved, { ...terms, nowMs: atMs }) ?? 'taken';
  });
}

test('a courier that was believed to be far away is found again with its third fix', () => {
  const found = ['too_fast', 'too_fast', 'taken', 'taken'];
  expect(follow([900_000, 900_030, 900_060, 900_090])).toEqual(found);
});

test('jumps that do not agree with each other are never taken', () => {
  const jumps = [900_000, 300_000, 900_000, 300_000, 900_000, 300_000];
  expect(follow(jumps)).toEqual(jumps.map(() => 'too_fast'));
});

test('a fix that goes on from the last one starts the count again', () => {
  const meters = [900_000, 900_000, 30, 900_000, 900_000, 60];
  const heard = follow(meters).map((outcome) => outcome === 'taken');
  expect(heard).toEqual([false, false, true, false, false, true]);
});

test('the same jump sent again confirms nothing', () => {
  const track = newFixTrack(last);
  const jump = { ...fix, lat: 60 };
  for (let i = 0; i < 5; i++) expect(followFix(track, jump, terms)).toBe('too_fast');
});

test('what is wrong in another way neither confirms a jump nor ends it', () => {
  const track = newFixTrack(last);
  const at = (seconds: number) => ({ ...fix, lat: 60, atMs: NOW_MS + seconds * 1_000 });
  expect(followFix(track, at(1), terms)).toBe('too_fast');
  expect(followFix(track, at(2), terms)).toBe('too_fast');
  expect(followFix(track, { ...at(3), lat: Number.NaN }, terms)).toBe('not_finite');
  expect(followFix(track, at(4), terms)).toBeNull();
});

test('the first fix of all is taken', () => {
  expect(followFix(newFixTrack(null), fix, terms)).toBeNull();
});
