/**
 * What happens to a courier on its way with an order. Near: 200 m from the restaurant, 500 m from the
 * door; arrived: within 50 m for some seconds. Off route: for a minute 500 m beside the line to its only
 * stop. Silent: no fix for `COURIER_SILENCE_SECONDS`.
 */
export type CourierEventType =
  | 'near_restaurant'
  | 'arrived_restaurant'
  | 'left_restaurant'
  | 'near_customer'
  | 'arrived_customer'
  | 'left_customer'
  | 'off_route'
  /** Also when it goes elsewhere now: it has the food, or another stop. */
  | 'back_on_route'
  | 'silent'
  | 'heard';

/**
 * To those who watch the order, its restaurant and the courier. What still holds is told again to who
 * begins to listen. A restart of the engine forgets it, and tells anew.
 */
export interface CourierEvent {
  readonly type: 'courier_event';
  readonly orderId: string;
  readonly courierId: string;
  readonly event: CourierEventType;
  /** Of the fix that showed it; of silence, when it was noticed. */
  readonly atMs: number;
}
