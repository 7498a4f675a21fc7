import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from './day.ts';

/** A file of a day is not as it should be; `message` names the file and the line. */
class DayFileError extends Error {
  override readonly name = 'DayFileError';
}

const FILES = {
  orders: 'orders.txt',
  restaurants: 'restaurants.txt',
  couriers: 'couriers.txt',
  terms: 'instance_parameters.txt',
} as const;

const HEADERS = {
  orders: 'order\tx\ty\tplacement_time\trestaurant\tready_time',
  restaurants: 'restaurant\tx\ty',
  couriers: 'courier\tx\ty\ton_time\toff_time',
  terms:
    'meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t' +
    'maximum click-to-door\tpay per order\tguaranteed pay per hour',
} as const;

/** One line of a file, cut into its fields. */
class Line {
  readonly #file: string;
  readonly #number: number;
  readonly #fields: readonly string[];

  constructor(file: string, number: number, text: string, fieldCount: number) {
    this.#file = file;
    this.#number = number;
    this.#fields = text.trim().split(/\s+/);
    if (this.#fields.length !== fieldCount) {
      throw this.wrong(`${fieldCount} fields, found ${this.#fields.length}`);
    }
  }

  text(at: number): string {
    return this.#fields[at] ?? '';
  }

  number(at: number): number {
    const value = Number(this.text(at));
    if (!Number.isFinite(value)) throw this.wrong(`a number, found ${this.text(at)}`);
    return value;
  }

  wrong(expected: string): DayFileError {
    return new DayFileError(`${this.#file}, line ${this.#number}: expected ${expected}`);
  }
}

/**
 * Reads the four files of a day.
 * @throws DayFileError for a file that is missing or a line that is wrong, also for an order of a
 *   restaurant that does not exist
 */
export async function readDay(directory: string): Promise<Day> {
  const [orders, restaurants, couriers, terms] = await Promise.all([
    readLines(directory, FILES.orders, 6),
    readLines(directory, FILES.restaurants, 3),
    readLines(directory, FILES.couriers, 5),
    readLines(directory, FILES.terms, 7),
  ]);
  const known = new Set(restaurants.map((line) => line.text(0)));
  const [first] = terms;
  if (first === undefined) throw new DayFileError(`${FILES.terms}: has no values`);
  return {
    orders: orders.map((line) => orderOf(line, known)),
    restaurants: restaurants.map((line) => ({
      restaurantId: line.text(0),
      x: line.number(1),
      y: line.number(2),
    })),
    couriers: couriers.map((line) => ({
      courierId: line.text(0),
      x: line.number(1),
      y: line.number(2),
      onAtMinute: line.number(3),
      offAtMinute: line.number(4),
    })),
    terms: {
      metersPerMinute: first.number(0),
      pickupServiceMinutes: first.number(1),
      dropoffServiceMinutes: first.number(2),
      targetClickToDoorMinutes: first.number(3),
      maximumClickToDoorMinutes: first.number(4),
      payPerOrder: first.number(5),
      guaranteedPayPerHour: first.number(6),
    },
  };
}

/** Writes the four files; the directory is made when it is not there. */
export async function writeDay(directory: string, day: Day): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { orders, restaurants, couriers, terms } = day;
  const rows = {
    orders: orders.map((o) => [
      o.orderId,
      o.x,
      o.y,
      o.placedAtMinute,
      o.restaurantId,
      o.readyAtMinute,
    ]),
    restaurants: restaurants.map((r) => [r.restaurantId, r.x, r.y]),
    couriers: couriers.map((c) => [c.courierId, c.x, c.y, c.onAtMinute, c.offAtMinute]),
    terms: [Object.values(terms)],
  };
  for (const name of ['orders', 'restaurants', 'couriers', 'terms'] as const) {
    const lines = [HEADERS[name], ...rows[name].map((fields) => fields.join('\t'))];
    await writeFile(join(directory, FILES[name]), `${lines.join('\n')}\n`);
  }
}

function orderOf(line: Line, restaurants: ReadonlySet<string>): Day['orders'][number] {
  const restaurantId = line.text(4);
  if (!restaurants.has(restaurantId)) throw line.wrong(`a known restaurant, not ${restaurantId}`);
  const placedAtMinute = line.number(3);
  const readyAtMinute = line.number(5);
  if (readyAtMinute < placedAtMinute) throw line.wrong('food that is ready after it was ordered');
  return {
    orderId: line.text(0),
    x: line.number(1),
    y: line.number(2),
    placedAtMinute,
    restaurantId,
    readyAtMinute,
  };
}

/** The lines below the header. */
async function readLines(directory: string, file: string, fieldCount: number): Promise<Line[]> {
  let text: string;
  try {
    text = await readFile(join(directory, file), 'utf8');
  } catch (error) {
    throw new DayFileError(`${join(directory, file)} cannot be read`, { cause: error });
  }
  return text
    .split('\n')
    .map((line, i) => ({ line, number: i + 1 }))
    .slice(1)
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => new Line(file, number, line, fieldCount));
}
