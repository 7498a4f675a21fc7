import type { Database, Statement } from './database/pool.ts';
import type { PaymentProvider } from './ports.ts';

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
    says: 'What was captured never exceeds the total, and what is held is the total.',
    statement: {
      name: 'inv_money_within_total',
      text: `
        SELECT o.order_id, p.state FROM orders o LEFT JOIN payments p USING (city_id, order_id)
        WHERE p.order_id IS NULL OR p.captured_minor > o.total_minor
          OR p.authorized_minor > o.total_minor
          OR (p.state IN ('authorized', 'captured', 'voided')
            AND (p.authorized_minor <> o.total_minor OR p.provider_intent_id IS NULL))
          OR (p.state = 'captured') <> (p.captured_minor > 0)
          OR (o.state IN ('PICKED_UP', 'OUT_FOR_DELIVERY', 'DELIVERED', 'COMPLETED')
            AND p.state <> 'captured'
            AND NOT EXISTS (SELECT FROM saga_steps s WHERE s.city_id = o.city_id
              AND s.order_id = o.order_id AND s.step = 'capture_payment')
            AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.city_id = o.city_id
              AND d.order_id = o.order_id AND d.step = 'capture_payment'))`,
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
                WHEN 'order.placed' THEN 'PLACED' WHEN 'order.paid' THEN 'PAID'
                WHEN 'order.confirmed' THEN 'CONFIRMED' WHEN 'order.preparing' THEN 'PREPARING'
                WHEN 'order.ready' THEN 'READY' WHEN 'order.picked_up' THEN 'PICKED_UP'
                WHEN 'order.out_for_delivery' THEN 'OUT_FOR_DELIVERY'
                WHEN 'order.delivered' THEN 'DELIVERED' WHEN 'order.completed' THEN 'COMPLETED'
                WHEN 'order.cancelled' THEN 'CANCELLED' END ORDER BY sequence DESC)
              FILTER (WHERE type NOT IN ('order.offered', 'order.offer_declined',
                'order.offer_expired', 'order.assigned', 'order.delivery_overdue',
                'order.payment_captured', 'order.payment_voided')))[1] AS state
          FROM order_events GROUP BY city_id, order_id)
        SELECT o.order_id, o.state, r.state AS replayed FROM orders o
        LEFT JOIN replayed r USING (city_id, order_id)
        WHERE r.first IS DISTINCT FROM 1 OR r.last IS DISTINCT FROM o.sequence
          OR r.events IS DISTINCT FROM o.sequence OR r.state IS DISTINCT FROM o.state`,
    },
  },
  {
    name: 'cancelled_money_released',
    says: 'A cancelled order holds no money, or the step that releases it is under way.',
    statement: {
      name: 'inv_cancelled_money_released',
      text: `
        SELECT o.order_id, o.cancel_reason, p.state FROM orders o
        JOIN payments p USING (city_id, order_id)
        WHERE o.state = 'CANCELLED' AND p.state NOT IN ('voided', 'refused')
          AND NOT EXISTS (SELECT FROM saga_steps s WHERE s.city_id = o.city_id
            AND s.order_id = o.order_id AND s.step = 'void_payment')
          AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.city_id = o.city_id
            AND d.order_id = o.order_id AND d.step = 'void_payment')`,
    },
  },
];

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
    SELECT p.order_id, p.provider_intent_id, p.state, p.captured_minor,
      EXISTS (SELECT FROM saga_steps s WHERE s.city_id = p.city_id AND s.order_id = p.order_id
        UNION ALL SELECT FROM dead_letters d WHERE d.city_id = p.city_id
          AND d.order_id = p.order_id) AS settling
    FROM payments p`,
};

interface BookRow {
  order_id: string;
  provider_intent_id: string | null;
  state: string;
  captured_minor: number;
  /** A step is under way, so that the two books may differ for a moment. */
  settling: boolean;
}

/**
 * Reads the provider's books first: what it did in between we know of by the time we read ours, or
 * a step of ours is still open. Payments that are not of an order of ours are left alone: the
 * account may have other users.
 */
async function checkLedger(
  database: Database,
  provider: PaymentProvider,
): Promise<InvariantResult> {
  const entries = await Array.fromAsync(provider.ledger());
  const books = await database.query<BookRow>(BOOKS);
  const theirs = Map.groupBy(entries, (entry) => entry.orderId);
  const differences = books.flatMap((book) => {
    const live = (theirs.get(book.order_id) ?? []).filter((e) => e.live || e.capturedMinor > 0);
    const captured = live.reduce((sum, entry) => sum + entry.capturedMinor, 0);
    const heldByUs = book.state === 'authorized' || book.state === 'captured';
    const agrees =
      live.length === (heldByUs ? 1 : 0) &&
      captured === book.captured_minor &&
      live.every((entry) => entry.intentId === book.provider_intent_id);
    return agrees || book.settling ? [] : [{ ours: book, theirs: live }];
  });
  const says = "The provider's own books say the same as ours, order by order.";
  return resultOf('provider_ledger_agrees', says, differences);
}
