import { answerOf, type Answer } from './answers.ts';
import { faultsSchema, type Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Operations } from './operations.ts';
import { noSuchPath } from './refusals.ts';
import type { WebhookSender } from './webhooks.ts';

/** What tests, and who wants to look, have beside Stripe's API: all paths that begin with `/_`. */
export class Control {
  readonly #ledger: Ledger;
  readonly #operations: Operations;
  readonly #faults: Faults;
  readonly #webhooks: WebhookSender | null;

  constructor(options: {
    readonly ledger: Ledger;
    readonly operations: Operations;
    readonly faults: Faults;
    readonly webhooks: WebhookSender | null;
  }) {
    this.#ledger = options.ledger;
    this.#operations = options.operations;
    this.#faults = options.faults;
    this.#webhooks = options.webhooks;
  }

  /**
   * @param asked method and path
   * @param requestsUnderWay writes that have claimed their keys and not yet taken effect
   */
  async answerTo(
    asked: { readonly method: string; readonly pathname: string },
    body: string,
    requestsUnderWay: number,
  ): Promise<Answer> {
    await this.#ledger.onDisk();
    switch (`${asked.method} ${asked.pathname}`) {
      case 'GET /_health':
        return { status: 200, body: this.#health(requestsUnderWay) };
      case 'GET /_ledger':
        return { status: 200, body: this.#allBooks() };
      case 'GET /_faults':
        return { status: 200, body: this.#faults.left };
      case 'POST /_faults':
        return this.#orderFaults(body);
      default:
        return answerOf(noSuchPath(asked.method, asked.pathname));
    }
  }

  #health(requestsUnderWay: number): object {
    const { waitingCount } = this.#ledger.books;
    const counts = this.#webhooks?.counts ?? null;
    return { status: 'up', requestsUnderWay, webhooksWaiting: waitingCount, webhooks: counts };
  }

  #allBooks(): object {
    const intents = this.#operations.intents(Infinity, null)?.data ?? [];
    return { intents, refunds: this.#ledger.books.refunds.newestFirst() };
  }

  #orderFaults(body: string): Answer {
    const parsed = faultsSchema.safeParse(jsonOf(body));
    if (!parsed.success) return { status: 400, body: { problems: parsed.error.issues } };
    this.#faults.set(parsed.data);
    // What gathers to be reordered need not any longer.
    this.#webhooks?.wake();
    return { status: 200, body: parsed.data };
  }
}

/** Undefined, which no schema takes, for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
