/**
 * What happened on a simulated day. Orders, couriers and restaurants are numbered as in the `Day`;
 * times are whole minutes of the day.
 */
export interface DayRun {
  /** In any order. */
  readonly trips: readonly Trip[];
  readonly epochs: number;
  /** Wall time of the longest planning epoch. */
  readonly maxEpochMs: number;
  /** Wall time of the whole simulation. */
  readonly seconds: number;
}

/** One instruction, carried out: orders of one restaurant, picked up together, dropped off in turn. */
export interface Trip {
  readonly courier: number;
  readonly restaurant: number;
  readonly assignedAtMinute: number;
  /** When the courier set out for the restaurant. */
  readonly departedAtMinute: number;
  readonly arrivedAtMinute: number;
  readonly pickedUpAtMinute: number;
  readonly deliveries: readonly Delivery[];
}

export interface Delivery {
  readonly order: number;
  /** Arrival at the door and half of the service there. */
  readonly atMinute: number;
}
