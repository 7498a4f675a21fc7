import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import type { FaultSettings } from './faults.ts';
import { startPaymentProvider, type PaymentProviderProcess } from './index.ts';
import type { Intent } from './intents.ts';

/** The provider's process on books of its own, and Stripe's official SDK to speak with it. */
export class ProviderBench {
  readonly dataDir: string;
  #process: PaymentProviderProcess;

  private constructor(dataDir: string, process: PaymentProviderProcess) {
    this.dataDir = dataDir;
    this.#process = process;
  }

  static async start(): Promise<ProviderBench> {
    const dataDir = await mkdtemp(join(tmpdir(), 'hexfleet-provider-'));
    return new ProviderBench(dataDir, await startPaymentProvider({ dataDir }));
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await rm(this.dataDir, { recursive: true });
  }

  get url(): string {
    return this.#process.url;
  }

  get ledgerFile(): string {
    return join(this.dataDir, 'ledger.jsonl');
  }

  /** Without the SDK's own retries, as the engine uses it. */
  stripe(apiKey: string = this.#process.apiKey): Stripe {
    const { port } = this.#process;
    return new Stripe(apiKey, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** On the port that it had. */
  async startAgain(): Promise<void> {
    const { port } = this.#process;
    this.#process = await startPaymentProvider({ dataDir: this.dataDir, port });
  }

  async order(faults: Partial<FaultSettings>): Promise<void> {
    const response = await this.post('/_faults', JSON.stringify(faults));
    if (!response.ok) throw new Error(`faults refused: ${await response.text()}`);
  }

  post(path: string, body: string): Promise<Response> {
    return fetch(new URL(path, this.url), { method: 'POST', body });
  }

  /** Newest first. */
  async ledger(): Promise<Intent[]> {
    const response = await fetch(new URL('/_ledger', this.url));
    return ((await response.json()) as { intents: Intent[] }).intents;
  }

  async requestsUnderWay(): Promise<number> {
    const response = await fetch(new URL('/_health', this.url));
    return ((await response.json()) as { requestsUnderWay: number }).requestsUnderWay;
  }

  /** Authorizes as the engine does. */
  authorize(
    idempotencyKey: string,
    { amount = 2_500, card = 'pm_card_visa' } = {},
  ): Promise<Stripe.Response<Stripe.PaymentIntent>> {
    return this.stripe().paymentIntents.create(
      {
        amount,
        currency: 'eur',
        payment_method: card,
        confirm: true,
        capture_method: 'manual',
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { order_id: idempotencyKey, city_id: 'berlin' },
      },
      { idempotencyKey },
    );
  }
}
