import { z } from 'zod';
import type { HexfleetApi } from '../../clients/ts/index.ts';
import type { OrderView } from '../../protocol/index.ts';
import type { Customers } from './customers.ts';
import { isBreakage } from './failures.ts';
import type { Robots } from './robots.ts';
import type { Outcome } from './settle.ts';

const TIMEOUT_MS = 20_000;
/** How many of each violation are shown; the count is exact. */
const SHOWN_MAX = 5;

const ledgerSchema = z.object({
  intents: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      amount_capturable: z.number(),
      amount_received: z.number(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
});
type Intent = z.output<typeof ledgerSchema>['intents'][number];

/** What was promised, and by whom it was found broken. */
export interface Finding {
  readonly violations: number;
  /** The first few, for whoever has to find out. */
  readonly examples: readonly unknown[];
}

/**
 * Compares what customers were told, what the engine says of their orders, and the provider's books.
 * @returns by the name of the promise
 */
export async function audit(
  outcome: Outcome,
  deps: {
    readonly customers: Customers;
    readonly robots: Robots;
    readonly providerUrl: string;
    readonly api: HexfleetApi;
  },
): Promise<Record<string, Finding>> {
  const { customers, robots, providerUrl, api } = deps;
  const { views, lost, unsettled } = outcome;
  const intents = await readLedger(providerUrl);
  const byOrder = Map.groupBy(intents, (intent) => intent.metadata['order_id'] ?? '');
  const ofOrders = [...views.values()];
  const booksOf = (view: OrderView): Intent[] => byOrder.get(view.orderId) ?? [];
  const strangers = [...byOrder.keys()].filter((orderId) => !views.has(orderId));
  return {
    ...fromEngine(outcome.invariants),
    acknowledged_orders_exist: found(lost),
    one_order_per_key: found([...customers.differing, ...sharedIds(customers)]),
    every_order_ends: found(unsettled),
    customers_are_answered: found([
      ...Object.entries(customers.refused),
      ...(customers.unanswered > 0 ? [['unanswered', customers.unanswered]] : []),
    ]),
    nothing_breaks_inside: breakages(customers, robots),
    apps_are_told: found(robots.untold),
    one_capture_per_order: found(ofOrders.filter((view) => captures(booksOf(view)).length > 1)),
    captured_as_booked: found(
      ofOrders.filter((view) => capturedMinor(booksOf(view)) !== view.payment.capturedMinor),
    ),
    nothing_held_at_the_end: found(ofOrders.filter((view) => holdsTooLong(view, booksOf(view)))),
    no_charge_without_order: found(await withoutOrder(strangers, api)),
  };
}

/** Every failure in which the engine itself was wrong. */
function breakages(customers: Customers, { figures }: Robots): Finding {
  const counts = [...Object.entries(customers.repeated), ...Object.entries(figures.failures)];
  const broken = counts.filter(([code]) => isBreakage(code));
  return {
    violations: broken.reduce((sum, [, n]) => sum + n, 0),
    examples: [...broken, ...figures.breakages.slice(0, SHOWN_MAX)],
  };
}

function found(all: readonly unknown[]): Finding {
  return { violations: all.length, examples: all.slice(0, SHOWN_MAX) };
}

function fromEngine(invariants: Readonly<Record<string, number>>): Record<string, Finding> {
  const entries = Object.entries(invariants);
  return Object.fromEntries(
    entries.map(([name, violations]) => [name, { violations, examples: [] }]),
  );
}

/** Two keys must not have been answered with one order. */
function sharedIds({ acknowledged }: Customers): readonly unknown[] {
  const keys = Map.groupBy(acknowledged, ({ orderId }) => orderId);
  return [...keys].filter(([, all]) => all.length > 1);
}

function captures(intents: readonly Intent[]): readonly Intent[] {
  return intents.filter(({ amount_received: received }) => received > 0);
}

function capturedMinor(intents: readonly Intent[]): number {
  return intents.reduce((sum, { amount_received: received }) => sum + received, 0);
}

/** Money that is still held for an order that has its end, and of which our books do not know. */
function holdsTooLong(view: OrderView, intents: readonly Intent[]): boolean {
  const isFinal = ['DELIVERED', 'COMPLETED', 'CANCELLED'].includes(view.state);
  const settling = view.payment.state === 'authorized' || view.payment.state === 'pending';
  return isFinal && !settling && intents.some(({ status }) => status === 'requires_capture');
}

/** Orders of customers who never got an answer may exist; orders that nobody placed may not. */
async function withoutOrder(orderIds: readonly string[], api: HexfleetApi): Promise<string[]> {
  const missing: string[] = [];
  for (const orderId of orderIds) {
    await api.order(orderId).catch(() => missing.push(orderId));
  }
  return missing;
}

async function readLedger(providerUrl: string): Promise<readonly Intent[]> {
  const answer = await fetch(new URL('/_ledger', providerUrl), {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return ledgerSchema.parse(await answer.json()).intents;
}
