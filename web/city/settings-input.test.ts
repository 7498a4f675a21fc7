import { expect, test } from 'vitest';
import {
  cityInputSchema,
  DISPATCH_DEFAULTS,
  type CityView,
  type OrderSummary,
} from '../../protocol/index.ts';
import { DISPATCH_FORM_DEFAULTS, dryRun, inputOf, settingsOf } from './settings-input.ts';

const outer = [
  { lat: 52, lng: 13 },
  { lat: 52, lng: 14 },
  { lat: 53, lng: 14 },
];
const CITY: CityView = {
  cityId: 'c1',
  name: 'City',
  currency: 'eur',
  deliveryZone: [{ outer, holes: [] }],
  deliveryFeeMinor: 250,
  taxRate: 0.07,
  courierSpeedMps: 5,
  detourFactor: 1.3,
  deliveryCode: false,
  cancellation: { withinSeconds: 60, refundWithin: 1, refundAfter: 0.5 },
  dispatch: { strategy: 'scored', epochSeconds: 5, vehicles: { car: { speedFactor: 2 } } },
};

test('the defaults of the form are those of the engine', () => {
  expect(DISPATCH_DEFAULTS).toMatchObject(DISPATCH_FORM_DEFAULTS);
});

test('what nobody touched is sent as it was, also what the form does not know', () => {
  const input = inputOf(CITY, settingsOf(CITY));
  expect(cityInputSchema.parse(input)).toEqual(input);
  const { cityId: _id, dispatch, ...rest } = CITY;
  expect(input).toMatchObject({ ...rest, dispatch: { ...dispatch, maxBatch: 3 } });
  expect(dryRun(settingsOf(CITY), settingsOf(CITY), [])).toEqual({
    changes: [],
    zoneChanged: false,
    doorsOutside: 0,
  });
});

test('a dry run says what changes, and whose door would be outside', () => {
  const before = settingsOf(CITY);
  const smaller = outer.map((corner, i) => (i === 2 ? { lat: 52.5, lng: 14 } : corner));
  const after = { ...before, taxRate: 0.19, deliveryZone: [{ outer: smaller, holes: [] }] };
  const order = (lat: number) => ({ dropoff: { place: { lat, lng: 13.9 } } }) as OrderSummary;
  expect(dryRun(before, after, [order(52.1), order(52.8)])).toEqual({
    changes: [{ name: 'taxRate', before: '0.07', after: '0.19' }],
    zoneChanged: true,
    doorsOutside: 1,
  });
});
