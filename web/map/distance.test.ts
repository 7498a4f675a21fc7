import { expect, test } from 'vitest';
import { metersBetween } from './distance.ts';

test('a degree of latitude is 111.2 km, one of longitude half of it at 60 degrees', () => {
  expect(metersBetween({ lat: 60, lng: 10 }, { lat: 61, lng: 10 })).toBeCloseTo(111_195, -1);
  expect(metersBetween({ lat: 60, lng: 10 }, { lat: 60, lng: 11 })).toBeCloseTo(55_597, -2);
});

test('over the antimeridian it is the short way, and to itself there is none', () => {
  expect(metersBetween({ lat: 0, lng: 179.5 }, { lat: 0, lng: -179.5 })).toBeCloseTo(111_195, -1);
  expect(metersBetween({ lat: 5, lng: 5 }, { lat: 5, lng: 5 })).toBe(0);
});
