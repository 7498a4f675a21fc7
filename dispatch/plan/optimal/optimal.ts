import { seededRandom } from '../../../runtime/index.ts';
import { AssignmentSolver } from '../assignment.ts';
import { UNASSIGNED } from '../assignment-problem.ts';
import { NOBODY, type Plan, type PlannedTrip, type PlanSnapshot } from '../snapshot.ts';
import { Candidates } from './candidates.ts';
import { foresee } from './foresight.ts';
import { IMPOSSIBLE, Routes } from './routes.ts';
import { Search } from './search.ts';
import { gatherStops } from './stops.ts';

/** What a minute of an order counts that may come, beside one that has come. */
const FORESEEN_WEIGHT = 0.3;
/** With more pairs of queue and courier, few of them are looked at. */
const ALL_PAIRS_MAX = 100_000;
/** Then each queue may go to so many others: with 25, a plan for 1,000 orders took twice as long. */
const TAKERS_MAX = 8;
/** Beyond so many, the exact exchange would take the epoch's time. */
const EXCHANGE_PAIRS_MAX = 4_000_000;

/**
 * Plans all known orders into queues of the couriers, those who will be free soon included, as if the
 * near future were known (`foresight.ts`), and gives out only what cannot wait: a trip begins when its
 * courier would otherwise be late at the restaurant. Until then a better courier may become free, and
 * orders of the same restaurant may join (rolling horizon: Reyes, Erera, Savelsbergh, Sahasrabudhe,
 * O'Neil: "The Meal Delivery Routing Problem", 2018).
 */
export function planOptimal(snapshot: PlanSnapshot): Plan {
  const random = seededRandom(snapshot.seed);
  const routes = new Routes(
    snapshot,
    gatherStops(snapshot, foresee(snapshot, random), FORESEEN_WEIGHT),
  );
  if (snapshot.intended !== null) routes.take(snapshot.intended);
  let { price: prices } = snapshot.couriers;
  if (snapshot.couriers.x.length > 0 && snapshot.orders.x.length > 0) {
    const candidates = new Candidates(routes);
    const search = new Search(routes, candidates, random);
    search.fill();
    search.improve(snapshot.terms.iterations);
    prices = exchangeQueues(routes, candidates, snapshot.couriers.price);
  }
  return planOf(snapshot, routes, prices);
}

/**
 * Gives the queues as they are to the couriers for whom they are cheapest, all at once and exactly.
 * @param prices of the epoch before, from which the assignment starts
 * @returns the prices of this one
 */
function exchangeQueues(
  routes: Routes,
  candidates: Candidates,
  prices: Float64Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  const { rows, takers } = exchangeSides(routes, candidates);
  const columns = [...new Set(takers.flat())].toSorted((a, b) => a - b);
  if (rows.length === 0 || rows.length * columns.length > EXCHANGE_PAIRS_MAX) return prices;
  const columnOfCourier = new Map(columns.map((courier, column) => [courier, column]));
  const costs = new Float64Array(rows.length * columns.length).fill(Infinity);
  takers.forEach((couriers, row) => {
    for (const courier of couriers) {
      const cost = routes.costFor(courier, rows[row] as number);
      const column = columnOfCourier.get(courier) as number;
      if (cost < IMPOSSIBLE) costs[row * columns.length + column] = cost;
    }
  });
  const startDuals = Float64Array.from(columns, (courier) => prices[courier] as number);
  const problem = { rows: rows.length, columns: columns.length, costs, startDuals };
  const { columnOf, totalCost, duals } = new AssignmentSolver().solve(problem);
  const found = new Float64Array(routes.couriers);
  columns.forEach((courier, column) => (found[courier] = duals[column] as number));
  const before = rows.reduce((sum, courier) => sum + (routes.cost[courier] as number), 0);
  if (columnOf.includes(UNASSIGNED) || totalCost > before - 1e-6) return found;
  const queues = rows.map((courier) => routes.copyOf(courier));
  for (const courier of rows) routes.clear(courier);
  queues.forEach((queue, row) => routes.put(columns[columnOf[row] as number] as number, queue));
  return found;
}

/**
 * Whose queues may change hands, and for each of them who may get it: all. In a large city only queues
 * that begin with an order that has come, each between its own courier and those who could be at its
 * first restaurant soonest and have no other kind of queue.
 */
function exchangeSides(
  routes: Routes,
  candidates: Candidates,
): { readonly rows: readonly number[]; readonly takers: readonly (readonly number[])[] } {
  const all = Array.from({ length: routes.couriers }, (_, courier) => courier);
  const owners = all.filter((courier) => routes.lengthOf(courier) > 0);
  if (owners.length * all.length <= ALL_PAIRS_MAX) {
    return { rows: owners, takers: owners.map(() => all) };
  }
  const { real, restaurant } = routes.stops;
  const rows = owners.filter((courier) => routes.orderAt(courier, 0) < real);
  const mayTake = new Set([...rows, ...all.filter((courier) => routes.lengthOf(courier) === 0)]);
  const takers = rows.map((owner) => {
    const shop = restaurant[routes.orderAt(owner, 0)] as number;
    const soonest = candidates.of(shop).filter((courier) => mayTake.has(courier));
    return [...new Set([owner, ...soonest.slice(0, TAKERS_MAX)])];
  });
  return { rows, takers };
}

function planOf(snapshot: PlanSnapshot, routes: Routes, prices: Float64Array<ArrayBuffer>): Plan {
  const count = snapshot.orders.x.length;
  const plan = {
    trips: [] as PlannedTrip[],
    intended: {
      courier: new Int32Array(count).fill(NOBODY),
      rank: new Int32Array(count),
      head: new Uint8Array(count).fill(1),
    },
    pickupAt: new Float64Array(count).fill(Number.NaN),
    dropoffAt: new Float64Array(count).fill(Number.NaN),
    prices,
  };
  for (let courier = 0; courier < routes.couriers; courier++) {
    routes.follow(courier, (order, pickupAt, dropoffAt) => {
      if (order >= count) return;
      plan.pickupAt[order] = pickupAt;
      plan.dropoffAt[order] = dropoffAt;
    });
    const trip = firstTrip(routes, courier, count);
    const isDue = trip.length > 0 && mustBegin(snapshot, routes, courier, trip);
    if (isDue) plan.trips.push({ courier, orders: trip });
    for (let rank = isDue ? trip.length : 0; rank < routes.lengthOf(courier); rank++) {
      const order = routes.orderAt(courier, rank);
      if (order >= count) break;
      plan.intended.courier[order] = courier;
      plan.intended.rank[order] = rank;
      plan.intended.head[order] = routes.isHead(order) ? 1 : 0;
    }
  }
  return plan;
}

/** The real orders that the courier would pick up first. */
function firstTrip(routes: Routes, courier: number, count: number): readonly number[] {
  const orders: number[] = [];
  for (let rank = 0; rank < routes.lengthOf(courier); rank++) {
    const order = routes.orderAt(courier, rank);
    if (order >= count || (rank > 0 && routes.isHead(order))) break;
    orders.push(order);
  }
  return orders;
}

/** Whether the food would wait for a courier who sets out any later. */
function mustBegin(
  { couriers, orders, terms, nowMinute }: PlanSnapshot,
  routes: Routes,
  courier: number,
  trip: readonly number[],
): boolean {
  if ((couriers.freeAt[courier] as number) > nowMinute) return false;
  const restaurant = orders.restaurant[trip[0] as number] as number;
  const here = trip.filter((order) => orders.restaurant[order] === restaurant);
  const readyAt = Math.max(...here.map((order) => orders.readyAt[order] as number));
  const hereAt = routes.arrivalAt(courier, restaurant) + terms.halfPickupMinutes;
  return hereAt + terms.leadMinutes >= readyAt;
}
