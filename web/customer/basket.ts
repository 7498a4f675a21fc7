import type { CityView, MenuItem, RestaurantView, WantedItems } from '../../protocol/index.ts';

/** What is chosen of a menu: how many of each item, by its id. Pure. */
export type Basket = ReadonlyMap<string, number>;

export interface Totals {
  readonly subtotalMinor: number;
  readonly deliveryFeeMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** The engine takes no more of one item. */
const QUANTITY_MAX = 50;

export function withItem(basket: Basket, itemId: string, quantity: number): Basket {
  const next = new Map(basket);
  if (quantity === 0) next.delete(itemId);
  else next.set(itemId, quantity);
  return next;
}

/** How many of it can be had. */
export function mostOf({ available, stock }: Pick<MenuItem, 'available' | 'stock'>): number {
  return available ? Math.min(QUANTITY_MAX, stock ?? QUANTITY_MAX) : 0;
}

export function wantedOf(basket: Basket): WantedItems {
  return [...basket].map(([itemId, quantity]) => ({ itemId, quantity }));
}

/**
 * What it will cost. The engine computes the price itself, and refuses when it is another: this is what
 * is shown, by the same rule (tax on items and fee, half up, the rate to the sixth decimal).
 */
export function totalsOf(
  basket: Basket,
  menu: RestaurantView['menu'],
  { deliveryFeeMinor, taxRate }: Pick<CityView, 'deliveryFeeMinor' | 'taxRate'>,
): Totals {
  const subtotalMinor = menu.reduce(
    (sum, { itemId, priceMinor }) => sum + priceMinor * (basket.get(itemId) ?? 0),
    0,
  );
  const taxed = (subtotalMinor + deliveryFeeMinor) * Math.round(taxRate * 1_000_000);
  const taxMinor = Math.floor((taxed + 500_000) / 1_000_000);
  const totalMinor = subtotalMinor + deliveryFeeMinor + taxMinor;
  return { subtotalMinor, deliveryFeeMinor, taxMinor, totalMinor };
}
