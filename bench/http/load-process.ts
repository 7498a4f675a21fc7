import autocannon from 'autocannon';
import { newId } from '../../runtime/index.ts';
import { answerQuestions } from '../harness/index.ts';

/** Requests over connections that stay open, in a process of their own. */
export interface LoadQuestion {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly requests: readonly LoadRequest[];
}

export interface LoadRequest {
  readonly path: string;
  readonly token: string;
  /** JSON, to be placed under a key of its own each time; null: a read. */
  readonly body: string | null;
}

export interface LoadAnswer {
  readonly answered: number;
  /** Other than 2xx, and those that got no answer. */
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const TIMEOUT_SECONDS = 10;

answerQuestions(async (question: LoadQuestion): Promise<LoadAnswer> => {
  const { url, connections, seconds, requests } = question;
  let clients = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: TIMEOUT_SECONDS,
    // Each connection begins somewhere else: all at one order would be another question.
    setupClient: (client) => {
      const first = Math.floor((clients++ * requests.length) / connections);
      const inTurn = [...requests.slice(first), ...requests.slice(0, first)];
      client.setRequests(inTurn.map(requestOf));
    },
  });
  return {
    answered: result['2xx'],
    failed: result.non2xx + result.errors + result.timeouts,
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
});

function requestOf({ path, token, body }: LoadRequest): autocannon.Request {
  const headers = { Authorization: `Bearer ${token}` };
  if (body === null) return { method: 'GET', path, headers };
  return {
    method: 'POST',
    path,
    body,
    headers: { ...headers, 'Content-Type': 'application/json' },
    setupRequest: (request) => ({
      ...request,
      headers: { ...request.headers, 'Idempotency-Key': newId<string>() },
    }),
  };
}
