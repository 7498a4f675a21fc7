import type { HexfleetApi } from '../../clients/ts/index.ts';
import type { PlaceOrder } from '../../protocol/index.ts';
import { sleep, systemClock, systemRandom } from '../../runtime/index.ts';
import { inLanes, type ChaosCity } from './city.ts';
import { codeOf, countIn, mayRepeat } from './failures.ts';

/** With pauses of up to 4 s, an engine that is away for two minutes is not coming back. */
const TRIES_MAX = 40;
const PAUSE_MS = { first: 200, most: 4_000 };
const TICK_MS = 20;
/** Customers who wait for an answer at once; beyond, no more come, and that is counted. */
const WAITING_MAX = 2_000;
/** Part of the customers whose app asks again although it has its answer, as after a lost page. */
const ASKING_AGAIN = 0.05;
const LANES = 8;

/** An order that the engine has said yes to. */
export interface Acknowledged {
  readonly orderId: string;
  readonly key: string;
  readonly customerId: string;
  readonly request: PlaceOrder;
  /** From the first try to the answer, wall time. */
  readonly latencyMs: number;
}

/**
 * Many customers, who order at an even rate whether the engine answers or not. Whoever gets no answer
 * says the same again with the same key, until there is one; every yes is remembered.
 */
export class Customers {
  readonly acknowledged: Acknowledged[] = [];
  /** Answers that named another order than the first answer to the same key. */
  readonly differing: { readonly key: string; readonly first: string; readonly again: string }[] =
    [];
  /** Refusals that repeating does not change, by error code. */
  readonly refused: Record<string, number> = {};
  /** Failures after which a customer said the same again, by error code. */
  readonly repeated: Record<string, number> = {};
  readonly #city: ChaosCity;
  readonly #ended: AbortSignal;
  readonly #apis = new Map<string, Promise<HexfleetApi>>();
  readonly #waiting = new Set<Promise<void>>();
  #unanswered = 0;
  #heldBack = 0;

  /** @param ended nobody waits for an answer any longer */
  constructor(city: ChaosCity, ended: AbortSignal) {
    this.#city = city;
    this.#ended = ended;
  }

  get retries(): number {
    return Object.values(this.repeated).reduce((sum, n) => sum + n, 0);
  }

  /** Customers who gave up, and do not know whether they have ordered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Orders that were not placed because too many waited for an answer. */
  get heldBack(): number {
    return this.#heldBack;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Orders until `over` aborts; resolves when every customer has an answer, or has given up. */
  async order(perSecond: number, over: AbortSignal): Promise<void> {
    const startedAtMs = systemClock.monotonicMs();
    for (let n = 0; !over.aborted;) {
      const due = ((systemClock.monotonicMs() - startedAtMs) / 1000) * perSecond;
      for (; n < due; n++) this.#come(n);
      await sleep(TICK_MS, over);
    }
    await Promise.all(this.#waiting);
  }

  /** Every customer asks once more with the same key. */
  async askAgain(): Promise<void> {
    await inLanes(this.acknowledged, LANES, (known) => this.#compare(known));
  }

  #come(n: number): void {
    if (this.#waiting.size >= WAITING_MAX) {
      this.#heldBack += 1;
      return;
    }
    const work = this.#place(n).finally(() => this.#waiting.delete(work));
    this.#waiting.add(work);
  }

  /** Never rejects. */
  async #place(n: number): Promise<void> {
    const { customerId, request } = this.#city.wishOf(n);
    const key = `chaos-${this.#city.seed}-${n}`;
    const startedAtMs = systemClock.monotonicMs();
    const orderId = await this.#untilAnswered(customerId, request, key);
    if (orderId === null) return;
    const latencyMs = systemClock.monotonicMs() - startedAtMs;
    const known = { orderId, key, customerId, request, latencyMs };
    this.acknowledged.push(known);
    if (this.#city.chanceOf(key) < ASKING_AGAIN) await this.#compare(known);
  }

  async #compare({ customerId, request, key, orderId }: Acknowledged): Promise<void> {
    const again = await this.#untilAnswered(customerId, request, key);
    if (again !== null && again !== orderId) this.differing.push({ key, first: orderId, again });
  }

  /** @returns the order's id; null when there was a refusal, or no answer for too long */
  async #untilAnswered(
    customerId: string,
    request: PlaceOrder,
    key: string,
  ): Promise<string | null> {
    const api = await this.#apiOf(customerId);
    for (let tries = 1; tries <= TRIES_MAX && !this.#ended.aborted; tries++) {
      try {
        return (await api.placeOrder(request, key)).orderId;
      } catch (error) {
        const failures = mayRepeat(error) ? this.repeated : this.refused;
        countIn(failures, codeOf(error));
        if (failures === this.refused) return null;
      }
      const ceilingMs = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** Math.min(tries, 8));
      await sleep(ceilingMs * (0.5 + systemRandom.next() / 2));
    }
    this.#unanswered += 1;
    return null;
  }

  #apiOf(customerId: string): Promise<HexfleetApi> {
    const known = this.#apis.get(customerId);
    if (known !== undefined) return known;
    // One try: repeating, and counting it, is done here.
    const api = this.#city.api('customer', customerId, 1);
    this.#apis.set(customerId, api);
    return api;
  }
}
