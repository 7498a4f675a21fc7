import { expect, test } from 'vitest';
import { createLiveCity, updateLiveCity, type LiveCitySettings } from './live-city.ts';

const corners = [
  { lat: 52, lng: 13 },
  { lat: 53, lng: 13 },
  { lat: 53, lng: 14 },
  { lat: 52, lng: 14 },
];
const AVERAGE = { speedFactor: 1, maxDistanceMeters: null };
const settings: LiveCitySettings = {
  cityId: 'berlin',
  deliveryZone: [{ outer: corners, holes: [] }],
  courierSpeedMps: 5,
  detourFactor: 1,
  dispatch: {
    strategy: 'optimal',
    epochSeconds: null,
    maxBatch: 3,
    bundleRadiusMeters: 0,
    maxPickupDistanceMeters: 30_000,
    promiseMinutes: 40,
    vehicles: { bicycle: AVERAGE, scooter: AVERAGE, car: AVERAGE, foot: AVERAGE },
  },
};
const place = { lat: 52.5, lng: 13.4 };

test('new settings change the city and leave its couriers where they are', () => {
  const city = createLiveCity(settings);
  city.index.move('k1', { ...place, headingDegrees: 0, speedMps: 0, atMs: 1 });
  expect([city.zone.contains(place), city.travel.airSpeedMps(0)]).toEqual([true, 5]);
  const dispatch = { ...settings.dispatch, maxBatch: 1 };
  updateLiveCity(city, { ...settings, deliveryZone: [], courierSpeedMps: 6, dispatch });
  expect([city.zone.contains(place), city.travel.airSpeedMps(0)]).toEqual([false, 6]);
  expect(city.dispatch.maxBatch).toBe(1);
  expect(city.index.has('k1')).toBe(true);
});

test('settings that make no sense, or are another city’s, change nothing', () => {
  const city = createLiveCity(settings);
  const nowhere = { ...settings, deliveryZone: [] };
  expect(() => updateLiveCity(city, { ...nowhere, detourFactor: 0 })).toThrow('straight');
  expect(() => updateLiveCity(city, { ...nowhere, cityId: 'paris' })).toThrow('own city');
  expect([city.zone.contains(place), city.travel.airSpeedMps(0)]).toEqual([true, 5]);
});
