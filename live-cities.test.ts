import { expect, test } from 'vitest';
import type { LearnedSums } from './geo/index.ts';
import { LiveCities } from './live-cities.ts';
import { dispatchSettings } from './protocol/index.ts';
import { createLogger } from './runtime/index.ts';

const city = {
  cityId: 'c1',
  deliveryZone: [],
  courierSpeedMps: 5,
  detourFactor: 1.3,
  dispatch: dispatchSettings(),
};

const NOW_MS = 1e12;
const HOUR_MS = 3_600_000;

function liveCities(): { cities: LiveCities; added: string[]; kept: Map<string, LearnedSums> } {
  const added: string[] = [];
  const kept = new Map<string, LearnedSums>();
  const cities = new LiveCities({
    added: ({ cityId }) => added.push(cityId),
    travelBy: null,
    profiles: () => ({
      load: (cityId) => Promise.resolve(kept.get(cityId) ?? null),
      save: (cityId, sums) => Promise.resolve(void kept.set(cityId, sums)),
    }),
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
    log: createLogger('silent'),
  });
  return { cities, added, kept };
}

test('a city that is put again is dispatched by what it says now, and is not added twice', () => {
  const { cities, added } = liveCities();
  cities.cityChanged(city);
  const live = cities.city('c1');
  expect(live?.dispatch).toMatchObject({ strategy: 'optimal', maxBatch: 3, epochSeconds: null });
  const dispatch = dispatchSettings({ strategy: 'nearest', epochSeconds: 2, maxBatch: 1 });
  cities.cityChanged({ ...city, dispatch });
  expect(live?.dispatch).toMatchObject({ strategy: 'nearest', maxBatch: 1, epochSeconds: 2 });
  expect(added).toEqual(['c1']);
});

test('what was learned of a city’s ways is there again after a restart', async () => {
  const { cities, kept } = liveCities();
  await cities.start([city]);
  const place = { lat: 52.5, lng: 13.4 };
  const learned = cities.city('c1')?.learned;
  for (let i = 0; i < 100; i++) learned?.profile.learn(place, 12, { meters: 50, seconds: 60 });
  await cities.stop();
  const later = liveCities();
  for (const [cityId, sums] of kept) later.kept.set(cityId, sums);
  await later.cities.start([city]);
  const speed = later.cities.city('c1')?.travel.airSpeedMps(12);
  expect(speed).toBeLessThan(2);
  expect(speed).toBe(learned?.airSpeedMps(12));
  await later.cities.stop();
});

test('who sent no fix for half a day stands nowhere', async () => {
  const { cities } = liveCities();
  await cities.start([city]);
  const index = cities.city('c1')?.index;
  const still = { lat: 52.5, lng: 13.4, headingDegrees: 0, speedMps: 0 };
  index?.move('gone', { ...still, atMs: NOW_MS - 13 * HOUR_MS });
  index?.move('there', { ...still, atMs: NOW_MS - 11 * HOUR_MS });
  await cities.stop();
  expect([index?.has('gone'), index?.has('there')]).toEqual([false, true]);
});
