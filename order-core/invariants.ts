import type { Database, Statement } from './database/pool.ts';
import type { LedgerEntry, PaymentProvider } from './ports.ts';
import { sleep } from '../runtime/index.ts';

/**
 * What must be true of the books at any moment. Each statement returns one row per violation, so
 * none is what it must return. Run by tests, by the replay, and by `npm run check:invariants`.
 */
interface Invariant {
  readonly name: string;
  readonly says: string;
  readonly statement: Statement;
}

const LIVE = `('offered', 'accepted')`;

const INVARIANTS: readonly Invariant[] = [
  {
    name: 'no_order_forgotten',
    says: 'Every order is final, or has a timer, a step or an outbox row, or waits for a person.',
    statement: {
      name: 'inv_no_order_forgotten',
      text: `
        SELECT o.order_id, o.state FROM orders o
        WHERE o.state NOT IN ('COMPLETED', 'CANCELLED')
          AND NOT EXISTS (SELECT FROM timers t
            WHERE t.city_id = o.city_id AND t.order_id = o.order_id)
          AND NOT EXISTS (SELECT FROM saga_steps s
            WHERE s.city_id = o.city_id AND s.order_id = o.order_id)
          AND NOT EXISTS (SELECT FROM outbox b
            WHERE b.city_id = o.city_id AND b.order_id = o.order_id)
          AND NOT EXISTS (SELECT FROM dead_letters d
            WHERE d.city_id = o.city_id AND d.order_id = o.order_id)
        UNION ALL
        SELECT k.order_id, 'key without order' FROM idempotency_keys k
        WHERE NOT EXISTS (SELECT FROM orders o
          WHERE o.city_id = k.city_id AND o.order_id = k.order_id)`,
    },
  },
  {
    name: 'money_within_total',
    says: 'Captured less refunded never exceeds the total; one authorization is live at most.',
    statement: {
      name: 'inv_money_within_total',
      text: `
        WITH settling AS (
          SELECT city_id, order_id FROM saga_steps
          UNION SELECT city_id, order_id FROM dead_letters)
        SELECT o.order_id, p.state, p.method FROM orders o
        LEFT JOIN payments p USING (city_id, order_id)
        LEFT JOIN authorizations a ON a.city_id = o.city_id AND a.order_id = o.order_id
          AND a.generation = p.generation
        WHERE p.order_id IS NULL OR p.captured_minor - p.refunded_minor > o.total_minor
          OR (p.method = 'cash') <> (a.order_id IS NULL)
          OR (p.method = 'card' AND p.state <> a.state)
          OR (p.method = 'card' AND p.state IN ('authorized', 'captured', 'voided')
            AND (p.authorized_minor <> a.amount_minor OR a.intent_id IS NULL))
          OR (p.state = 'authorized' AND o.state <> 'CANCELLED'
            AND p.authorized_minor < o.total_minor)
          OR (p.state = 'captured') <> (p.captured_minor > 0)
          OR (p.method = 'card' AND p.state <> 'captured'
            AND o.state IN ('PICKED_UP', 'OUT_FOR_DELIVERY', 'DELIVERED', 'COMPLETED')
            AND (o.city_id, o.order_id) NOT IN (SELECT city_id, order_id FROM settling))
          OR (p.method = 'cash' AND (p.state = 'captured')
            <> (o.state IN ('DELIVERED', 'COMPLETED')))
        UNION ALL
        SELECT order_id, 'held twice', count(*)::text FROM authorizations a
        WHERE state = 'authorized'
          AND (city_id, order_id) NOT IN (SELECT city_id, order_id FROM settling)
        GROUP BY city_id, order_id HAVING count(*) > 1
        UNION ALL
        SELECT order_id, 'asked for by nobody', generation::text FROM authorizations
        WHERE state = 'pending'
          AND (city_id, order_id) NOT IN (SELECT city_id, order_id FROM settling)
        UNION ALL
        SELECT f.order_id, 'refunds', sum(f.amount_minor)::text FROM refunds f
        JOIN payments p USING (city_id, order_id)
        GROUP BY f.city_id, f.order_id, p.captured_minor, p.refunded_minor
        HAVING sum(f.amount_minor) > p.captured_minor
          OR sum(f.amount_minor) FILTER (WHERE f.state = 'done') IS DISTINCT FROM
            nullif(p.refunded_minor, 0)`,
    },
  },
  {
    name: 'no_double_assignment',
    says: 'One live offer per order; no courier above capacity; counters equal what they count.',
    statement: {
      name: 'inv_no_double_assignment',
      text: `
        SELECT 'order ' || order_id AS what, count(*) FROM offers WHERE state IN ${LIVE}
        GROUP BY city_id, order_id HAVING count(*) > 1
        UNION ALL
        SELECT 'courier ' || k.courier_id, k.active_orders FROM couriers k
        LEFT JOIN LATERAL (SELECT count(*) AS live FROM offers f WHERE f.city_id = k.city_id
          AND f.courier_id = k.courier_id AND f.state IN ${LIVE}) f ON true
        WHERE f.live <> k.active_orders OR f.live > k.capacity
        UNION ALL
        SELECT 'search ' || o.order_id, 1 FROM orders o
        LEFT JOIN offers f ON f.city_id = o.city_id AND f.order_id = o.order_id
          AND f.state IN ${LIVE}
        WHERE (o.courier_search = 'assigned') <> (coalesce(f.state, '') = 'accepted')
          OR (o.courier_search = 'offered') <> (coalesce(f.state, '') = 'offered')
          OR (o.courier_search = 'assigned' AND f.courier_id <> o.courier_id)`,
    },
  },
  {
    name: 'events_gapless',
    says: 'Events of an order run from 1 without a gap, and replaying them gives its state.',
    statement: {
      name: 'inv_events_gapless',
      text: `
        WITH replayed AS (
          SELECT city_id, order_id, count(*) AS events, min(sequence) AS first,
            max(sequence) AS last,
            (array_agg(CASE type
                WHEN 'order.scheduled' THEN 'SCHEDULED' WHEN 'order.placed' THEN 'PLACED' WHEN 'order.paid' THEN 'PAID'
                WHEN 'order.confirmed' THEN 'CONFIRMED' WHEN 'order.preparing' THEN 'PREPARING'
                WHEN 'order.ready' THEN 'READY' WHEN 'order.picked_up' THEN 'PICKED_UP'
                WHEN 'order.out_for_delivery' THEN 'OUT_FOR_DELIVERY'
                WHEN 'order.delivered' THEN 'DELIVERED' WHEN 'order.completed' THEN 'COMPLETED'
                WHEN 'order.cancelled' THEN 'CANCELLED' END ORDER BY sequence DESC)
              FILTER (WHERE type IN ('order.scheduled', 'order.placed', 'order.paid',
                'order.confirmed', 'order.preparing', 'order.ready', 'order.picked_up',
                'order.out_for_delivery', 'order.delivered', 'order.completed',
                'order.cancelled')))[1] AS state
          FROM order_events GROUP BY city_id, order_id)
        SELECT o.order_id, o.state, r.state AS replayed FROM orders o
        LEFT JOIN replayed r USING (city_id, order_id)
        WHERE r.first IS DISTINCT FROM 1 OR r.last IS DISTINCT FROM o.sequence
          OR r.events IS DISTINCT FROM o.sequence OR r.state IS DISTINCT FROM o.state`,
    },
  },
  {
    name: 'cancelled_money_settled',
    says: "A cancelled order's money is released, or exactly the fee is taken, or that is under way.",
    statement: {
      name: 'inv_cancelled_money_settled',
      text: `
        SELECT o.order_id, o.cancel_reason, p.state, p.captured_minor, p.capture_minor
        FROM orders o JOIN payments p USING (city_id, order_id)
        JOIN order_events e ON e.city_id = o.city_id AND e.order_id = o.order_id
          AND e.type = 'order.cancelled'
        WHERE o.state = 'CANCELLED'
          AND NOT CASE WHEN coalesce((e.data->>'feeMinor')::bigint, 0) = 0
            THEN p.state IN ('voided', 'refused')
            ELSE p.state = 'captured' AND p.captured_minor = (e.data->>'feeMinor')::bigint END
          AND NOT EXISTS (SELECT FROM saga_steps s WHERE s.city_id = o.city_id
            AND s.order_id = o.order_id AND s.step IN ('void_payment', 'capture_payment'))
          AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.city_id = o.city_id
            AND d.order_id = o.order_id AND d.step IN ('void_payment', 'capture_payment'))`,
    },
  },
  {
    name: 'stock_not_negative',
    says: 'Nobody was promised a portion that is not there.',
    statement: {
      name: 'inv_stock_not_negative',
      text: `SELECT restaurant_id, item_id, stock FROM menu_items WHERE stock < 0`,
    },
  },
  {
    name: 'read_models_agree',
    says: 'The list of orders says of each what its row says, once it has heard of everything.',
    statement: {
      name: 'inv_read_models_agree',
      text: `
        SELECT o.order_id, o.state, l.state AS listed, o.sequence, l.sequence AS heard
        FROM orders o LEFT JOIN order_list l USING (city_id, order_id)
        WHERE NOT EXISTS (SELECT FROM outbox b
            WHERE b.city_id = o.city_id AND b.order_id = o.order_id)
          AND NOT EXISTS (SELECT FROM consumer_inbox i WHERE i.consumer = 'read_models'
            AND i.city_id = o.city_id AND i.order_id = o.order_id)
          AND (o.state, o.total_minor, o.sequence, o.customer_id, o.restaurant_id)
            IS DISTINCT FROM (l.state, l.total_minor, l.sequence, l.customer_id, l.restaurant_id)`,
    },
  },
];

/** Longer than a saga step usually takes. */
const RECHECK_MS = 1_500;

/** How many of each are shown; the count is exact. */
const SHOWN_MAX = 10;

export interface InvariantResult {
  readonly name: string;
  readonly says: string;
  readonly violations: number;
  /** The first few, for whoever has to find out. */
  readonly examples: readonly unknown[];
}

/**
 * Checks every invariant in the database, and, when `provider` is given, the provider's own books
 * against ours (`provider_ledger_agrees`).
 */
export async function checkInvariants(
  database: Database,
  provider: PaymentProvider | null,
): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { name, says, statement } of INVARIANTS) {
    results.push(resultOf(name, says, await database.query<object>(statement)));
  }
  if (provider !== null) results.push(await checkLedger(database, provider));
  return results;
}

function resultOf(name: string, says: string, found: readonly unknown[]): InvariantResult {
  return { name, says, violations: found.length, examples: found.slice(0, SHOWN_MAX) };
}

const BOOKS = {
  name: 'inv_books',
  text: `
    SELECT p.order_id, a.intent_id, p.method, p.state, p.captured_minor, p.refunded_minor,
      EXISTS (SELECT FROM saga_steps s WHERE s.city_id = p.city_id AND s.order_id = p.order_id
        UNION ALL SELECT FROM dead_letters d WHERE d.city_id = p.city_id
          AND d.order_id = p.order_id) AS settling
    FROM payments p LEFT JOIN authorizations a ON a.city_id = p.city_id
      AND a.order_id = p.order_id AND a.generation = p.generation`,
};

interface BookRow {
  order_id: string;
  intent_id: string | null;
  method: string;
  state: string;
  captured_minor: number;
  refunded_minor: number;
  /** A step is under way, so that the two books may differ for a moment. */
  settling: boolean;
}

/** An order of which the two books say different things. */
export interface Difference {
  readonly orderId: string;
  readonly ours: object;
  readonly theirs: readonly LedgerEntry[];
}

/**
 * Compares both books, order by order. While the engine runs, money moves between the two readings:
 * what differs is looked at again, and counts when it still differs and no step of ours is open.
 * Payments that are not of an order of ours are left alone: the account may have other users.
 */
export async function compareLedgers(
  database: Database,
  provider: PaymentProvider,
): Promise<{ readonly orders: number; readonly differences: readonly Difference[] }> {
  const first = await compareOnce(database, provider);
  if (first.differences.length === 0) return first;
  await sleep(RECHECK_MS);
  const stillThere = new Set(first.differences.map(({ orderId }) => orderId));
  const second = await compareOnce(database, provider);
  const differences = second.differences.filter(({ orderId }) => stillThere.has(orderId));
  return { orders: second.orders, differences };
}

async function compareOnce(
  database: Database,
  provider: PaymentProvider,
): ReturnType<typeof compareLedgers> {
  const entries = await Array.fromAsync(provider.ledger());
  const books = await database.query<BookRow>(BOOKS);
  const theirs = Map.groupBy(entries, (entry) => entry.orderId);
  const differences = books.flatMap((book) => {
    const entriesOfOrder = theirs.get(book.order_id) ?? [];
    if (book.settling || agree(book, entriesOfOrder)) return [];
    return [{ orderId: book.order_id, ours: book, theirs: entriesOfOrder }];
  });
  return { orders: books.length, differences };
}

function agree(book: BookRow, entries: readonly LedgerEntry[]): boolean {
  const live = entries.filter((entry) => entry.live || entry.capturedMinor > 0);
  if (book.method === 'cash') return entries.length === 0;
  const sum = (part: (entry: LedgerEntry) => number): number =>
    live.reduce((total, entry) => total + part(entry), 0);
  const heldByUs = book.state === 'authorized' || book.state === 'captured';
  return (
    live.length === (heldByUs ? 1 : 0) &&
    sum((entry) => entry.capturedMinor) === book.captured_minor &&
    sum((entry) => entry.refundedMinor) === book.refunded_minor &&
    live.every((entry) => entry.intentId === book.intent_id)
  );
}

async function checkLedger(
  database: Database,
  provider: PaymentProvider,
): Promise<InvariantResult> {
  const says = "The provider's own books say the same as ours, order by order.";
  const { differences } = await compareLedgers(database, provider);
  return resultOf('provider_ledger_agrees', says, differences);
}
