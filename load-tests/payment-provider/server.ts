import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { newId, type Clock } from '../../runtime/index.ts';
import * as answers from './answers.ts';
import { answerOf, type Answer } from './answers.ts';
import { Faults, faultsSchema } from './faults.ts';
import {
  cancelIntent,
  captureIntent,
  createIntent,
  invalid,
  isRefusal,
  noSuchIntent,
  type Outcome,
} from './intents.ts';
import type { Ledger } from './ledger.ts';

const BODY_BYTES_MAX = 64 * 1024;
const PAGE_DEFAULT = 10;
const PAGE_MAX = 100;
const INTENTS = '/v1/payment_intents';

interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

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
      const call = await readCall(request);
      if (call === null) {
        answers.sendAnswer(response, answerOf(answers.tooLarge(BODY_BYTES_MAX)));
      } else if (call.url.pathname.startsWith('/_')) {
        answers.sendAnswer(response, await this.#control(call));
      } else {
        this.#send(response, await this.#answerTo(call));
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      answers.sendAnswer(response, answerOf(answers.apiError(message)));
    }
  }

  /** @param answer null when it is to be lost */
  #send(response: ServerResponse, answer: Answer | null): void {
    if (answer === null) response.destroy();
    else if (this.#faults.take('answerTwice')) answers.sendAnswerTwice(response, answer);
    else answers.sendAnswer(response, answer);
  }

  async #control({ url, method, body }: Call): Promise<Answer> {
    await this.#ledger.onDisk();
    switch (`${method} ${url.pathname}`) {
      case 'GET /_health':
        return { status: 200, body: { status: 'up', requestsUnderWay: this.#underWay.size } };
      case 'GET /_ledger':
        return { status: 200, body: { intents: this.#ledger.page(Infinity, null)?.data ?? [] } };
      case 'GET /_faults':
        return { status: 200, body: this.#faults.left };
      case 'POST /_faults': {
        const parsed = faultsSchema.safeParse(jsonOf(body));
        if (!parsed.success) return { status: 400, body: { problems: parsed.error.issues } };
        this.#faults.set(parsed.data);
        return { status: 200, body: parsed.data };
      }
      default:
        return answerOf(answers.noSuchPath(method, url.pathname));
    }
  }

  async #answerTo(call: Call): Promise<Answer | null> {
    const { method, url, headers } = call;
    if (this.#faults.take('failRequests')) {
      return answerOf(answers.apiError('It was told to fail.'));
    }
    if (headers.authorization?.startsWith('Bearer sk_') !== true) {
      return answerOf(answers.unauthorized());
    }
    if (method === 'POST') return await this.#write(call);
    if (method !== 'GET') return answerOf(answers.noSuchPath(method, url.pathname));
    await this.#faults.hang();
    await this.#ledger.onDisk();
    return this.#read(url);
  }

  /** One intent; or the list, newest first, in pages that begin after `starting_after`. */
  #read({ pathname, searchParams }: URL): Answer {
    const { id, action } = intentOf(pathname);
    if (id !== null && action === null) {
      return answerOf(this.#ledger.intent(id) ?? noSuchIntent(id));
    }
    if (pathname !== INTENTS) return answerOf(answers.noSuchPath('GET', pathname));
    const limit = Number(searchParams.get('limit') ?? PAGE_DEFAULT);
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
      return answerOf(invalid('limit', `Invalid integer between 1 and ${PAGE_MAX}`));
    }
    const after = searchParams.get('starting_after');
    const page = this.#ledger.page(limit, after);
    if (page === null) return answerOf(noSuchIntent(after ?? ''));
    const { data, hasMore } = page;
    return { status: 200, body: { object: 'list', url: INTENTS, data, has_more: hasMore } };
  }

  /** Null when it took effect, and its answer is to be lost. */
  async #write({ url: { pathname }, headers, body }: Call): Promise<Answer | null> {
    const key = String(headers['idempotency-key'] ?? newId<string>());
    const fields = new URLSearchParams(body);
    // What counts is what was asked, not the order in which the fields were written.
    fields.sort();
    const asked = `${pathname}\n${fields.toString()}`;
    const requestHash = createHash('sha256').update(asked).digest('base64url');
    const kept = this.#ledger.answer(key);
    if (kept !== null && kept.requestHash !== requestHash) return answerOf(answers.reusedKey());
    if (this.#underWay.has(key)) return answerOf(answers.keyInUse());
    const echo = { 'Idempotency-Key': key };
    if (kept !== null) {
      return this.#unlessLost(answerOf(kept.outcome, { ...echo, 'Idempotent-Replayed': 'true' }));
    }
    this.#underWay.add(key);
    try {
      await this.#faults.hang();
      // No await from here to `keep`: what was decided must count before another request decides.
      const outcome = this.#outcomeOf(pathname, new Map(fields));
      // A key is kept only for what was carried out, not for what could not be understood.
      const carriedOut = !isRefusal(outcome) || outcome.error.type === 'card_error';
      if (!carriedOut) return answerOf(outcome, echo);
      await this.#ledger.keep(key, { requestHash, outcome });
      return this.#unlessLost(answerOf(outcome, echo));
    } finally {
      this.#underWay.delete(key);
    }
  }

  #unlessLost(answer: Answer): Answer | null {
    return this.#faults.take('loseAnswers') ? null : answer;
  }

  #outcomeOf(pathname: string, fields: ReadonlyMap<string, string>): Outcome {
    if (pathname === INTENTS) {
      const createdSeconds = Math.floor(this.#clock.nowMs() / 1000);
      const id = `pi_${newId<string>().replaceAll('-', '')}`;
      return createIntent(fields, { id, createdSeconds });
    }
    const { id, action } = intentOf(pathname);
    if (id === null || action === null) return answers.noSuchPath('POST', pathname);
    const intent = this.#ledger.intent(id);
    if (intent === null) return noSuchIntent(id);
    return action === 'capture' ? captureIntent(intent, fields) : cancelIntent(intent);
  }
}

/** What /v1/payment_intents/ID[/capture|/cancel] speaks of. */
function intentOf(pathname: string): { id: string | null; action: string | null } {
  const match = /^\/v1\/payment_intents\/([\w-]+)(?:\/(capture|cancel))?$/.exec(pathname);
  return { id: match?.[1] ?? null, action: match?.[2] ?? null };
}

/** Null when it is larger than BODY_BYTES_MAX. */
async function readCall(request: IncomingMessage): Promise<Call | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    // Read on, so that the client has said all and listens when the answer comes.
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  if (bytes > BODY_BYTES_MAX) return null;
  const body = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://provider');
  return { method: request.method ?? 'GET', url, headers: request.headers, body };
}

/** Undefined, which no schema takes, for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
