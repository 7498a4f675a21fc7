import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { newId, type Clock } from '../../runtime/index.ts';
import { Faults, faultsSchema } from './faults.ts';
import {
  cancelIntent,
  captureIntent,
  createIntent,
  isRefusal,
  noSuchIntent,
  type Outcome,
  type Refusal,
} from './intents.ts';
import type { Ledger } from './ledger.ts';

const BODY_BYTES_MAX = 64 * 1024;
const PAGE_MAX = 100;

/**
 * The part of Stripe's HTTP API that the engine uses, on the ledger.
 *
 * Beside it, for tests and for looking: `GET /_health`, `GET /_ledger`, and `POST /_faults` with
 * what shall go wrong (faults.ts).
 */
export class ProviderServer {
  readonly server: Server;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #faults = new Faults();
  /** Keys of requests under way: Stripe answers a second one with 409. */
  readonly #underWay = new Set<string>();

  constructor(ledger: Ledger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.server = createServer((request, response) => void this.#handle(request, response));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      const path = new URL(request.url ?? '/', 'http://provider').pathname;
      if (path.startsWith('/_')) return this.#control(path, body, response);
      await this.#faults.delay();
      if (this.#faults.takeFailure()) return send(response, apiError('It was told to fail.'));
      if (request.headers.authorization?.startsWith('Bearer sk_') !== true) {
        return send(response, unauthorized());
      }
      if (request.method === 'GET') return this.#read(request, response);
      await this.#write({ request, response, path, body });
    } catch (error) {
      send(response, apiError(error instanceof Error ? error.message : String(error)));
    }
  }

  #control(path: string, body: string, response: ServerResponse): void {
    if (path === '/_health') return sendJson(response, 200, { status: 'up' });
    if (path === '/_ledger') return sendJson(response, 200, { intents: this.#ledger.intents() });
    if (path !== '/_faults') return sendJson(response, 404, { pages: CONTROL_PAGES });
    if (body !== '') {
      const parsed = faultsSchema.safeParse(JSON.parse(body));
      if (!parsed.success) return sendJson(response, 400, { problems: parsed.error.issues });
      this.#faults.set(parsed.data);
    }
    sendJson(response, 200, this.#faults.left);
  }

  /** The list of intents, newest first, in pages that begin after `starting_after`. */
  #read(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider');
    const id = /^\/v1\/payment_intents\/([\w-]+)$/.exec(pathname)?.[1];
    if (id !== undefined) return send(response, this.#ledger.intent(id) ?? noSuchIntent(id));
    if (pathname !== '/v1/payment_intents') return send(response, noSuchPath(pathname));
    const all = this.#ledger.intents();
    const after = searchParams.get('starting_after');
    const from = after === null ? 0 : all.findIndex((intent) => intent.id === after) + 1;
    const limit = Math.min(PAGE_MAX, Number(searchParams.get('limit') ?? 10));
    const data = all.slice(from, from + limit);
    const hasMore = from + limit < all.length;
    sendJson(response, 200, { object: 'list', data, has_more: hasMore, url: pathname });
  }

  async #write(call: Call): Promise<void> {
    const { request, response, path, body } = call;
    const key = String(request.headers['idempotency-key'] ?? newId<string>());
    const requestHash = createHash('sha256').update(`${path}\n${body}`).digest('base64url');
    const kept = this.#ledger.answer(key);
    if (kept !== null && kept.requestHash !== requestHash) return send(response, reusedKey());
    if (this.#underWay.has(key)) return send(response, keyInUse());
    if (kept !== null) {
      response.setHeader('Idempotent-Replayed', 'true');
      return send(response, kept.outcome);
    }
    this.#underWay.add(key);
    try {
      const outcome = this.#outcomeOf(path, new Map(new URLSearchParams(body)));
      // Stripe keeps a key only for what was carried out, not for what it could not understand.
      const carriedOut = !isRefusal(outcome) || outcome.error.type === 'card_error';
      if (carriedOut) await this.#ledger.keep(key, { requestHash, outcome });
      if (this.#faults.takeLostAnswer()) return void response.destroy();
      send(response, outcome);
    } finally {
      this.#underWay.delete(key);
    }
  }

  #outcomeOf(path: string, fields: ReadonlyMap<string, string>): Outcome {
    if (path === '/v1/payment_intents') {
      const createdSeconds = Math.floor(this.#clock.nowMs() / 1000);
      const id = `pi_${newId<string>().replaceAll('-', '')}`;
      return createIntent(fields, { id, createdSeconds });
    }
    const [, id, action] = /^\/v1\/payment_intents\/([\w-]+)\/(capture|cancel)$/.exec(path) ?? [];
    if (id === undefined) return noSuchPath(path);
    const intent = this.#ledger.intent(id);
    if (intent === null) return noSuchIntent(id);
    return action === 'capture' ? captureIntent(intent, fields) : cancelIntent(intent);
  }
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly body: string;
}

const CONTROL_PAGES = ['/_health', '/_ledger', '/_faults'];

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (isRefusal(outcome)) sendJson(response, outcome.status, { error: outcome.error });
  else sendJson(response, 200, outcome);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.setHeader('Request-Id', `req_${newId<string>()}`);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function apiError(message: string): Refusal {
  return { status: 500, error: { type: 'api_error', message } };
}

function unauthorized(): Refusal {
  const message = 'You did not provide an API key: Authorization: Bearer sk_...';
  return { status: 401, error: { type: 'invalid_request_error', message } };
}

function noSuchPath(path: string): Refusal {
  const message = `Unrecognized request URL (${path}).`;
  return { status: 404, error: { type: 'invalid_request_error', message } };
}

function reusedKey(): Refusal {
  const message = 'Keys for idempotent requests can only be used with the same parameters.';
  return { status: 400, error: { type: 'idempotency_error', message } };
}

function keyInUse(): Refusal {
  const message = 'There is currently another in-progress request using this Idempotent Key.';
  const code = 'idempotency_key_in_use';
  return { status: 409, error: { type: 'idempotency_error', code, message } };
}
