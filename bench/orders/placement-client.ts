import { required, sleep, systemClock } from '../../runtime/index.ts';
import { answerQuestions } from '../harness/index.ts';
import { count, type ClientQuestion, type LoadResult } from './load.ts';
import { RawConnection } from './raw-http.ts';
import { DOOR } from './places.ts';

/**
 * The load generator for placements, a process of its own. All of a request but its key and its
 * reference is made before the clock runs.
 */
const BODY_LENGTH_MAX = 120;

interface Requests {
  readonly connections: readonly RawConnection[];
  /** @param index of the order within its run, from 0 */
  readonly make: (run: string, index: number) => string;
}

let requests: Requests | null = null;

answerQuestions(async (question: ClientQuestion) => {
  if (question.kind === 'connect') return open(question);
  const ready = required(requests, 'connections, before load');
  await Promise.all(ready.connections.map((connection) => connection.open()));
  return question.kind === 'closed'
    ? await closedLoop(ready, question)
    : await openLoop(ready, question);
});

function open(question: Extract<ClientQuestion, { kind: 'connect' }>): null {
  const url = new URL(question.url);
  for (const connection of requests?.connections ?? []) connection.close();
  const connections = Array.from({ length: question.connections }, () => new RawConnection(url));
  requests = { connections, make: requestMaker(url, question) };
  return null;
}

/** Neighbouring orders have different customers and different restaurants. */
function requestMaker(
  url: URL,
  { tokens, restaurants }: { tokens: readonly string[]; restaurants: readonly string[] },
): Requests['make'] {
  const heads = tokens.map(
    (token) =>
      `POST /v1/orders HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\n` +
      'Content-Type: application/json\r\n',
  );
  const bodies = restaurants.map((restaurantId) => {
    const items = [
      { itemId: 'dish', quantity: 1 },
      { itemId: 'drink', quantity: 2 },
    ];
    const dropoff = { place: DOOR, address: 'Elm Street 1' };
    const order = { restaurantId, items, dropoff, paymentToken: 'pm_card_visa' };
    return JSON.stringify(order).slice(0, -1);
  });
  return (run, index) => {
    const reference = `${run}-${index}`;
    const head = required(heads[index % heads.length], 'a token');
    const body = `${required(bodies[index % bodies.length], 'a body')},"reference":"${reference}"}`;
    return `${head}Idempotency-Key: ${reference}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
}

/** Each connection sends its next request when it has the answer to the last. */
async function closedLoop(
  { connections, make }: Requests,
  { run, seconds }: { run: string; seconds: number },
): Promise<LoadResult> {
  const tally = new Tally();
  const endsAtMs = tally.startedMs + seconds * 1000;
  let next = 0;
  const lane = async (connection: RawConnection): Promise<void> => {
    for (let nowMs = tally.startedMs; nowMs < endsAtMs; nowMs = systemClock.monotonicMs()) {
      await tally.answered(connection.send(make(run, next++)), nowMs);
      if (systemClock.monotonicMs() <= endsAtMs) tally.done += 1;
    }
  };
  await Promise.all(connections.map(lane));
  return tally.result(seconds);
}

/**
 * Arrivals keep their times whatever the engine does, and latency counts from the time at which a
 * request should have been sent: a stall shows in every request that it held up.
 */
async function openLoop(
  { connections, make }: Requests,
  { run, seconds, rate }: { run: string; seconds: number; rate: number },
): Promise<LoadResult> {
  const tally = new Tally();
  const total = Math.round(rate * seconds);
  const idle = [...connections];
  const due: { readonly index: number; readonly atMs: number }[] = [];
  const under: Promise<void>[] = [];
  const drain = async (connection: RawConnection): Promise<void> => {
    for (let order = due.shift(); order !== undefined; order = due.shift()) {
      await tally.answered(connection.send(make(run, order.index)), order.atMs);
      tally.done += 1;
    }
    idle.push(connection);
  };
  for (let index = 0; index < total;) {
    const atMs = tally.startedMs + (index * 1000) / rate;
    const earlyMs = atMs - systemClock.monotonicMs();
    if (earlyMs > 0) {
      await sleep(earlyMs);
      continue;
    }
    due.push({ index, atMs });
    index += 1;
    // The one that has rested longest: none is left to be closed for its silence.
    const connection = idle.shift();
    if (connection !== undefined) under.push(drain(connection));
  }
  await Promise.all(under);
  return tally.result((systemClock.monotonicMs() - tally.startedMs) / 1000);
}

class Tally {
  readonly startedMs = systemClock.monotonicMs();
  readonly #startedAtMs = systemClock.nowMs();
  readonly #latenciesMs: number[] = [];
  readonly #refused: Record<string, number> = {};
  done = 0;

  async answered(answer: ReturnType<RawConnection['send']>, sinceMs: number): Promise<void> {
    const { status, body } = await answer.catch((error: unknown) => ({
      status: 0,
      body: String(error),
    }));
    if (status === 201) this.#latenciesMs.push(systemClock.monotonicMs() - sinceMs);
    else count(this.#refused, `${status} ${body.slice(0, BODY_LENGTH_MAX)}`);
  }

  result(seconds: number): LoadResult {
    return {
      done: this.done,
      seconds,
      latenciesMs: this.#latenciesMs,
      refused: this.#refused,
      startedAtMs: this.#startedAtMs,
    };
  }
}
