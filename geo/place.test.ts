import { expect, test } from 'vitest';
import { distanceMeters, isPlace, METERS_PER_DEGREE, wrapLng } from './place.ts';

test('distances agree with published ones within half a percent', () => {
  const berlin = { lat: 52.52, lng: 13.405 };
  const paris = { lat: 48.8566, lng: 2.3522 };
  expect(distanceMeters(berlin, paris) / 877_460).toBeCloseTo(1, 2);
  expect(distanceMeters({ lat: 0, lng: 0 }, { lat: 1, lng: 0 })).toBeCloseTo(METERS_PER_DEGREE, 6);
});

test('a step over the antimeridian is a step, and the pole is one place', () => {
  const step = distanceMeters({ lat: 0, lng: 179.9995 }, { lat: 0, lng: -179.9995 });
  expect(step).toBeCloseTo(METERS_PER_DEGREE / 1000, 3);
  expect(distanceMeters({ lat: 90, lng: 0 }, { lat: 90, lng: 120 })).toBeCloseTo(0, 6);
});

test('antipodes are half a circle apart, and not NaN', () => {
  const half = 180 * METERS_PER_DEGREE;
  expect(distanceMeters({ lat: 0, lng: 0 }, { lat: 0, lng: 180 })).toBeCloseTo(half, 3);
  expect(distanceMeters({ lat: 37.1, lng: 15 }, { lat: -37.1, lng: -165 })).toBeCloseTo(half, 3);
});

test('only finite degrees on the globe are places', () => {
  expect(isPlace({ lat: -90, lng: 180 })).toBe(true);
  expect(isPlace({ lat: 90.001, lng: 0 })).toBe(false);
  expect(isPlace({ lat: 0, lng: Number.NaN })).toBe(false);
  expect(isPlace({ lat: 0, lng: Infinity })).toBe(false);
});

test('longitudes wrap', () => {
  expect([181, -181, 540, 180, -180].map(wrapLng)).toEqual([-179, 179, -180, 180, -180]);
});
