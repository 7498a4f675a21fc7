import {
  type Actor,
  type OrderItem,
  protocolErrors,
  type ReorderProposal,
} from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import { priceOrder, type MenuPrice, type PriceTerms } from '../model/pricing.ts';

const REORDER_FACTS = {
  name: 'reorder_facts',
  text: `
    SELECT o.customer_id, o.restaurant_id, o.items, c.delivery_fee_minor, c.tax_rate,
      r.open AND coalesce(r.paused_until <= clock_timestamp(), true) AS open,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('itemId', m.item_id, 'name', m.name,
          'priceMinor', m.price_minor, 'available', m.available, 'stock', m.stock)), '[]')
        FROM menu_items m WHERE m.city_id = o.city_id AND m.restaurant_id = o.restaurant_id
          AND ($3::text[] IS NULL OR m.item_id = ANY($3))) AS menu
    FROM orders o JOIN restaurants r USING (city_id, restaurant_id) JOIN cities c USING (city_id)
    WHERE o.city_id = $1 AND o.order_id = $2`,
};

interface FactsRow {
  customer_id: string;
  restaurant_id: string;
  items: OrderItem[];
  delivery_fee_minor: number;
  tax_rate: number;
  open: boolean;
  menu: MenuPrice[];
}

/**
 * The menu and the city's terms that an order's items are priced by today.
 * @param itemIds only these; null for the whole menu
 * @throws AppError `not_found`
 */
export async function readPrices(
  database: Database,
  order: { readonly cityId: string; readonly orderId: string },
  itemIds: readonly string[],
): Promise<{ menu: readonly MenuPrice[]; terms: PriceTerms }> {
  const { menu, ...row } = await readFacts(database, order, itemIds);
  return { menu, terms: { deliveryFeeMinor: row.delivery_fee_minor, taxRate: row.tax_rate } };
}

/**
 * What ordering the same again would be today.
 * @throws AppError `not_found`, also for an order that is somebody else's
 */
export async function proposeReorder(
  database: Database,
  orderId: string,
  actor: Actor,
): Promise<ReorderProposal> {
  const row = await readFacts(database, { cityId: actor.cityId, orderId }, null);
  if (row.customer_id !== actor.subject) {
    throw protocolErrors.make('not_found', { details: { orderId } });
  }
  return proposal(row);
}

async function readFacts(
  database: Database,
  { cityId, orderId }: { readonly cityId: string; readonly orderId: string },
  itemIds: readonly string[] | null,
): Promise<FactsRow> {
  const [row] = await database.query<FactsRow>(REORDER_FACTS, [cityId, orderId, itemIds]);
  if (row === undefined) throw protocolErrors.make('not_found', { details: { orderId } });
  return row;
}

function proposal(row: FactsRow): ReorderProposal {
  const menu = new Map(row.menu.map((item) => [item.itemId, item]));
  const judged = row.items.map((item) => ({ item, now: menu.get(item.itemId) }));
  const had = judged.filter(({ item, now }) => whyNot(item, now) === null);
  const wanted = had.map(({ item }) => ({ itemId: item.itemId, quantity: item.quantity }));
  const terms = { deliveryFeeMinor: row.delivery_fee_minor, taxRate: row.tax_rate };
  const basket = wanted.length === 0 ? null : priceOrder(wanted, row.menu, terms);
  return {
    restaurantId: row.restaurant_id,
    restaurantOpen: row.open,
    items: basket?.items ?? [],
    unavailable: judged.flatMap(({ item: { itemId, name, ...item }, now }) => {
      const reason = whyNot({ itemId, name, ...item }, now);
      return reason === null ? [] : [{ itemId, name, reason }];
    }),
    priceChanges: had.flatMap(({ item, now }) =>
      now === undefined || now.priceMinor === item.unitPriceMinor
        ? []
        : [
            {
              itemId: item.itemId,
              name: now.name,
              thenMinor: item.unitPriceMinor,
              nowMinor: now.priceMinor,
            },
          ],
    ),
    totalMinor: basket?.totalMinor ?? null,
  };
}

function whyNot(
  item: OrderItem,
  now: MenuPrice | undefined,
): ReorderProposal['unavailable'][number]['reason'] | null {
  if (now === undefined) return 'not_on_menu';
  if (!now.available) return 'unavailable';
  return (now.stock ?? Infinity) < item.quantity ? 'out_of_stock' : null;
}
