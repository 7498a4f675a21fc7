import type { OrderView } from '../../protocol/index.ts';
import { sleep } from '../../runtime/portable.ts';
import type { HexfleetApi } from './api.ts';
import { ApiError } from './errors.ts';

export interface OrderPollingOptions {
  readonly api: HexfleetApi;
  readonly everyMs: number;
  /** Order ids; asked again each round. */
  readonly orders: () => readonly string[];
  readonly seen: (order: OrderView) => void;
  /** The engine wants no more of the token. */
  readonly refused: () => void;
}

/** Reads orders by REST every few seconds: for networks that let no WebSocket through. */
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
    while (!signal.aborted) {
      for (const orderId of this.#options.orders()) await this.#look(orderId, signal);
      await sleep(this.#options.everyMs, signal);
    }
  }

  async #look(orderId: string, signal: AbortSignal): Promise<void> {
    const { api, seen, refused } = this.#options;
    try {
      const order = await api.order(orderId);
      if (!signal.aborted) seen(order);
    } catch (error) {
      // Anything else may pass; the next round tries again.
      if (!signal.aborted && error instanceof ApiError && error.status === 401) refused();
    }
  }
}
