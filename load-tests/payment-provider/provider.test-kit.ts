import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import type { FaultSettings } from './faults.ts';
import {
  startPaymentProvider,
  type PaymentProviderOptions,
  type PaymentProviderProcess,
} from './index.ts';
import type { Intent, Refund } from './objects.ts';

type Settings = Omit<PaymentProviderOptions, 'dataDir' | 'port'>;

interface Health {
  readonly requestsUnderWay: number;
  readonly webhooksWaiting: number;
  readonly webhooks: {
    readonly delivered: number;
    readonly forgedAccepted: number;
    readonly lastFailure: string | null;
  } | null;
}

/** The provider's process on books of its own, and Stripe's official SDK to speak with it. */
export class ProviderBench {
  readonly dataDir: string;
  #settings: Settings;
  #process: PaymentProviderProcess;

  private constructor(dataDir: string, settings: Settings, process: PaymentProviderProcess) {
    this.dataDir = dataDir;
    this.#settings = settings;
    this.#process = process;
  }

  static async start(settings: Settings = {}): Promise<ProviderBench> {
    const dataDir = await mkdtemp(join(tmpdir(), 'hexfleet-provider-'));
    const process = await startPaymentProvider({ dataDir, ...settings });
    return new ProviderBench(dataDir, settings, process);
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

  /** On the port that it had, with the settings that it had if no others are given. */
  async startAgain(settings: Settings = this.#settings): Promise<void> {
    const { port } = this.#process;
    this.#settings = settings;
    this.#process = await startPaymentProvider({ dataDir: this.dataDir, port, ...settings });
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
    return (await this.#look<{ intents: Intent[] }>('/_ledger')).intents;
  }

  /** Newest first. */
  async refunds(): Promise<Refund[]> {
    return (await this.#look<{ refunds: Refund[] }>('/_ledger')).refunds;
  }

  health(): Promise<Health> {
    return this.#look('/_health');
  }

  async requestsUnderWay(): Promise<number> {
    return (await this.health()).requestsUnderWay;
  }

  async webhooksWaiting(): Promise<number> {
    return (await this.health()).webhooksWaiting;
  }

  faults(): Promise<FaultSettings> {
    return this.#look('/_faults');
  }

  async #look<Body>(path: string): Promise<Body> {
    const response = await fetch(new URL(path, this.url));
    return (await response.json()) as Body;
  }

  /** Authorizes and takes all of it. */
  async captured(orderId: string, amount = 2_500): Promise<string> {
    const { id } = await this.authorize(orderId, { amount });
    await this.stripe().paymentIntents.capture(id);
    return id;
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
