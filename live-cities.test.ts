import { expect, test } from 'vitest';
import { LiveCities } from './live-cities.ts';
import { dispatchSettings } from './protocol/index.ts';

const city = {
  cityId: 'c1',
  deliveryZone: [],
  courierSpeedMps: 5,
  detourFactor: 1.3,
  dispatch: dispatchSettings(),
};

test('a city that is put again is dispatched by what it says now, and is not added twice', () => {
  const added: string[] = [];
  const cities = new LiveCities(({ cityId }) => added.push(cityId));
  cities.cityChanged(city);
  const live = cities.city('c1');
  expect(live?.dispatch).toMatchObject({ strategy: 'optimal', maxBatch: 3, epochSeconds: null });
  const dispatch = dispatchSettings({ strategy: 'nearest', epochSeconds: 2, maxBatch: 1 });
  cities.cityChanged({ ...city, dispatch });
  expect(live?.dispatch).toMatchObject({ strategy: 'nearest', maxBatch: 1, epochSeconds: 2 });
  expect(added).toEqual(['c1']);
});
