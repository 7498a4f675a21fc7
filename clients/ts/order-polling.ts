import type { OrderView } from '../../protocol/index.ts';
import { sleep } from '../../runtime/portable.ts';
import type { HexfleetApi } from './api.ts';
import { ApiError } from './errors.ts';

export interface OrderPollingOptions {
  readonly api: HexfleetApi;
  readonly everyMs: number;
  /** Order ids; asked again each round. */
  readonly orders: () => readonly string[];
  /** The engine has answered for the first time: a WebSocket may be possible now. */
  readonly reachable: () => void;
  /** From the second round with an answer on. */
  readonly seen: (order: OrderView) => void;
  /** The engine wants no more of the token. */
  readonly refused: () => void;
}

/**
 * Reads orders by REST every few seconds: for networks that let no WebSocket through. An engine that only
 * was away looks the same at first, so its first answer is the occasion to try a WebSocket again.
 */
export class OrderPolling {
  readonly #options: OrderPollingOptions;
  #stop: AbortController | null = null;

  constructor(options: OrderPollingOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#stop !== null;
  }

  start(): void {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    let answered = false;
    while (!signal.aborted) {
      const orders: OrderView[] = [];
      for (const orderId of this.#options.orders())
        orders.push(...(await this.#read(orderId, signal)));
      if (signal.aborted) return;
      if (answered) for (const order of orders) this.#options.seen(order);
      else if (orders.length > 0) this.#options.reachable();
      answered ||= orders.length > 0;
      await sleep(this.#options.everyMs, signal);
    }
  }

  /** The order, or nothing. */
  async #read(orderId: string, signal: AbortSignal): Promise<readonly OrderView[]> {
    const { api, refused } = this.#options;
    try {
      return [await api.order(orderId)];
    } catch (error) {
      // Anything else may pass; the next round tries again.
      if (!signal.aborted && error instanceof ApiError && error.status === 401) refused();
      return [];
    }
  }
}
