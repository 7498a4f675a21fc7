import { z } from 'zod';
import { eventOf, type EventNote, type ProviderEvent } from './events.ts';
import { isRefusal, type Intent, type Outcome, type Refund } from './objects.ts';
import { Shelf } from './shelf.ts';

/** An answer that was given under an idempotency key, and what the request was. */
export interface KeptAnswer {
  readonly requestHash: string;
  readonly outcome: Outcome;
}

/** Our own lines, so what is in them is taken at its word. */
const objectOf = <T extends object>(): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === 'object' && value !== null);
const noteSchema = z.object({ id: z.string(), createdSeconds: z.number() }).optional();

/** What a line of the ledger says; `event` is left out when nobody listens for webhooks. */
export const entrySchema = z.union([
  /** A request took effect. */
  z.object({
    key: z.string(),
    requestHash: z.string(),
    outcome: objectOf<Outcome>(),
    event: noteSchema,
  }),
  /** An authorization grew too old. */
  z.object({ lapsed: objectOf<Intent>(), event: noteSchema }),
  /** An event need not be sent any longer. */
  z.object({ settled: z.string() }),
]);
export type Entry = z.output<typeof entrySchema>;

/** What the entries say, all told. In memory; pure but for being changed by `apply`. */
export class Books {
  readonly intents = new Shelf<Intent>();
  readonly refunds = new Shelf<Refund>();
  readonly #answers = new Map<string, KeptAnswer>();
  readonly #refundsByIntent = new Map<string, Shelf<Refund>>();
  /** Authorized and neither captured nor canceled, oldest first. */
  readonly #held = new Map<string, Intent>();
  /** Events that are yet to be delivered, in the order of their creation. */
  readonly #waiting = new Map<string, ProviderEvent>();

  apply(entry: Entry): void {
    if ('settled' in entry) {
      this.#waiting.delete(entry.settled);
    } else if ('lapsed' in entry) {
      this.#putIntent(entry.lapsed);
      this.#await(entry.lapsed, entry.event, null);
    } else {
      const { key, requestHash, outcome, event } = entry;
      this.#answers.set(key, { requestHash, outcome });
      this.#put(outcome);
      this.#await(outcome, event, key);
    }
  }

  answer(key: string): KeptAnswer | null {
    return this.#answers.get(key) ?? null;
  }

  refundsOf(intentId: string): Shelf<Refund> {
    return this.#refundsByIntent.get(intentId) ?? new Shelf();
  }

  held(): Iterable<Intent> {
    return this.#held.values();
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** At most `limit`, oldest first. */
  waiting(limit: number): ProviderEvent[] {
    return this.#waiting.values().take(limit).toArray();
  }

  #put(outcome: Outcome): void {
    if (isRefusal(outcome)) return;
    if (outcome.object === 'payment_intent') return this.#putIntent(outcome);
    this.refunds.put(outcome);
    const ofIntent = this.refundsOf(outcome.payment_intent);
    ofIntent.put(outcome);
    this.#refundsByIntent.set(outcome.payment_intent, ofIntent);
  }

  #putIntent(intent: Intent): void {
    this.intents.put(intent);
    if (intent.status === 'requires_capture') this.#held.set(intent.id, intent);
    else this.#held.delete(intent.id);
  }

  #await(outcome: Outcome, note: EventNote | undefined, key: string | null): void {
    const event = note === undefined ? null : eventOf(outcome, note, key);
    if (event !== null) this.#waiting.set(event.id, event);
  }
}
