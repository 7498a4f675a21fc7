import { expect, test } from 'vitest';
import { cityInputSchema, courierInputSchema, restaurantInputSchema } from './catalogue.ts';
import { DISPATCH_DEFAULTS, dispatchSettings } from './dispatch.ts';
import { textSchema } from './places.ts';

const corner = (lat: number, lng: number) => ({ lat, lng });
const city = {
  name: 'City',
  currency: 'eur',
  deliveryZone: [{ outer: [corner(0, 0), corner(1, 0), corner(1, 1)] }],
  deliveryFeeMinor: 0,
  taxRate: 0,
  courierSpeedMps: 0.1,
  detourFactor: 1,
};
const item = { itemId: 'a', name: 'A', priceMinor: 1 };
const restaurant = { name: 'R', place: corner(0, 0), open: true, menu: [item] };

test.each([
  ['half of a character', '\ud83c'],
  ['the halves in the wrong order', 'a\udf5c\ud83cb'],
  ['nothing', ''],
  ['white space', ' \u00a0\u3000'],
  ['a line break', 'a\nb'],
])('%s is no text', (_what, text) => {
  expect(textSchema(100).safeParse(text).success).toBe(false);
  const courier = { name: text, vehicle: 'car', capacity: 1 };
  expect(courierInputSchema.safeParse(courier).success).toBe(false);
});

test('whole characters of any kind are text', () => {
  for (const text of ['Ramen \u{1f35c}', ' x ', 'مطعم', '麺']) {
    expect(textSchema(100).parse(text)).toBe(text);
  }
});

test.each([0, -1, 1e-9, 0.09, 56, Number.NaN])('no courier is as fast as %d m/s', (speed) => {
  expect(cityInputSchema.safeParse({ ...city, courierSpeedMps: speed }).success).toBe(false);
  expect(cityInputSchema.safeParse(city).success).toBe(true);
});

test('a menu names each item once', () => {
  expect(restaurantInputSchema.safeParse(restaurant).success).toBe(true);
  const twice = { ...restaurant, menu: [item, { ...item, name: 'B' }] };
  expect(restaurantInputSchema.safeParse(twice).success).toBe(false);
});

test.each([
  { strategy: 'fastest' },
  { epochSeconds: 0.5 },
  { epochSeconds: 61 },
  { maxBatch: 0 },
  { maxBatch: 1.5 },
  { maxPickupDistanceMeters: 99 },
  { promiseMinutes: 241 },
  { vehicles: { boat: { speedFactor: 1 } } },
  { vehicles: { car: { speedFactor: 0 } } },
  { vehicles: { car: { wheels: 4 } } },
  { seed: 1 },
])('no city is dispatched by %j', (dispatch) => {
  expect(cityInputSchema.safeParse({ ...city, dispatch }).success).toBe(false);
});

test('what is not said of dispatch is as the engine has it', () => {
  expect(cityInputSchema.parse(city).dispatch).toBeUndefined();
  expect(dispatchSettings(cityInputSchema.parse({ ...city, dispatch: {} }).dispatch)).toEqual(
    DISPATCH_DEFAULTS,
  );
  const dispatch = { maxBatch: 1, vehicles: { car: { speedFactor: 2 } } };
  const car = { speedFactor: 2, maxDistanceMeters: null };
  expect(dispatchSettings(cityInputSchema.parse({ ...city, dispatch }).dispatch)).toEqual({
    ...DISPATCH_DEFAULTS,
    maxBatch: 1,
    vehicles: { ...DISPATCH_DEFAULTS.vehicles, car },
  });
});
