import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { newId } from '../../runtime/index.ts';
import { answerOf, sendAnswer, sendAnswerTwice, type Answer } from './answers.ts';
import type { Control } from './control.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { isRefusal, type Outcome } from './objects.ts';
import type { Operations } from './operations.ts';
import { read } from './reads.ts';
import * as refusals from './refusals.ts';

const BODY_BYTES_MAX = 64 * 1024;

interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a write came to. */
interface Written {
  readonly answer: Answer;
  /** It took effect, now or when its key came first. */
  readonly effect: boolean;
}

/**
 * The part of Stripe's HTTP API that the engine uses, on the ledger: what is asked, under which key,
 * and whether it is to go wrong. Beside it the paths of control.ts.
 */
export class ProviderServer {
  readonly server: Server;
  readonly #ledger: Ledger;
  readonly #operations: Operations;
  readonly #faults: Faults;
  readonly #control: Control;
  /** Keys of requests under way: Stripe answers a second one with 409. */
  readonly #underWay = new Set<string>();

  constructor(options: {
    readonly ledger: Ledger;
    readonly operations: Operations;
    readonly faults: Faults;
    readonly control: Control;
  }) {
    this.#ledger = options.ledger;
    this.#operations = options.operations;
    this.#faults = options.faults;
    this.#control = options.control;
    this.server = createServer((request, response) => void this.#handle(request, response));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const call = await readCall(request);
      if (call === null) {
        sendAnswer(response, answerOf(refusals.tooLarge(BODY_BYTES_MAX)));
      } else if (call.url.pathname.startsWith('/_')) {
        const asked = { method: call.method, pathname: call.url.pathname };
        const answer = await this.#control.answerTo(asked, call.body, this.#underWay.size);
        sendAnswer(response, answer);
      } else {
        this.#send(response, await this.#answerTo(call));
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      sendAnswer(response, answerOf(refusals.apiError(message)));
    }
  }

  /** @param answer null when it is to be lost */
  #send(response: ServerResponse, answer: Answer | null): void {
    if (answer === null) response.destroy();
    else if (this.#faults.take('answerTwice')) sendAnswerTwice(response, answer);
    else sendAnswer(response, answer);
  }

  async #answerTo(call: Call): Promise<Answer | null> {
    const { method, url, headers } = call;
    if (this.#faults.take('failRequests')) {
      return answerOf(refusals.apiError('It was told to fail.'));
    }
    if (headers.authorization?.startsWith('Bearer sk_') !== true) {
      return answerOf(refusals.unauthorized());
    }
    if (method === 'POST') {
      const { answer, effect } = await this.#write(call);
      return effect ? await this.#afterEffect(answer) : answer;
    }
    if (method !== 'GET') return answerOf(refusals.noSuchPath(method, url.pathname));
    await this.#faults.hang('delayMs');
    await this.#ledger.onDisk();
    return read(url, this.#operations, this.#ledger.books);
  }

  /** What becomes of the answer to what took effect; null when it is to be lost. */
  async #afterEffect(answer: Answer): Promise<Answer | null> {
    await this.#faults.hang('hangAfterEffectMs');
    if (this.#faults.take('loseAnswers')) return null;
    if (!this.#faults.take('failAfterEffect')) return answer;
    return answerOf(refusals.apiError('It was told to fail after the effect.'));
  }

  async #write({ url: { pathname }, headers, body }: Call): Promise<Written> {
    const key = String(headers['idempotency-key'] ?? newId<string>());
    const fields = new URLSearchParams(body);
    // What counts is what was asked, not the order in which the fields were written.
    fields.sort();
    const asked = `${pathname}\n${fields.toString()}`;
    const requestHash = createHash('sha256').update(asked).digest('base64url');
    const kept = this.#ledger.books.answer(key);
    if (kept !== null && kept.requestHash !== requestHash) return refused(refusals.reusedKey());
    if (this.#underWay.has(key)) return refused(refusals.keyInUse());
    const echo = { 'Idempotency-Key': key };
    if (kept !== null) {
      const answer = answerOf(kept.outcome, { ...echo, 'Idempotent-Replayed': 'true' });
      return { answer, effect: true };
    }
    this.#underWay.add(key);
    try {
      await this.#faults.hang('delayMs');
      if (!this.#operations.hasRoom) return refused(refusals.tooManyWaiting());
      // No await from here to `keep`: what was decided must count before another request decides.
      const outcome = this.#operations.outcomeOf(pathname, new Map(fields));
      // A key is kept only for what was carried out, not for what could not be understood.
      const carriedOut = !isRefusal(outcome) || outcome.error.type === 'card_error';
      if (carriedOut) await this.#operations.keep(key, requestHash, outcome);
      return { answer: answerOf(outcome, echo), effect: carriedOut };
    } finally {
      this.#underWay.delete(key);
    }
  }
}

function refused(outcome: Outcome): Written {
  return { answer: answerOf(outcome), effect: false };
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
