import { createHmac } from 'node:crypto';
import { createLogger, Loop, sleep, type Clock } from '../../runtime/index.ts';
import type { ProviderEvent } from './events.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';

/** Who listens, and the secret that both sides know. */
export interface WebhookTarget {
  readonly url: string;
  /** whsec_... */
  readonly secret: string;
}

const ANSWER_TIMEOUT_MS = 3_000;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/**
 * Events that shall go out in reverse order gather so long at most: the last of them may never
 * happen, and those before it must not wait for it for ever.
 */
const REORDER_HOLD_MS = 5_000;
/** Events that share one wait for the disk: with one wait each, the disk would set the pace. */
const BATCH_MAX = 100;
/** A hold that is over is noticed so late at most; new events wake the sender at once. */
const POLL_MS = 200;

/**
 * Tells the listener of what happened, one event after the other in the order of their creation, each
 * until it is accepted with 2xx: at least once, for a kill between the answer and our note of it sends
 * it again. What waits, and that it no longer does, stands in the ledger.
 */
export class WebhookSender {
  readonly #ledger: Ledger;
  readonly #target: WebhookTarget;
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #loop: Loop;
  #heldSinceMs: number | null = null;
  #delivered = 0;
  #forgedAccepted = 0;
  #lastFailure: string | null = null;

  constructor(options: {
    readonly ledger: Ledger;
    readonly target: WebhookTarget;
    readonly clock: Clock;
    readonly faults: Faults;
  }) {
    this.#ledger = options.ledger;
    this.#target = options.target;
    this.#clock = options.clock;
    this.#faults = options.faults;
    this.#loop = new Loop({
      name: 'webhooks',
      idleMs: POLL_MS,
      log: createLogger('error', process.stderr),
      round: (signal) => this.#round(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** Resolves when the request under way was given up. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Since the start: events delivered, wrongly signed ones that were accepted; what failed last. */
  get counts(): { delivered: number; forgedAccepted: number; lastFailure: string | null } {
    const [delivered, forgedAccepted] = [this.#delivered, this.#forgedAccepted];
    return { delivered, forgedAccepted, lastFailure: this.#lastFailure };
  }

  async #round(signal: AbortSignal): Promise<boolean> {
    const batch = this.#nextBatch();
    const toReorder = this.#faults.left.reorderWebhooks;
    // Nobody is told what is not yet on disk: a kill would make it never have happened.
    await this.#ledger.onDisk();
    for (const event of batch) {
      // What goes out from the next orders on is theirs to put in reverse.
      if (this.#faults.left.reorderWebhooks > toReorder) return true;
      if (!(await this.#settle(event, signal))) return false;
    }
    return batch.length > 0;
  }

  /** The oldest events; or, when so many are to be reordered, those, the newest first. */
  #nextBatch(): ProviderEvent[] {
    const wanted = this.#faults.left.reorderWebhooks;
    const events = this.#ledger.books.waiting(wanted === 0 ? BATCH_MAX : wanted);
    if (wanted === 0 || events.length === 0) {
      this.#heldSinceMs = null;
      return events;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#heldSinceMs ??= nowMs;
    if (events.length < wanted && nowMs - this.#heldSinceMs < REORDER_HOLD_MS) return [];
    this.#heldSinceMs = null;
    for (let i = 0; i < events.length; i++) this.#faults.take('reorderWebhooks');
    return events.toReversed();
  }

  /** @returns false when it was stopped before */
  async #settle(event: ProviderEvent, signal: AbortSignal): Promise<boolean> {
    if (!this.#faults.take('dropWebhooks')) {
      const times = this.#faults.take('duplicateWebhooks') ? 2 : 1;
      for (let i = 0; i < times; i++) {
        if (!(await this.#deliver(event, signal))) return false;
      }
      this.#delivered += 1;
    }
    // Not waited for: a kill before it is on disk sends the event again, as at least once allows. A
    // write that fails is heard of by whoever awaits `onDisk` next.
    this.#ledger.keep({ settled: event.id }).catch(() => undefined);
    return true;
  }

  /** @returns false when it was stopped before it was accepted */
  async #deliver(event: ProviderEvent, signal: AbortSignal): Promise<boolean> {
    const body = JSON.stringify(event);
    let backoffMs = BACKOFF_FIRST_MS;
    while (!signal.aborted) {
      const forged = this.#faults.take('forgeWebhooks');
      const accepted = await this.#post(body, this.#signatureOf(body, forged), signal);
      if (accepted && !forged) return true;
      if (accepted) this.#forgedAccepted += 1;
      await sleep(backoffMs, signal);
      backoffMs = Math.min(2 * backoffMs, BACKOFF_MAX_MS);
    }
    return false;
  }

  /** Whether it was accepted. */
  async #post(body: string, signature: string, signal: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(this.#target.url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Stripe-Signature': signature,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      });
      // What else it says is of no use, but only a connection that was read to its end is used again.
      await response.text();
      if (!response.ok) this.#lastFailure = `HTTP ${response.status}`;
      return response.ok;
    } catch (error) {
      this.#lastFailure = reasonOf(error);
      return false;
    }
  }

  /** As Stripe signs: over the time of this attempt, so that an old one cannot be played again. */
  #signatureOf(body: string, forged: boolean): string {
    const seconds = Math.floor(this.#clock.nowMs() / 1000);
    const secret = forged ? `${this.#target.secret}_forged` : this.#target.secret;
    const hmac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    return `t=${seconds},v1=${hmac}`;
  }
}

/** Of a failed connection the cause says more: the error itself is always `fetch failed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
