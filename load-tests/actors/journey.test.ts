import { expect, test } from 'vitest';
import { Journey } from './journey.ts';

test('a way is driven at an even speed from its start to its end, and no farther', () => {
  const from = { lat: 52.5, lng: 13.4 };
  const to = { lat: 52.5, lng: 13.41 };
  const journey = new Journey(from, to, 5);
  // A hundredth of a degree of longitude here is 677 m.
  expect(journey.seconds * 5).toBeCloseTo(677, 0);
  expect(journey.headingDegrees).toBeCloseTo(90, 5);
  expect(journey.placeAfter(0)).toEqual(from);
  expect(journey.placeAfter(journey.seconds / 2).lng).toBeCloseTo(13.405, 9);
  expect(journey.placeAfter(1e9)).toEqual(to);
});

test('a way to where one is takes no time', () => {
  const here = { lat: 1, lng: 2 };
  const journey = new Journey(here, here, 5);
  expect(journey.seconds).toBe(0);
  expect(journey.placeAfter(0)).toEqual(here);
});
