import { expect, test } from 'vitest';
import { outlookOf, type CarriedStop } from './outlook.ts';

const SERVICE = { halfPickupMinutes: 2, halfDropoffMinutes: 3 };
/** A minute for each hundredth of a degree of latitude. */
const drive = (from: { lat: number }, to: { lat: number }): number =>
  Math.round(Math.abs(from.lat - to.lat) * 100);
const at = (hundredths: number) => ({ lat: hundredths / 100, lng: 0 });

function stop(pickup: number, dropoff: number, facts: Partial<CarriedStop> = {}): CarriedStop {
  const places = { pickup: at(pickup), dropoff: at(dropoff) };
  return { restaurantId: `r${pickup}`, ...places, pickedUp: false, readyInMinutes: 0, ...facts };
}

test('nothing in hand: free here and now', () => {
  const outlook = outlookOf(at(5), [], drive, SERVICE);
  expect(outlook).toMatchObject({ freeInMinutes: 0, place: at(5) });
});

test('to the restaurant, on to the door, and the handovers', () => {
  const outlook = outlookOf(at(0), [stop(10, 14)], drive, SERVICE);
  expect(outlook.pickupsInMinutes).toEqual([12]);
  expect(outlook.dropoffsInMinutes).toEqual([12 + 2 + 4 + 3]);
  expect(outlook).toMatchObject({ freeInMinutes: 24, place: at(14) });
});

test('the food is waited for', () => {
  const outlook = outlookOf(at(0), [stop(10, 14, { readyInMinutes: 30 })], drive, SERVICE);
  expect(outlook.pickupsInMinutes).toEqual([30]);
  expect(outlook.dropoffsInMinutes).toEqual([39]);
});

test('with the food in hand it is the way to the door', () => {
  const carried = stop(10, 14, { pickedUp: true, readyInMinutes: 90 });
  const { pickupsInMinutes, dropoffsInMinutes } = outlookOf(at(12), [carried], drive, SERVICE);
  expect([pickupsInMinutes, dropoffsInMinutes]).toEqual([[0], [5]]);
});

test('orders of one restaurant are picked up in one visit, when the last is ready', () => {
  const two = [stop(10, 14), stop(10, 16, { readyInMinutes: 20 })];
  const { pickupsInMinutes, dropoffsInMinutes } = outlookOf(at(0), two, drive, SERVICE);
  expect(pickupsInMinutes[1]).toBe(20);
  expect(dropoffsInMinutes).toEqual([20 + 2 + 4 + 3, 20 + 2 + 4 + 6 + 2 + 3]);
});

test('all restaurants before all doors, in the given sequence', () => {
  const two = [stop(10, 14), stop(12, 10)];
  const { pickupsInMinutes, dropoffsInMinutes } = outlookOf(at(0), two, drive, SERVICE);
  expect(pickupsInMinutes).toEqual([12, 12 + 2 + 2 + 2]);
  expect(dropoffsInMinutes).toEqual([18 + 2 + 2 + 3, 25 + 3 + 4 + 3]);
});
