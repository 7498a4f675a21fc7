import { type Actor, protocolErrors, type ShopCommand } from '../../protocol/index.ts';
import { unreachable, type TimeScale } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';

/** Each changes one row and writes down who did it, in one statement; no row: no such thing. */
const SET_ITEM = {
  name: 'set_item',
  text: `
    WITH changed AS (
      UPDATE menu_items SET available = coalesce($5, available),
        stock = CASE WHEN $6 THEN $7 ELSE stock END
      WHERE city_id = $1 AND restaurant_id = $2 AND item_id = $4
      RETURNING city_id, item_id, available, stock
    )
    INSERT INTO audit_log (city_id, actor, action, subject, data)
    SELECT city_id, $3, 'set_item', $2 || '/' || item_id,
      jsonb_build_object('available', available, 'stock', stock)
    FROM changed RETURNING subject`,
};
const PAUSE_ORDERS = {
  name: 'pause_orders',
  text: `
    WITH changed AS (
      UPDATE restaurants
      SET paused_until = clock_timestamp() + $4::float8 * interval '1 millisecond'
      WHERE city_id = $1 AND restaurant_id = $2 RETURNING city_id, paused_until
    )
    INSERT INTO audit_log (city_id, actor, action, subject, data)
    SELECT city_id, $3, 'pause_orders', $2, jsonb_build_object('until', paused_until)
    FROM changed RETURNING subject`,
};
const RESUME_ORDERS = {
  name: 'resume_orders',
  text: `
    WITH changed AS (
      UPDATE restaurants SET paused_until = NULL
      WHERE city_id = $1 AND restaurant_id = $2 RETURNING city_id
    )
    INSERT INTO audit_log (city_id, actor, action, subject, data)
    SELECT city_id, $3, 'resume_orders', $2, '{}' FROM changed RETURNING subject`,
};

/**
 * What a restaurant says about itself. Each may be said again: it then is as it was said.
 * @throws AppError `not_found` when the restaurant, or its item, does not exist
 */
export async function executeShopCommand(
  database: Database,
  timeScale: TimeScale,
  command: ShopCommand,
  actor: Actor,
): Promise<void> {
  const who = [actor.cityId, actor.subject, `${actor.role}:${actor.subject}`];
  const rows = await run();
  if (rows.length > 0) return;
  const itemId = command.type === 'set_item' ? { itemId: command.itemId } : {};
  throw protocolErrors.make('not_found', { details: { restaurantId: actor.subject, ...itemId } });

  async function run(): Promise<unknown[]> {
    switch (command.type) {
      case 'set_item': {
        const { itemId: item, available = null, stock } = command;
        const what = [item, available, stock !== undefined, stock ?? null];
        return await database.query(SET_ITEM, [...who, ...what]);
      }
      case 'pause_orders': {
        const forMs = timeScale.wallMs(command.forSeconds);
        return await database.query(PAUSE_ORDERS, [...who, forMs]);
      }
      case 'resume_orders':
        return await database.query(RESUME_ORDERS, who);
      default:
        return unreachable(command);
    }
  }
}
