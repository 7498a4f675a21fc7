import { expect, test } from 'vitest';
import { fixProblem } from './fix-check.ts';
import { METERS_PER_DEGREE } from './place.ts';

const NOW_MS = 1_700_000_000_000;
const fix = { lat: 52.5, lng: 13.4, atMs: NOW_MS, accuracyMeters: 10 };
const last = { lat: 52.5, lng: 13.4, atMs: NOW_MS - 3_000 };

test('a fix that follows the one before is taken, as is the first', () => {
  expect(fixProblem(fix, last, NOW_MS, 1)).toBeNull();
  expect(fixProblem(fix, null, NOW_MS, 1)).toBeNull();
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
  expect(fixProblem({ ...fix, ...facts }, last, NOW_MS, 1)).toBe(problem);
});

test('what is too fast depends on how fast the city runs', () => {
  const far = { ...fix, lat: 52.5 + 20_000 / METERS_PER_DEGREE };
  expect(fixProblem(far, last, NOW_MS, 1)).toBe('too_fast');
  expect(fixProblem(far, last, NOW_MS, 100)).toBeNull();
});

test('a receiver that admits to be unsure may be off by so much', () => {
  const jump = { ...fix, lat: 52.5 + 450 / METERS_PER_DEGREE };
  expect(fixProblem(jump, last, NOW_MS, 1)).toBe('too_fast');
  expect(fixProblem({ ...jump, accuracyMeters: 250 }, last, NOW_MS, 1)).toBeNull();
});

test('being very unsure does not excuse every jump', () => {
  const jump = { ...fix, lat: 52.5 + 2_000 / METERS_PER_DEGREE, accuracyMeters: 65_000 };
  expect(fixProblem(jump, last, NOW_MS, 1)).toBe('too_fast');
});

test('after a long silence a courier may be somewhere else', () => {
  const far = { ...fix, lat: 52.5 + 5_000 / METERS_PER_DEGREE };
  expect(fixProblem(far, { ...last, atMs: NOW_MS - 10 * 60_000 }, NOW_MS, 1)).toBeNull();
});
