import { expect, test } from 'vitest';
import { etaSeconds } from './eta.ts';
import { TravelModel } from './travel-model.ts';

const travel = new TravelModel({ courierSpeedMps: 5, detourFactor: 1.3 });
const courier = { lat: 52.5, lng: 13.4 };
const pickup = { lat: 52.51, lng: 13.4 };
const dropoff = { lat: 52.53, lng: 13.4 };
const toPickup = travel.travelSeconds(courier, pickup);
const onward = travel.travelSeconds(pickup, dropoff);

test('with the food it is the way to the door', () => {
  const delivery = { pickup, dropoff, pickedUp: true, readyInSeconds: 900 };
  expect(etaSeconds(travel, courier, delivery)).toBe(travel.travelSeconds(courier, dropoff));
});

test('without it, whatever takes longer of the way to the restaurant and the cooking comes first', () => {
  const delivery = { pickup, dropoff, pickedUp: false };
  expect(etaSeconds(travel, courier, { ...delivery, readyInSeconds: 0 })).toBe(toPickup + onward);
  expect(etaSeconds(travel, courier, { ...delivery, readyInSeconds: 9_000 })).toBe(9_000 + onward);
});

test('a model that makes no sense is refused', () => {
  expect(() => new TravelModel({ courierSpeedMps: 0, detourFactor: 1 })).toThrow('move');
  expect(() => new TravelModel({ courierSpeedMps: 5, detourFactor: 0.9 })).toThrow('straight');
});
