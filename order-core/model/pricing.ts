import { AMOUNT_MINOR_MAX, type WantedItems } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import type { Basket, Order } from './order.ts';

/** What the restaurant asks for an item now. */
export interface MenuPrice {
  readonly itemId: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly available: boolean;
  /** Portions left; null when nobody counts. */
  readonly stock: number | null;
}

/** What a city adds to the restaurant's prices. */
export interface PriceTerms {
  readonly deliveryFeeMinor: number;
  readonly taxRate: number;
}

/**
 * The price of an order by the restaurant's menu; what the client believes plays no part.
 * Tax is taken on items and delivery fee, rounded half up to the minor unit; the rate counts to the
 * sixth decimal.
 * @param had what the order holds of each counted item already
 * @throws AppError `item_not_on_menu`, `item_unavailable`, `out_of_stock`, `amount_too_large`
 */
export function priceOrder(
  wanted: WantedItems,
  menu: readonly MenuPrice[],
  terms: PriceTerms,
  had: readonly { readonly itemId: string; readonly quantity: number }[] = [],
): Basket {
  const alreadyHad = new Map(had.map((item) => [item.itemId, item.quantity]));
  const byId = new Map(menu.map((item) => [item.itemId, item]));
  const items = wanted.map(({ itemId, quantity }) => {
    const item = byId.get(itemId);
    if (item === undefined) throw orderErrors.make('item_not_on_menu', { details: { itemId } });
    const mine = alreadyHad.get(itemId) ?? 0;
    if (!item.available && quantity > mine) {
      throw orderErrors.make('item_unavailable', { details: { itemId } });
    }
    const left = (item.stock ?? Infinity) + mine;
    if (quantity > left) throw orderErrors.make('out_of_stock', { details: { itemId, left } });
    return { itemId, name: item.name, quantity, unitPriceMinor: item.priceMinor };
  });
  const subtotalMinor = items.reduce((sum, i) => sum + i.unitPriceMinor * i.quantity, 0);
  const { deliveryFeeMinor } = terms;
  const taxMinor = taxOn(subtotalMinor + deliveryFeeMinor, terms.taxRate);
  const totalMinor = subtotalMinor + deliveryFeeMinor + taxMinor;
  if (totalMinor > AMOUNT_MINOR_MAX) {
    throw orderErrors.make('amount_too_large', { details: { totalMinor } });
  }
  assert(Number.isSafeInteger(totalMinor) && totalMinor >= 0, 'a total is a whole, safe amount');
  return { items, subtotalMinor, deliveryFeeMinor, taxMinor, totalMinor };
}

/** In millionths, which are whole: 100 at 14.5 % is 14.499999999999998 in binary fractions. */
function taxOn(amountMinor: number, rate: number): number {
  const millionths = amountMinor * Math.round(rate * 1_000_000);
  return Math.floor((millionths + 500_000) / 1_000_000);
}

/** What a customer gets back who cancels now, by the policy of the city; amounts in minor units. */
export function cancellationQuote(order: Order, wallMs: (citySeconds: number) => number) {
  const { cancellation, confirmedAtMs, totalMinor, nowMs } = order;
  const refundOf = (part: number): number => Math.ceil(totalMinor * part);
  const quote = (refundMinor: number, validUntilMs: number | null) => ({
    refundMinor,
    feeMinor: totalMinor - refundMinor,
    validUntilMs,
  });
  // Cash was never taken: there is nothing that could be kept.
  if (confirmedAtMs === null || order.payment.method === 'cash') return quote(totalMinor, null);
  const untilMs = confirmedAtMs + wallMs(cancellation.withinSeconds);
  return nowMs < untilMs
    ? quote(refundOf(cancellation.refundWithin), Math.floor(untilMs))
    : quote(refundOf(cancellation.refundAfter), null);
}
