import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LearnedTravel } from './learned-travel.ts';
import { distanceMeters } from './place.ts';

const TERMS = { courierSpeedMps: 6, detourFactor: 1.5 };
const here = { lat: 52.505, lng: 13.405 };
const north = { lat: 52.545, lng: 13.405 };
const HOUR = 12;

/** Couriers are seen for so many seconds, at this speed. */
function watch(
  travel: LearnedTravel,
  seen: { speedMps: number; seconds: number; hour?: number; lat?: number },
): void {
  const { speedMps, seconds, hour = HOUR, lat = here.lat } = seen;
  for (let left = seconds; left > 0; left -= 10) {
    travel.profile.learn({ lat, lng: here.lng }, hour, { meters: speedMps * 10, seconds: 10 });
  }
}

test('before anything was seen, it is the way by air, made longer, at the speed that was set', () => {
  const travel = new LearnedTravel(TERMS);
  expect(travel.airSpeedMps(HOUR)).toBe(4);
  expect(travel.seconds(here, north, HOUR)).toBeCloseTo(distanceMeters(here, north) / 4, 6);
});

test('what was seen counts the more the longer it was seen, in its own hour', () => {
  const travel = new LearnedTravel(TERMS);
  watch(travel, { speedMps: 2, seconds: 1_800 });
  expect(travel.airSpeedMps(HOUR)).toBeCloseTo(3, 6);
  watch(travel, { speedMps: 2, seconds: 100_000 });
  expect(travel.airSpeedMps(HOUR)).toBeCloseTo(2, 1);
  expect(travel.airSpeedMps(HOUR + 1)).toBe(4);
});

test('a slow quarter is slow, and ways through it take longer than ways around it', () => {
  const travel = new LearnedTravel(TERMS);
  watch(travel, { speedMps: 4, seconds: 50_000, lat: 52.585 });
  watch(travel, { speedMps: 1, seconds: 15_000 });
  const away = { lat: 52.565, lng: 13.405 };
  const perMeter = (from: typeof here, to: typeof here): number =>
    travel.seconds(from, to, HOUR) / distanceMeters(from, to);
  expect(perMeter(here, here.lat === 0 ? here : { ...here, lat: 52.507 })).toBeGreaterThan(0.9);
  expect(perMeter(north, away)).toBeLessThan(0.35);
  expect(perMeter(here, away)).toBeGreaterThan(perMeter(north, away));
});

test('cities change: what was long ago counts less', () => {
  const travel = new LearnedTravel(TERMS);
  watch(travel, { speedMps: 2, seconds: 400_000 });
  watch(travel, { speedMps: 8, seconds: 400_000 });
  expect(travel.airSpeedMps(HOUR)).toBeGreaterThan(6);
});

test('what cannot be teaches nothing', () => {
  const travel = new LearnedTravel(TERMS);
  const { profile } = travel;
  profile.takeChanged();
  profile.learn(here, HOUR, { meters: 1e6, seconds: 10 });
  profile.learn(here, HOUR, { meters: Number.NaN, seconds: 10 });
  profile.learn(here, HOUR, { meters: 10, seconds: 0 });
  profile.learn(here, HOUR, { meters: 10, seconds: 86_400 });
  expect(travel.airSpeedMps(HOUR)).toBe(4);
  expect(profile.takeChanged()).toBe(false);
});

test('new terms hold at once where nothing was learned; nonsense is refused', () => {
  const travel = new LearnedTravel(TERMS);
  travel.setTerms({ courierSpeedMps: 3, detourFactor: 1 });
  expect(travel.airSpeedMps(HOUR)).toBe(3);
  expect(() => travel.setTerms({ courierSpeedMps: 0, detourFactor: 1 })).toThrow('move');
  expect(() => new LearnedTravel({ courierSpeedMps: 5, detourFactor: 0.9 })).toThrow('straight');
  expect(travel.airSpeedMps(HOUR)).toBe(3);
});

test('what was kept is what goes on', () => {
  const travel = new LearnedTravel(TERMS);
  watch(travel, { speedMps: 2, seconds: 5_000 });
  const later = new LearnedTravel(TERMS);
  later.profile.restore(JSON.parse(JSON.stringify(travel.profile)) as never);
  expect(later.seconds(here, north, HOUR)).toBeCloseTo(travel.seconds(here, north, HOUR), 3);
  later.profile.restore([[5, [1, 2]]]);
  expect(later.airSpeedMps(HOUR)).toBeCloseTo(travel.airSpeedMps(HOUR), 6);
});

test('whatever was seen, ways take a finite time, and none where there is no way', () => {
  const degrees = (max: number) => fc.double({ min: -max, max, noNaN: true });
  const place = fc.record({ lat: degrees(90), lng: degrees(180) });
  const seen = fc.record({ meters: degrees(400), seconds: fc.integer({ min: 1, max: 600 }) });
  fc.assert(
    fc.property(
      place,
      place,
      fc.array(seen, { maxLength: 40 }),
      fc.nat(23),
      (from, to, all, hour) => {
        const travel = new LearnedTravel(TERMS);
        for (const sample of all) travel.profile.learn(from, hour, sample);
        const seconds = travel.seconds(from, to, hour);
        expect(seconds).toBeGreaterThanOrEqual(distanceMeters(from, to) / 20 - 1e-6);
        expect(seconds).toBeLessThanOrEqual(distanceMeters(from, to) / 0.8 + 1e-6);
      },
    ),
  );
});
