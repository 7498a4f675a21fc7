import { expect, test } from 'vitest';
import { isWorthTelling, listeningFor, type Reading } from './fix-rate.ts';

const HERE: Reading = {
  lat: 52.52,
  lng: 13.4,
  accuracyMeters: 8,
  speedMps: 0,
  headingDegrees: null,
  atMs: 1_000_000,
};
/** Degrees of latitude. */
const METER = 1 / 111_195;

function later(seconds: number, meters: number, facts: Partial<Reading> = {}): Reading {
  const moved = { lat: HERE.lat + meters * METER, atMs: HERE.atMs + seconds * 1000 };
  return { ...HERE, ...moved, ...facts };
}

/** Those of a way that are told; one reading a second. */
function toldOf(seconds: number, mps: number, facts: Partial<Reading> = {}): number {
  let last: Reading | null = null;
  let told = 0;
  for (let second = 0; second < seconds; second++) {
    const reading = later(second, second * mps, { speedMps: mps, ...facts });
    if (!isWorthTelling(last, reading)) continue;
    last = reading;
    told += 1;
  }
  return told;
}

test('the first is told, an older one never', () => {
  expect(isWorthTelling(null, HERE)).toBe(true);
  expect(isWorthTelling(HERE, later(0, 50))).toBe(false);
  expect(isWorthTelling(HERE, later(-5, 50))).toBe(false);
});

test.each([
  ['stands', 0, 3],
  ['walks', 1.4, 20],
  ['rides', 4.5, 30],
  ['drives', 10, 60],
])('who %s at %f m/s is told of %i times a minute', (_how, mps, times) => {
  expect(toldOf(60, mps)).toBe(times);
});

test('a device that stands still and wanders within its accuracy says so rarely', () => {
  const wandering = Array.from({ length: 19 }, (_, i) => later(i + 1, i % 2 === 0 ? 5 : -5));
  expect(wandering.filter((reading) => isWorthTelling(HERE, reading))).toEqual([]);
  expect(isWorthTelling(HERE, later(20, 5))).toBe(true);
});

test('a device that knows no speed is believed when it is elsewhere', () => {
  expect(isWorthTelling(HERE, later(3, 20, { speedMps: null }))).toBe(true);
  expect(isWorthTelling(HERE, later(3, 4, { speedMps: null }))).toBe(false);
});

test('around a corner it is told earlier', () => {
  const going = { ...HERE, speedMps: 2, headingDegrees: 350 };
  const on = later(1, 2, { speedMps: 2, headingDegrees: 10 });
  const around = later(1, 2, { speedMps: 2, headingDegrees: 60 });
  expect([on, around].map((reading) => isWorthTelling(going, reading))).toEqual([false, true]);
});

test('a vague one is told when nothing better came, a useless one never', () => {
  const vague = { accuracyMeters: 120, speedMps: 5 };
  expect(isWorthTelling(HERE, later(5, 25, vague))).toBe(false);
  expect(isWorthTelling(HERE, later(16, 80, vague))).toBe(true);
  const useless = { accuracyMeters: 900, speedMps: 5 };
  expect(isWorthTelling(null, later(1, 0, useless))).toBe(false);
  expect(isWorthTelling(HERE, later(60, 300, useless))).toBe(false);
});

test('satellites are for who works or moves', () => {
  const idle = { onDuty: true, hasWork: false };
  expect(listeningFor({ onDuty: false, hasWork: false, stillMs: 0 })).toBe('off');
  expect(listeningFor({ ...idle, stillMs: 30_000 })).toBe('precise');
  expect(listeningFor({ ...idle, stillMs: 300_000 })).toBe('saving');
  expect(listeningFor({ onDuty: false, hasWork: true, stillMs: 300_000 })).toBe('precise');
});
