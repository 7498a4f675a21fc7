import { expect, test } from 'vitest';
import { mostOf, totalsOf, wantedOf, withItem } from './basket.ts';

const MENU = [
  { itemId: 'soup', name: 'Soup', priceMinor: 450, available: true },
  { itemId: 'tea', name: 'Tea', priceMinor: 199, available: true },
];

test('tax is on items and fee, rounded half up', () => {
  const basket = withItem(withItem(new Map(), 'soup', 2), 'tea', 1);
  const terms = { deliveryFeeMinor: 250, taxRate: 0.07 };
  expect(totalsOf(basket, MENU, terms)).toEqual({
    subtotalMinor: 1_099,
    deliveryFeeMinor: 250,
    taxMinor: 94,
    totalMinor: 1_443,
  });
});

test('the rate counts in millionths: 100 at 14.5 % is 15, not 14', () => {
  const menu = [{ itemId: 'a', name: 'A', priceMinor: 100, available: true }];
  const terms = { deliveryFeeMinor: 0, taxRate: 0.145 };
  expect(totalsOf(new Map([['a', 1]]), menu, terms).taxMinor).toBe(15);
});

test('nothing of an item is no item', () => {
  const basket = withItem(withItem(new Map(), 'soup', 2), 'soup', 0);
  expect(wantedOf(basket)).toEqual([]);
});

test('no more than there is, and nothing of what cannot be had', () => {
  expect(mostOf({ available: true, stock: 3 })).toBe(3);
  expect(mostOf({ available: true, stock: null })).toBe(50);
  expect(mostOf({ available: false, stock: 3 })).toBe(0);
});
