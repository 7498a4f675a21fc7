import type { ClientMessage } from '../../protocol/index.ts';
import type { RouteName } from '../authorization.ts';
import type { Sheddable } from './steps.ts';

/** What is left undone when too much is asked; everything else is answered as long as it can be. */
const ROUTES: Partial<Record<RouteName, Sheddable>> = {
  'POST /v1/orders': 'new_order',
  'GET /v1/orders': 'history',
  'GET /v1/orders/:orderId/reorder': 'history',
  'GET /v1/orders/:orderId/track': 'history',
  'GET /v1/restaurants/:restaurantId/days': 'history',
  'GET /v1/couriers/:courierId/days': 'history',
  'GET /v1/cities/:cityId/heat': 'live_map',
};

/** Null: it is never left undone. */
export function sheddableRoute(route: RouteName): Sheddable | null {
  return ROUTES[route] ?? null;
}

/** The same of a message. To watch nothing any more is less to do. */
export function sheddableMessage(message: ClientMessage): Sheddable | null {
  if (message.type === 'subscribe') return 'subscription';
  if (message.type === 'watch_area' && message.area !== null) return 'live_map';
  return null;
}
