import type { Day, DayCourier, DayOrder, PlanePoint } from '../../load-tests/days/index.ts';
import {
  ON_LOCATION,
  type Assignment,
  type DeliveredOrder,
  type Move,
  type Solution,
} from './solution-files.ts';
import { travelMinutes } from './travel-minutes.ts';

/**
 * Judges what the solution files say by the rules of the benchmark, and trusts nothing else: it knows
 * neither the planner nor the simulator. Each courier's day is driven again, move by move, with travel
 * times of its own.
 *
 * It is stricter than the benchmark's evaluator, which lets pass: services that are cut short, a
 * pickup in less than half the pickup service after the arrival, a departure before the assignment,
 * a delivery without an assignment, and pickup times that differ between the files. A delivery later
 * than the maximum click-to-door, which it does not count, is counted in full by `metrics.ts`.
 * @returns a sentence for each violation; empty for a feasible solution
 */
export function validate(day: Day, solution: Solution): string[] {
  const violations: string[] = [];
  const known = withoutUnknown(day, solution, violations);
  violations.push(...bundleViolations(day, known.assignments));
  violations.push(...agreementViolations(known));
  violations.push(...deliveryViolations(day, known.deliveries));
  const droppedOff = new Map(known.deliveries.map((d) => [d.orderId, d.droppedOffAtMinute]));
  for (const courier of day.couriers) {
    const isTheirs = ({ courierId }: { courierId: string }): boolean =>
      courierId === courier.courierId;
    const drive = new Drive(day, courier, known.moves.filter(isTheirs));
    const inTurn = known.assignments
      .filter(isTheirs)
      .toSorted((a, b) => a.pickedUpAtMinute - b.pickedUpAtMinute);
    violations.push(...drive.judge(inTurn, droppedOff));
  }
  return violations;
}

/** The lines whose ids all exist; the others cannot be judged any further. */
function withoutUnknown(day: Day, solution: Solution, violations: string[]): Solution {
  const orders = new Set(day.orders.map(({ orderId }) => orderId));
  const couriers = new Set(day.couriers.map(({ courierId }) => courierId));
  const stops = new Set([...orders, ...day.restaurants.map(({ restaurantId }) => restaurantId)]);
  const knows = (ids: ReadonlySet<string>, id: string, what: string): boolean => {
    if (!ids.has(id)) violations.push(`${what} ${id} is not in the instance`);
    return ids.has(id);
  };
  return {
    assignments: solution.assignments.filter((a) =>
      [
        knows(couriers, a.courierId, `The assignment at ${a.assignedAtMinute}: courier`),
        ...a.orderIds.map((id) => knows(orders, id, `The assignment of ${a.courierId}: order`)),
      ].every(Boolean),
    ),
    deliveries: solution.deliveries.filter((d) =>
      [
        knows(orders, d.orderId, `A delivery by ${d.courierId}: order`),
        knows(couriers, d.courierId, `The delivery of ${d.orderId}: courier`),
      ].every(Boolean),
    ),
    moves: solution.moves.filter((m) => {
      const move = `The move at ${m.departedAtMinute}`;
      return [
        knows(couriers, m.courierId, `${move}: courier`),
        m.origin === ON_LOCATION || knows(stops, m.origin, `${move} of ${m.courierId}: origin`),
        knows(stops, m.destination, `${move} of ${m.courierId}: destination`),
      ].every(Boolean);
    }),
  };
}

/** Each bundle by itself: known orders, of one restaurant, ready, in nobody else's hands. */
function bundleViolations(day: Day, assignments: readonly Assignment[]): string[] {
  const violations: string[] = [];
  const orders = new Map(day.orders.map((order) => [order.orderId, order]));
  const assigned = new Set<string>();
  for (const { assignedAtMinute, pickedUpAtMinute, courierId, orderIds } of assignments) {
    const bundle = orderIds.flatMap((id) => orders.get(id) ?? []);
    const restaurants = [...new Set(bundle.map(({ restaurantId }) => restaurantId))];
    if (restaurants.length > 1) {
      violations.push(
        `${named(orderIds)} are one bundle of ${courierId} at ${pickedUpAtMinute}, ` +
          `but come from ${restaurants.join(' and ')}`,
      );
    }
    for (const { orderId, placedAtMinute, readyAtMinute } of bundle) {
      if (assigned.has(orderId)) {
        violations.push(`${orderId} is assigned again at ${assignedAtMinute}, to ${courierId}`);
      }
      assigned.add(orderId);
      if (assignedAtMinute < placedAtMinute) {
        violations.push(
          `${orderId} is assigned at ${assignedAtMinute}, before it is placed at ${placedAtMinute}`,
        );
      }
      if (pickedUpAtMinute < readyAtMinute) {
        violations.push(
          `${orderId} is picked up at ${pickedUpAtMinute}, before it is ready at ${readyAtMinute}`,
        );
      }
    }
  }
  return violations;
}

/** The files among each other. */
function agreementViolations({ assignments, deliveries, moves }: Solution): string[] {
  const violations: string[] = [];
  const delivered = new Set<string>();
  for (const { orderId } of deliveries) {
    if (delivered.has(orderId)) violations.push(`${orderId} is delivered more than once`);
    delivered.add(orderId);
  }
  const assignmentOf = new Map(assignments.flatMap((a) => a.orderIds.map((id) => [id, a])));
  for (const orderId of assignmentOf.keys()) {
    if (!delivered.has(orderId)) violations.push(`${orderId} is assigned and never delivered`);
  }
  for (const { orderId, courierId, pickedUpAtMinute } of deliveries) {
    const assignment = assignmentOf.get(orderId);
    if (assignment === undefined) {
      violations.push(`${orderId} is delivered by ${courierId} without an assignment`);
      continue;
    }
    if (assignment.courierId !== courierId) {
      violations.push(
        `${orderId} is assigned to ${assignment.courierId} and delivered by ${courierId}`,
      );
    }
    if (assignment.pickedUpAtMinute !== pickedUpAtMinute) {
      violations.push(
        `${orderId} is picked up at ${assignment.pickedUpAtMinute} by the assignments ` +
          `and at ${pickedUpAtMinute} by the orders`,
      );
    }
  }
  const seen = new Set<string>();
  for (const [i, { courierId, departedAtMinute }] of moves.entries()) {
    if (seen.has(courierId) && moves[i - 1]?.courierId !== courierId) {
      violations.push(
        `The move of ${courierId} at ${departedAtMinute} does not stand with the courier's others`,
      );
    }
    seen.add(courierId);
  }
  return violations;
}

/** Each delivery by itself, beside its order. */
function deliveryViolations(day: Day, deliveries: readonly DeliveredOrder[]): string[] {
  const violations: string[] = [];
  const orders = new Map(day.orders.map((order) => [order.orderId, order]));
  for (const delivery of deliveries) {
    const order = orders.get(delivery.orderId);
    if (order === undefined) continue;
    const { orderId, placedAtMinute, readyAtMinute } = order;
    if (delivery.placedAtMinute !== placedAtMinute) {
      violations.push(
        `${orderId} is placed at ${placedAtMinute}, not at ${delivery.placedAtMinute}`,
      );
    }
    if (delivery.readyAtMinute !== readyAtMinute) {
      violations.push(`${orderId} is ready at ${readyAtMinute}, not at ${delivery.readyAtMinute}`);
    }
  }
  return violations;
}

/** What one courier's moves come to, beside the courier's assignments. */
class Drive {
  readonly #day: Day;
  readonly #courier: DayCourier;
  readonly #moves: readonly Move[];
  readonly #orders: ReadonlyMap<string, DayOrder>;
  readonly #places: ReadonlyMap<string, PlanePoint>;
  readonly #violations: string[] = [];
  #movesDone = 0;
  #at: string = ON_LOCATION;
  /** From when on the courier may go on: on duty, or the service where the courier is has ended. */
  #freeAtMinute: number;

  /** @param moves of this courier, between places that exist */
  constructor(day: Day, courier: DayCourier, moves: readonly Move[]) {
    this.#day = day;
    this.#courier = courier;
    this.#moves = moves;
    this.#orders = new Map(day.orders.map((order) => [order.orderId, order]));
    this.#places = new Map<string, PlanePoint>([
      [ON_LOCATION, courier],
      ...day.restaurants.map((r) => [r.restaurantId, r] as const),
      ...this.#orders,
    ]);
    this.#freeAtMinute = courier.onAtMinute;
  }

  /**
   * @param assignments of this courier, in order of their pickups
   * @param droppedOff minute by order, as the orders' file has it
   */
  judge(assignments: readonly Assignment[], droppedOff: ReadonlyMap<string, number>): string[] {
    const { courierId } = this.#courier;
    for (const assignment of assignments) {
      this.#judgeInstruction(assignment);
      // Once the courier is elsewhere, every further sentence would say the same.
      if (!this.#judgePickup(assignment)) return this.#violations;
      for (const orderId of assignment.orderIds) {
        if (!this.#judgeDropOff(orderId, droppedOff.get(orderId))) return this.#violations;
      }
    }
    for (const { departedAtMinute, destination } of this.#moves.slice(this.#movesDone)) {
      this.#say(
        `${courierId} leaves for ${destination} at ${departedAtMinute} without an assignment`,
      );
    }
    return this.#violations;
  }

  #judgeInstruction({ assignedAtMinute, pickedUpAtMinute, orderIds }: Assignment): void {
    const { courierId, offAtMinute } = this.#courier;
    if (assignedAtMinute < this.#freeAtMinute) {
      this.#say(
        `${courierId} is given ${named(orderIds)} at ${assignedAtMinute}, ` +
          `but is not idle before ${this.#freeAtMinute} (${this.#whyNotFree()})`,
      );
    }
    if (pickedUpAtMinute > offAtMinute) {
      this.#say(
        `${courierId} picks up ${named(orderIds)} at ${pickedUpAtMinute}, ` +
          `after the shift's end at ${offAtMinute}`,
      );
    }
  }

  /** @returns false when the courier is not where the food is */
  #judgePickup({ assignedAtMinute, pickedUpAtMinute, orderIds }: Assignment): boolean {
    const { courierId } = this.#courier;
    const restaurantId = this.#orders.get(orderIds[0] ?? '')?.restaurantId ?? '';
    const what = `the pickup of ${named(orderIds)} at ${pickedUpAtMinute}`;
    const move = this.#nextMove(restaurantId, what);
    if (move === null) return false;
    if (move.departedAtMinute < assignedAtMinute) {
      this.#say(
        `${courierId} leaves for ${restaurantId} at ${move.departedAtMinute}, ` +
          `before the assignment at ${assignedAtMinute}`,
      );
    }
    if (move.departedAtMinute < this.#freeAtMinute) {
      this.#say(
        `${courierId} leaves for ${restaurantId} at ${move.departedAtMinute}, ` +
          `before ${this.#freeAtMinute} (${this.#whyNotFree()})`,
      );
    }
    const half = this.#day.terms.pickupServiceMinutes / 2;
    const arrivesAt = this.#arrive(move);
    if (pickedUpAtMinute < arrivesAt + half) {
      this.#say(
        `${courierId} picks up ${named(orderIds)} at ${pickedUpAtMinute}, but arrives at ` +
          `${restaurantId} at ${arrivesAt} and needs ${half} minutes there`,
      );
    }
    this.#freeAtMinute = pickedUpAtMinute + half;
    return true;
  }

  /**
   * @param fileSays when the orders' file has it; undefined when it has no such delivery
   * @returns false when the courier is not at the door
   */
  #judgeDropOff(orderId: string, fileSays: number | undefined): boolean {
    const { courierId } = this.#courier;
    const what = `the drop-off of ${orderId}${fileSays === undefined ? '' : ` at ${fileSays}`}`;
    const from = this.#at;
    const move = this.#nextMove(orderId, what);
    if (move === null) return false;
    if (move.departedAtMinute !== this.#freeAtMinute) {
      this.#say(
        `${courierId} leaves ${from} for ${orderId} at ${move.departedAtMinute}, ` +
          `but the service at ${from} ends at ${this.#freeAtMinute}`,
      );
    }
    const half = this.#day.terms.dropoffServiceMinutes / 2;
    const arrivesAt = this.#arrive(move);
    const droppedOffAt = arrivesAt + half;
    if (fileSays !== undefined && fileSays !== droppedOffAt) {
      this.#say(
        `${orderId} is dropped off at ${fileSays}, but ${courierId} arrives there at ${arrivesAt} ` +
          `and needs ${half} minutes: ${droppedOffAt}`,
      );
    }
    this.#freeAtMinute = droppedOffAt + half;
    return true;
  }

  /** The next move, which must start where the courier is. @returns null when it goes elsewhere */
  #nextMove(destination: string, what: string): Move | null {
    const { courierId } = this.#courier;
    const move = this.#moves[this.#movesDone];
    if (move === undefined || move.destination !== destination) {
      const instead =
        move === undefined
          ? `stays at ${this.#here()}`
          : `goes from ${this.#here()} to ${move.destination} at ${move.departedAtMinute}`;
      this.#say(`${courierId} must be at ${destination} for ${what}, but ${instead}`);
      return null;
    }
    if (move.origin !== this.#at) {
      this.#say(
        `${courierId} leaves ${move.origin} for ${destination} at ${move.departedAtMinute}, ` +
          `but is at ${this.#here()}`,
      );
    }
    this.#movesDone++;
    return move;
  }

  /** @returns the minute of arrival; from where the courier really is, whatever the file says */
  #arrive({ departedAtMinute, destination }: Move): number {
    const { metersPerMinute } = this.#day.terms;
    const [from, to] = [this.#places.get(this.#at), this.#places.get(destination)];
    this.#at = destination;
    // Both are in the instance: unknown ids were dropped before.
    if (from === undefined || to === undefined) return Infinity;
    return departedAtMinute + travelMinutes(from, to, metersPerMinute);
  }

  #here(): string {
    return this.#at === ON_LOCATION ? 'the on-location' : this.#at;
  }

  #whyNotFree(): string {
    return this.#at === ON_LOCATION ? 'the shift begins' : `the service at ${this.#at} ends`;
  }

  #say(violation: string): void {
    this.#violations.push(violation);
  }
}

/** @returns such as `o1`, or `o1, o2 and o3` */
function named(ids: readonly string[]): string {
  return ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}
