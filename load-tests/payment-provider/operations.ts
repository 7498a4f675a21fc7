import { newId, type Clock } from '../../runtime/index.ts';
import type { EventNote } from './events.ts';
import { asOf, cancelIntent, captureIntent, createIntent } from './intents.ts';
import type { Ledger } from './ledger.ts';
import type { Birth, Fields, Intent, Outcome } from './objects.ts';
import { noSuch, noSuchPath } from './refusals.ts';
import { createRefund } from './refunds.ts';
import type { Page } from './shelf.ts';

/** Stripe's own: a card's authorization holds for 7 days. */
export const AUTHORIZATION_SECONDS_DEFAULT = 7 * 24 * 3_600;
/** Beyond so many undelivered events, about 1 KB each, nothing is done that would make another. */
const WAITING_MAX = 100_000;
/** Authorizations that one round of the sweep ends, so that requests are answered between rounds. */
const SWEEP_MAX = 1_000;

const INTENT_PATH = /^\/v1\/payment_intents\/([\w-]+)\/(capture|cancel)$/;

/**
 * What can be done on the books, at the clock's time. Intents are always seen as of now: one whose
 * authorization has lapsed is canceled for everybody from that second on, and is written so by the
 * next sweep.
 */
export class Operations {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #authorizationSeconds: number;
  /** Called when there is a new event to deliver; null when nobody listens. */
  readonly #onEvent: (() => void) | null;

  constructor(options: {
    readonly ledger: Ledger;
    readonly clock: Clock;
    readonly authorizationSeconds: number;
    readonly onEvent: (() => void) | null;
  }) {
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#authorizationSeconds = options.authorizationSeconds;
    this.#onEvent = options.onEvent;
  }

  intent(id: string): Intent | null {
    const intent = this.#ledger.books.intents.get(id);
    return intent === null ? null : this.#asOfNow(intent);
  }

  /** As `Shelf.page`. */
  intents(limit: number, afterId: string | null): Page<Intent> | null {
    const page = this.#ledger.books.intents.page(limit, afterId);
    return page === null
      ? null
      : { ...page, data: page.data.map((intent) => this.#asOfNow(intent)) };
  }

  /** Whether another event may be made: only so many may wait. */
  get hasRoom(): boolean {
    return this.#onEvent === null || this.#ledger.books.waitingCount < WAITING_MAX;
  }

  /** What a POST would do; nothing is done before `keep`. */
  outcomeOf(pathname: string, fields: Fields): Outcome {
    if (pathname === '/v1/payment_intents') return createIntent(fields, this.#birth('pi'));
    if (pathname === '/v1/refunds') return this.#refund(fields);
    const [, id, action] = INTENT_PATH.exec(pathname) ?? [];
    if (id === undefined) return noSuchPath('POST', pathname);
    const intent = this.intent(id);
    if (intent === null) return noSuch('payment_intent', id, 'intent');
    return action === 'capture'
      ? captureIntent(intent, fields)
      : cancelIntent(intent, fields, this.#nowSeconds());
  }

  /** Counts at once; resolves when it is on disk, together with the event that tells of it. */
  async keep(key: string, requestHash: string, outcome: Outcome): Promise<void> {
    const written = this.#ledger.keep({ key, requestHash, outcome, event: this.#note() });
    this.#onEvent?.();
    await written;
  }

  /**
   * Writes down which authorizations have lapsed.
   * @returns true when there may be more at once
   */
  async sweep(): Promise<boolean> {
    const entries = this.#lapsed().map((lapsed) => ({ lapsed, event: this.#note() }));
    await Promise.all(entries.map((entry) => this.#ledger.keep(entry)));
    if (entries.length > 0) this.#onEvent?.();
    return entries.length === SWEEP_MAX;
  }

  #lapsed(): Intent[] {
    const { books } = this.#ledger;
    const room = this.#onEvent === null ? SWEEP_MAX : WAITING_MAX - books.waitingCount;
    const lapsed: Intent[] = [];
    for (const held of books.held()) {
      const intent = this.#asOfNow(held);
      // They lie in the order of their creation: who comes after this one is younger.
      if (intent === held || lapsed.length >= Math.min(room, SWEEP_MAX)) break;
      lapsed.push(intent);
    }
    return lapsed;
  }

  #refund(fields: Fields): Outcome {
    const id = fields.get('payment_intent') ?? '';
    const intent = this.intent(id);
    if (intent === null) return noSuch('payment_intent', id, 'payment_intent');
    const before = this.#ledger.books.refundsOf(id).newestFirst();
    const refundedMinor = before.reduce((sum, { amount }) => sum + amount, 0);
    return createRefund({ intent, refundedMinor }, fields, this.#birth('re'));
  }

  #asOfNow(intent: Intent): Intent {
    return asOf(intent, this.#nowSeconds(), this.#authorizationSeconds);
  }

  #note(): EventNote | undefined {
    if (this.#onEvent === null) return undefined;
    return { id: newObjectId('evt'), createdSeconds: this.#nowSeconds() };
  }

  #birth(prefix: string): Birth {
    return { id: newObjectId(prefix), createdSeconds: this.#nowSeconds() };
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }
}

function newObjectId(prefix: string): string {
  return `${prefix}_${newId<string>().replaceAll('-', '')}`;
}
