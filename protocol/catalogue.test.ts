import { expect, test } from 'vitest';
import { cityInputSchema, courierInputSchema, restaurantInputSchema } from './catalogue.ts';
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
