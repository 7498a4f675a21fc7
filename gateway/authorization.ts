import {
  protocolErrors,
  type Actor,
  type ClientMessage,
  type RestRouteName,
  type Role,
} from '../protocol/index.ts';

/**
 * Who may do what, as data. This decides by role and city only; whether an order or a courier is the
 * actor's own is asked of the ports, which answer `not_found` for what belongs to others.
 */
export const EVERYBODY: readonly Role[] = [
  'customer',
  'restaurant',
  'courier',
  'operator',
  'service',
];
/** Who can be told as a person. */
const PEOPLE: readonly Role[] = ['customer', 'restaurant', 'courier'];
/** Who can be told by a webhook. */
const LISTENERS: readonly Role[] = ['restaurant', 'service'];
const PROVISIONERS: readonly Role[] = ['operator', 'service'];

/** Every REST route that there is; what it takes and answers stands in protocol/rest.ts. */
export const ROUTE_ROLES = {
  'POST /v1/orders': ['customer'],
  'GET /v1/orders': ['customer'],
  'GET /v1/orders/:orderId': EVERYBODY,
  'POST /v1/orders/:orderId/commands': ['customer', 'restaurant', 'courier', 'operator'],
  'GET /v1/orders/:orderId/cancellation': ['customer'],
  'GET /v1/orders/:orderId/reorder': ['customer'],
  'GET /v1/orders/:orderId/track': EVERYBODY,
  'GET /v1/attention': ['operator'],
  'GET /v1/cities/:cityId/heat': ['operator'],
  'GET /v1/cities/:cityId/orders': ['operator'],
  'GET /v1/cities/:cityId/figures': ['operator'],
  'GET /v1/restaurants': EVERYBODY,
  'GET /v1/restaurants/:restaurantId': EVERYBODY,
  'POST /v1/restaurants/:restaurantId/commands': ['restaurant'],
  'GET /v1/restaurants/:restaurantId/days': ['restaurant', 'operator'],
  'GET /v1/couriers/:courierId/days': ['courier', 'operator'],
  'POST /v1/ws-ticket': EVERYBODY,
  'POST /v1/revocations': PROVISIONERS,
  'GET /v1/cities/:cityId': EVERYBODY,
  'PUT /v1/cities/:cityId': PROVISIONERS,
  'PUT /v1/cities/:cityId/restaurants/:restaurantId': PROVISIONERS,
  'PUT /v1/cities/:cityId/couriers/:courierId': PROVISIONERS,
  'GET /v1/orders/:orderId/notifications': ['operator'],
  'GET /v1/notifications': ['operator'],
  'GET /v1/notifications/preferences': PEOPLE,
  'PUT /v1/notifications/preferences': PEOPLE,
  'GET /v1/notifications/webhook': LISTENERS,
  'PUT /v1/notifications/webhook': LISTENERS,
  'DELETE /v1/notifications/webhook': LISTENERS,
  'GET /v1/status': EVERYBODY,
} as const satisfies Record<RestRouteName, readonly Role[]>;
export type RouteName = RestRouteName;

/** Every message that a WebSocket client may send. */
export const MESSAGE_ROLES: Readonly<Record<ClientMessage['type'], readonly Role[]>> = {
  accept_order: ['restaurant'],
  reject_order: ['restaurant'],
  start_preparation: ['restaurant'],
  delay_order: ['restaurant'],
  mark_ready: ['restaurant'],
  set_item: ['restaurant'],
  pause_orders: ['restaurant'],
  resume_orders: ['restaurant'],
  accept_offer: ['courier'],
  decline_offer: ['courier'],
  pick_up: ['courier'],
  depart: ['courier'],
  deliver: ['courier'],
  modify_order: ['customer'],
  cancel_order: ['customer'],
  rate_order: ['customer'],
  assign_courier: ['operator'],
  unassign_courier: ['operator'],
  operator_cancel: ['operator'],
  confirm_delivery: ['operator'],
  refund_order: ['operator'],
  set_duty: ['courier'],
  fix: ['courier'],
  subscribe: ['customer', 'courier', 'operator', 'service'],
  unsubscribe: ['customer', 'courier', 'operator', 'service'],
  watch_area: ['operator'],
  ping: EVERYBODY,
  refresh: EVERYBODY,
};

/** @throws AppError `forbidden` */
export function requireRole(actor: Actor, roles: readonly Role[]): void {
  if (!roles.includes(actor.role)) throw protocolErrors.make('forbidden');
}

/**
 * A service account acts in every city, everybody else in the token's own.
 * @throws AppError `not_found`: a foreign city looks like one that does not exist
 */
export function requireCity(actor: Actor, cityId: string): void {
  if (actor.role !== 'service' && actor.cityId !== cityId) throw protocolErrors.make('not_found');
}
