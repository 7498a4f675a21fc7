import { randomInteger, randomPick, seededRandom, type Random } from '../../runtime/index.ts';
import type { Day, DayCourier, DayOrder, DayTerms, PlanePoint } from './day.ts';

/** What a synthetic day is made of. */
export interface DayRecipe {
  readonly seed: number;
  readonly orders: number;
  readonly restaurants: number;
  readonly couriers: number;
  /** Side of the square city. */
  readonly sizeMeters: number;
}

/** Minutes of the day at which orders come, and how widely they spread: lunch and dinner. */
const PEAKS = [
  { atMinute: 12 * 60 + 30, spreadMinutes: 50, share: 0.4 },
  { atMinute: 18 * 60 + 45, spreadMinutes: 75, share: 0.6 },
] as const;
const OPENS_AT_MINUTE = 10 * 60;
const CLOSES_AT_MINUTE = 23 * 60;
/** The longest shift that is drawn; the shortest is half of it. */
const SHIFT_MINUTES_MAX = 5 * 60;
/** Part of the restaurants that stand in the centre, where the streets full of them are. */
const CENTRAL_SHARE = 0.6;

const TERMS: DayTerms = {
  metersPerMinute: 320,
  pickupServiceMinutes: 4,
  dropoffServiceMinutes: 4,
  targetClickToDoorMinutes: 40,
  maximumClickToDoorMinutes: 90,
  payPerOrder: 10,
  guaranteedPayPerHour: 15,
};

/** A synthetic day; the same recipe gives the same day on every machine. */
export function generateDay(recipe: DayRecipe): Day {
  const random = seededRandom(recipe.seed);
  const { sizeMeters } = recipe;
  const restaurants = numbered('r', recipe.restaurants).map((restaurantId) => ({
    restaurantId,
    ...(random.next() < CENTRAL_SHARE
      ? around(random, { x: sizeMeters / 2, y: sizeMeters / 2 }, sizeMeters / 10, sizeMeters)
      : anywhere(random, sizeMeters)),
  }));
  const orders = numbered('o', recipe.orders)
    .map((orderId): DayOrder => {
      const restaurant = randomPick(random, restaurants);
      const placedAtMinute = placementMinute(random);
      return {
        orderId,
        restaurantId: restaurant.restaurantId,
        ...around(random, restaurant, sizeMeters / 6, sizeMeters),
        placedAtMinute,
        readyAtMinute: placedAtMinute + randomInteger(random, 8, 25),
      };
    })
    .toSorted((a, b) => a.placedAtMinute - b.placedAtMinute);
  const couriers = numbered('c', recipe.couriers).map((courierId, i) => ({
    courierId,
    ...anywhere(random, sizeMeters),
    ...shift(random, i / recipe.couriers),
  }));
  return { orders, restaurants, couriers, terms: TERMS };
}

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
}

function anywhere(random: Random, sizeMeters: number): PlanePoint {
  return { x: randomInteger(random, 0, sizeMeters), y: randomInteger(random, 0, sizeMeters) };
}

/** Normally distributed around a point, kept inside the city. */
function around(
  random: Random,
  { x, y }: PlanePoint,
  spreadMeters: number,
  sizeMeters: number,
): PlanePoint {
  const near = (center: number): number =>
    Math.round(Math.min(sizeMeters, Math.max(0, center + normal(random) * spreadMeters)));
  return { x: near(x), y: near(y) };
}

function placementMinute(random: Random): number {
  const peak = random.next() < PEAKS[0].share ? PEAKS[0] : PEAKS[1];
  const minute = Math.round(peak.atMinute + normal(random) * peak.spreadMinutes);
  return Math.min(CLOSES_AT_MINUTE, Math.max(OPENS_AT_MINUTE, minute));
}

/**
 * The first courier opens the day and the last ones close it, so that nobody who orders early or late
 * finds a city without couriers; the others work around a peak.
 * @param part of the way through the list of couriers, 0 to 1
 */
function shift(random: Random, part: number): Pick<DayCourier, 'onAtMinute' | 'offAtMinute'> {
  if (part < 0.2) return { onAtMinute: OPENS_AT_MINUTE - 15, offAtMinute: CLOSES_AT_MINUTE + 60 };
  const peak = part < 0.55 ? PEAKS[0] : PEAKS[1];
  const minutes = randomInteger(random, SHIFT_MINUTES_MAX / 2, SHIFT_MINUTES_MAX);
  const onAtMinute = Math.max(
    OPENS_AT_MINUTE - 15,
    peak.atMinute - Math.round(minutes * (0.3 + 0.4 * random.next())),
  );
  return { onAtMinute, offAtMinute: Math.min(CLOSES_AT_MINUTE + 60, onAtMinute + minutes) };
}

/** Standard normal, by Box and Muller (1958). */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
