import { Pool } from 'pg';
import { LOOKUP_PLANS } from '../../order-core/index.ts';
import { newId, required, systemClock } from '../../runtime/index.ts';
import { answerQuestions } from '../harness/index.ts';
import { count, type Load, type LoadResult } from './load.ts';
import { MARKS, type TracedStatement } from './placement-trace.ts';

/**
 * The peer, a process of its own: the statements of placements through `pg` and nothing else. No
 * HTTP, no token, no check, no pricing, and nobody who carries the orders on.
 */
export type BareQuestion =
  | {
      readonly kind: 'connect';
      readonly url: string;
      readonly poolSize: number;
      readonly statements: readonly TracedStatement[];
    }
  | ({ readonly kind: 'run' } & Load);

interface Ids {
  readonly orderId: string;
  readonly key: string;
  readonly customerId: string;
}

type Fill = (ids: Ids) => unknown;

interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly values: readonly Fill[];
}

const CUSTOMERS = 500;
/** A bench in which this many statements fail measures nothing. */
const FAILURES_MAX = 100;

let pool: Pool | null = null;
let statements: readonly Prepared[] = [];

answerQuestions(async (question: BareQuestion) => {
  if (question.kind === 'run') return await run(required(pool, 'a pool, before load'), question);
  await pool?.end();
  pool = new Pool({
    connectionString: question.url,
    max: question.poolSize,
    idleTimeoutMillis: 0,
    options: LOOKUP_PLANS,
  });
  statements = question.statements.map(({ name, text, values }) => ({
    name,
    text,
    values: values.map(fillOf),
  }));
  return null;
});

/** What makes a value for each placement; those that are always the same cost nothing. */
function fillOf(value: unknown): Fill {
  if (value === MARKS.orderId) return ({ orderId }) => orderId;
  if (value === MARKS.key) return ({ key }) => key;
  if (value === MARKS.customerId) return ({ customerId }) => customerId;
  if (Array.isArray(value)) {
    const parts = value.map(fillOf);
    return (ids) => parts.map((part) => part(ids));
  }
  if (typeof value !== 'string' || !Object.values(MARKS).some((mark) => value.includes(mark))) {
    return () => value;
  }
  return (ids) =>
    value
      .replaceAll(MARKS.orderId, ids.orderId)
      .replaceAll(MARKS.key, ids.key)
      .replaceAll(MARKS.customerId, ids.customerId);
}

async function run(pool: Pool, { concurrency, seconds }: Load): Promise<LoadResult> {
  const startedMs = systemClock.monotonicMs();
  const startedAtMs = systemClock.nowMs();
  const endsAtMs = startedMs + seconds * 1000;
  const latenciesMs: number[] = [];
  const refused: Record<string, number> = {};
  let done = 0;
  let next = 0;
  let failures = 0;
  const lane = async (): Promise<void> => {
    for (let nowMs = startedMs; nowMs < endsAtMs; nowMs = systemClock.monotonicMs()) {
      try {
        await place(pool, next++);
      } catch (error) {
        count(refused, String(error));
        if ((failures += 1) > FAILURES_MAX) throw error;
        continue;
      }
      const endedMs = systemClock.monotonicMs();
      latenciesMs.push(endedMs - nowMs);
      if (endedMs <= endsAtMs) done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { done, seconds, latenciesMs, refused, startedAtMs };
}

async function place(pool: Pool, index: number): Promise<void> {
  const orderId = newId<string>();
  const ids = { orderId, key: orderId, customerId: `customer-${index % CUSTOMERS}` };
  for (const { name, text, values } of statements) {
    await pool.query({ name, text, values: values.map((fill) => fill(ids)) });
  }
}
