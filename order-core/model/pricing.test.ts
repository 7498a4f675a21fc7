import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priceOrder } from './pricing.ts';

const MENU = [
  { itemId: 'soup', name: 'Soup', priceMinor: 450, available: true, stock: null },
  { itemId: 'stew', name: 'Stew', priceMinor: 1_250, available: true, stock: null },
  { itemId: 'cake', name: 'Cake', priceMinor: 300, available: false, stock: null },
];
const TERMS = { deliveryFeeMinor: 250, taxRate: 0.07 };

test('a price is items times quantity, plus the fee, plus tax on both', () => {
  const wanted = [
    { itemId: 'soup', quantity: 2 },
    { itemId: 'stew', quantity: 1 },
  ];
  expect(priceOrder(wanted, MENU, TERMS)).toMatchObject({
    subtotalMinor: 2_150,
    deliveryFeeMinor: 250,
    taxMinor: 168,
    totalMinor: 2_568,
  });
});

test('tax is rounded half up to the minor unit', () => {
  const menu = [{ itemId: 'x', name: 'X', priceMinor: 50, available: true, stock: null }];
  const terms = { deliveryFeeMinor: 0, taxRate: 0.05 };
  expect(priceOrder([{ itemId: 'x', quantity: 1 }], menu, terms).taxMinor).toBe(3);
});

test.each([
  ['pizza', 'item_not_on_menu'],
  ['cake', 'item_unavailable'],
])('%s cannot be ordered: %s', (itemId, code) => {
  const order = (): unknown => priceOrder([{ itemId, quantity: 1 }], MENU, TERMS);
  expect(order).toThrow(expect.objectContaining({ code, details: { itemId } }) as Error);
});

test('an amount beyond all reason is refused', () => {
  const menu = [
    { itemId: 'gold', name: 'Gold', priceMinor: 900_000_000, available: true, stock: null },
  ];
  expect(() => priceOrder([{ itemId: 'gold', quantity: 2 }], menu, TERMS)).toThrow(
    expect.objectContaining({ code: 'amount_too_large' }) as Error,
  );
});

test('half up means the decimal half, not what binary fractions make of it', () => {
  const menu = [{ itemId: 'x', name: 'X', priceMinor: 100, available: true, stock: null }];
  const terms = { deliveryFeeMinor: 0, taxRate: 0.145 };
  expect(priceOrder([{ itemId: 'x', quantity: 1 }], menu, terms).taxMinor).toBe(15);
});

test('every total is a whole number that is the sum of its parts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 50 })), { minLength: 1 }),
      fc.nat(2_000),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (lines, deliveryFeeMinor, taxRate) => {
        const menu = lines.map(([priceMinor], i) => ({
          itemId: `i${i}`,
          name: `Item ${i}`,
          priceMinor,
          available: true,
          stock: null,
        }));
        const wanted = lines.map(([, quantity], i) => ({ itemId: `i${i}`, quantity }));
        const price = priceOrder(wanted, menu, { deliveryFeeMinor, taxRate });
        const { subtotalMinor, taxMinor, totalMinor } = price;
        expect(Number.isInteger(totalMinor)).toBe(true);
        expect(totalMinor).toBe(subtotalMinor + deliveryFeeMinor + taxMinor);
        expect(Math.abs(taxMinor - (subtotalMinor + deliveryFeeMinor) * taxRate)).toBeLessThan(1);
      },
    ),
  );
});
