/**
 * A day of orders, as the public benchmark for meal delivery routing has it (Reyes, Erera,
 * Savelsbergh, Sahasrabudhe, O'Neil: "The Meal Delivery Routing Problem", 2018). Places are metres on
 * a plane, x to the east and y to the north; times are whole minutes from the start of the day.
 */
export interface Day {
  readonly orders: readonly DayOrder[];
  readonly restaurants: readonly DayRestaurant[];
  readonly couriers: readonly DayCourier[];
  readonly terms: DayTerms;
}

export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

export interface DayOrder extends PlanePoint {
  readonly orderId: string;
  readonly restaurantId: string;
  readonly placedAtMinute: number;
  /** When the food is ready, whether or not anybody has come for it. */
  readonly readyAtMinute: number;
}

export interface DayRestaurant extends PlanePoint {
  readonly restaurantId: string;
}

export interface DayCourier extends PlanePoint {
  readonly courierId: string;
  readonly onAtMinute: number;
  readonly offAtMinute: number;
}

export interface DayTerms {
  readonly metersPerMinute: number;
  /** At the restaurant: half before the pickup, half after it. */
  readonly pickupServiceMinutes: number;
  /** At the door: half before the drop-off, half after it. */
  readonly dropoffServiceMinutes: number;
  readonly targetClickToDoorMinutes: number;
  readonly maximumClickToDoorMinutes: number;
  readonly payPerOrder: number;
  readonly guaranteedPayPerHour: number;
}

/** From the first placement to the last, and some time to bring it. Minutes of the day. */
export function spanOf(day: Day): { readonly fromMinute: number; readonly toMinute: number } {
  const placed = day.orders.map(({ placedAtMinute }) => placedAtMinute);
  const fromMinute = placed.reduce((a, b) => Math.min(a, b), Infinity);
  const toMinute = placed.reduce((a, b) => Math.max(a, b), -Infinity);
  return { fromMinute, toMinute };
}
