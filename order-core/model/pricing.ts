import { AMOUNT_MINOR_MAX, type OrderItem, type PlaceOrder } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';

/** What the restaurant asks for an item now. */
export interface MenuPrice {
  readonly itemId: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly available: boolean;
}

/** All amounts are integers in the currency's minor unit. */
export interface Price {
  readonly items: readonly OrderItem[];
  readonly subtotalMinor: number;
  readonly deliveryFeeMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/**
 * The price of an order by the restaurant's menu; what the client believes plays no part.
 * Tax is taken on items and delivery fee, rounded half up to the minor unit.
 * Errors: `item_not_on_menu`, `item_unavailable`, `amount_too_large`.
 */
export function priceOrder(
  wanted: PlaceOrder['items'],
  menu: readonly MenuPrice[],
  terms: { deliveryFeeMinor: number; taxRate: number },
): Price {
  const byId = new Map(menu.map((item) => [item.itemId, item]));
  const items = wanted.map(({ itemId, quantity }) => {
    const item = byId.get(itemId);
    if (item === undefined) throw orderErrors.make('item_not_on_menu', { details: { itemId } });
    if (!item.available) throw orderErrors.make('item_unavailable', { details: { itemId } });
    return { itemId, name: item.name, quantity, unitPriceMinor: item.priceMinor };
  });
  const subtotalMinor = items.reduce((sum, i) => sum + i.unitPriceMinor * i.quantity, 0);
  const { deliveryFeeMinor } = terms;
  const taxMinor = Math.floor((subtotalMinor + deliveryFeeMinor) * terms.taxRate + 0.5);
  const totalMinor = subtotalMinor + deliveryFeeMinor + taxMinor;
  if (totalMinor > AMOUNT_MINOR_MAX) {
    throw orderErrors.make('amount_too_large', { details: { totalMinor } });
  }
  assert(Number.isSafeInteger(totalMinor) && totalMinor >= 0, 'a total is a whole, safe amount');
  return { items, subtotalMinor, deliveryFeeMinor, taxMinor, totalMinor };
}
