import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from '../../load-tests/days/index.ts';
import { messageOf, required } from '../../runtime/index.ts';
import type { DayRun, Trip } from './day-run.ts';

/**
 * What the three solution files say, line by line and as they say it: nothing is derived, so that it
 * can be judged. Times are minutes of the day, ids those of the instance.
 */
export interface Solution {
  readonly assignments: readonly Assignment[];
  /** Delivered orders only. */
  readonly deliveries: readonly DeliveredOrder[];
  /** All moves of a courier together, in order. */
  readonly moves: readonly Move[];
}

export interface Assignment {
  readonly assignedAtMinute: number;
  readonly pickedUpAtMinute: number;
  readonly courierId: string;
  /** At least one, in the sequence of the drop-offs. */
  readonly orderIds: readonly string[];
}

export interface DeliveredOrder {
  readonly orderId: string;
  readonly placedAtMinute: number;
  readonly readyAtMinute: number;
  readonly pickedUpAtMinute: number;
  readonly droppedOffAtMinute: number;
  readonly courierId: string;
}

export interface Move {
  readonly courierId: string;
  readonly departedAtMinute: number;
  /** An order or a restaurant, or `ON_LOCATION`. */
  readonly origin: string;
  readonly destination: string;
}

/** Where a courier's shift begins, as an origin of a move. */
export const ON_LOCATION = '0';

/** A solution file is not as it should be; `message` names the file and the line. */
class SolutionFileError extends Error {
  override readonly name = 'SolutionFileError';
}

const FILES = {
  assignments: 'solution_info_assignments.txt',
  deliveries: 'solution_info_orders.txt',
  moves: 'solution_info_couriers.txt',
} as const;

const HEADERS = {
  assignments: 'assignment_time pickup_time courier order',
  deliveries: 'order placement_time ready_time pickup_time dropoff_time courier',
  moves: 'courier departure_time origin destination',
} as const;

/** @param run of this day: its numbers are looked up in it */
export function solutionOf(day: Day, run: DayRun): Solution {
  const trips = run.trips.toSorted((a, b) => a.assignedAtMinute - b.assignedAtMinute);
  return {
    assignments: trips.map((trip) => ({
      assignedAtMinute: trip.assignedAtMinute,
      pickedUpAtMinute: trip.pickedUpAtMinute,
      courierId: courierIdOf(day, trip),
      orderIds: trip.deliveries.map(({ order }) => orderOf(day, order).orderId),
    })),
    deliveries: trips.flatMap((trip) => deliveriesOf(day, trip)),
    moves: day.couriers.flatMap(({ courierId }, courier) =>
      movesOf(
        day,
        courierId,
        trips.filter((trip) => trip.courier === courier),
      ),
    ),
  };
}

/** Writes the three files; the directory is made when it is not there. */
export async function writeSolution(directory: string, solution: Solution): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { assignments, deliveries, moves } = solution;
  const rows = {
    assignments: assignments.map((a) => [
      a.assignedAtMinute,
      a.pickedUpAtMinute,
      a.courierId,
      ...a.orderIds,
    ]),
    deliveries: deliveries.map((d) => [
      d.orderId,
      d.placedAtMinute,
      d.readyAtMinute,
      d.pickedUpAtMinute,
      d.droppedOffAtMinute,
      d.courierId,
    ]),
    moves: moves.map((m) => [m.courierId, m.departedAtMinute, m.origin, m.destination]),
  };
  for (const name of ['assignments', 'deliveries', 'moves'] as const) {
    const lines = [HEADERS[name], ...rows[name].map((fields) => fields.join(' '))];
    await writeFile(join(directory, FILES[name]), `${lines.join('\n')}\n`);
  }
}

/**
 * Reads the three files back.
 * @throws SolutionFileError for a file that is missing, a header that is another, a line that is wrong
 */
export async function readSolution(directory: string): Promise<Solution> {
  const [assignments, deliveries, moves] = await Promise.all([
    readLines(directory, 'assignments', 4, Infinity),
    readLines(directory, 'deliveries', 6, 6),
    readLines(directory, 'moves', 4, 4),
  ]);
  return {
    assignments: assignments.map((line) => ({
      assignedAtMinute: line.minute(0),
      pickedUpAtMinute: line.minute(1),
      courierId: line.text(2),
      orderIds: line.rest(3),
    })),
    deliveries: deliveries.map((line) => ({
      orderId: line.text(0),
      placedAtMinute: line.minute(1),
      readyAtMinute: line.minute(2),
      pickedUpAtMinute: line.minute(3),
      droppedOffAtMinute: line.minute(4),
      courierId: line.text(5),
    })),
    moves: moves.map((line) => ({
      courierId: line.text(0),
      departedAtMinute: line.minute(1),
      origin: line.text(2),
      destination: line.text(3),
    })),
  };
}

function deliveriesOf(day: Day, trip: Trip): DeliveredOrder[] {
  return trip.deliveries.map((delivery) => {
    const { orderId, placedAtMinute, readyAtMinute } = orderOf(day, delivery.order);
    return {
      orderId,
      placedAtMinute,
      readyAtMinute,
      pickedUpAtMinute: trip.pickedUpAtMinute,
      droppedOffAtMinute: delivery.atMinute,
      courierId: courierIdOf(day, trip),
    };
  });
}

/** @param trips of this courier, in order */
function movesOf(day: Day, courierId: string, trips: readonly Trip[]): Move[] {
  const { pickupServiceMinutes, dropoffServiceMinutes } = day.terms;
  const moves: Move[] = [];
  let origin: string = ON_LOCATION;
  const move = (departedAtMinute: number, destination: string): void => {
    moves.push({ courierId, departedAtMinute, origin, destination });
    origin = destination;
  };
  for (const trip of trips) {
    const restaurant = required(day.restaurants[trip.restaurant], 'the restaurant of a trip');
    move(trip.departedAtMinute, restaurant.restaurantId);
    let leavesAt = trip.pickedUpAtMinute + pickupServiceMinutes / 2;
    for (const { order, atMinute } of trip.deliveries) {
      move(leavesAt, orderOf(day, order).orderId);
      leavesAt = atMinute + dropoffServiceMinutes / 2;
    }
  }
  return moves;
}

function orderOf(day: Day, order: number): Day['orders'][number] {
  return required(day.orders[order], 'the order of a delivery');
}

function courierIdOf(day: Day, trip: Trip): string {
  return required(day.couriers[trip.courier], 'the courier of a trip').courierId;
}

/** One line of a file, cut into its fields. */
class Line {
  readonly #file: string;
  readonly #number: number;
  readonly #fields: readonly string[];

  constructor(file: string, number: number, text: string) {
    this.#file = file;
    this.#number = number;
    this.#fields = text.trim().split(/\s+/);
  }

  expectFields(min: number, max: number): this {
    const found = this.#fields.length;
    const expected = max === Infinity ? `${min} fields or more` : `${min} fields`;
    if (found < min || found > max) throw this.wrong(`${expected}, found ${found}`);
    return this;
  }

  text(at: number): string {
    return required(this.#fields[at], 'a field that was counted');
  }

  rest(from: number): string[] {
    return this.#fields.slice(from);
  }

  minute(at: number): number {
    const text = this.text(at);
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw this.wrong(`a minute, found ${text}`);
    return Number(text);
  }

  wrong(expected: string): SolutionFileError {
    return new SolutionFileError(`${this.#file}, line ${this.#number}: expected ${expected}`);
  }
}

/** The lines below the header. */
async function readLines(
  directory: string,
  name: keyof typeof FILES,
  fieldsMin: number,
  fieldsMax: number,
): Promise<Line[]> {
  const file = join(directory, FILES[name]);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new SolutionFileError(`${file} cannot be read (${messageOf(error)})`, { cause: error });
  }
  const [header = '', ...lines] = text.split(/\r?\n/);
  if (header !== HEADERS[name]) {
    throw new SolutionFileError(`${FILES[name]}, line 1: expected the header '${HEADERS[name]}'`);
  }
  return lines
    .map((line, i) => ({ line, number: i + 2 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) =>
      new Line(FILES[name], number, line).expectFields(fieldsMin, fieldsMax),
    );
}
