import { Stripe } from 'stripe';
import { withDeadline, type Clock, type Metrics } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import type { LedgerEntry, PaymentProvider } from '../ports.ts';

/** The SDK's own limit for one HTTP exchange. */
const HTTP_TIMEOUT_MS = 4_000;
/** Ours for the whole call: a connection that answers a byte a second must not hold a step. */
const CALL_TIMEOUT_MS = 5_000;
const LEDGER_PAGE = 100;

/**
 * Stripe's HTTP API by its official SDK, at any host that speaks it. One PaymentIntent per order,
 * authorized when the order is placed (`capture_method: manual`) and captured at pickup. Retries are
 * the saga's business, not the SDK's: there they are counted, spread and survive a crash.
 */
export class StripeProvider implements PaymentProvider {
  readonly #stripe: Stripe;
  readonly #clock: Clock;
  readonly #seconds: ReturnType<Metrics['latency']>;

  /** @param options.apiUrl http(s)://host[:port] */
  constructor(options: { apiUrl: string; apiKey: string; clock: Clock; metrics: Metrics }) {
    const url = new URL(options.apiUrl);
    const protocol = url.protocol === 'http:' ? 'http' : 'https';
    this.#stripe = new Stripe(options.apiKey, {
      host: url.hostname,
      port: url.port === '' ? (protocol === 'http' ? 80 : 443) : Number(url.port),
      protocol,
      timeout: HTTP_TIMEOUT_MS,
      maxNetworkRetries: 0,
      telemetry: false,
    });
    this.#clock = options.clock;
    this.#seconds = options.metrics.latency(
      'hexfleet_payment_request_seconds',
      'Requests to the payment provider',
      ['operation', 'outcome'],
    );
  }

  async authorize(
    order: Parameters<PaymentProvider['authorize']>[0],
    paymentToken: string,
  ): ReturnType<PaymentProvider['authorize']> {
    const { orderId, cityId, correlationId } = order;
    try {
      const intent = await this.#call('authorize', () =>
        this.#stripe.paymentIntents.create(
          {
            amount: order.totalMinor,
            currency: order.currency,
            payment_method: paymentToken,
            confirm: true,
            capture_method: 'manual',
            automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
            metadata: { order_id: orderId, city_id: cityId, correlation_id: correlationId },
          },
          { idempotencyKey: `${orderId}:authorize` },
        ),
      );
      return intent.status === 'requires_capture'
        ? { outcome: 'authorized', intentId: intent.id }
        : { outcome: 'refused', reason: intent.status };
    } catch (error) {
      const cause = error instanceof Error ? error.cause : null;
      // A card that says no, or a payment method that is none: final answers, not failures.
      if (
        cause instanceof Stripe.errors.StripeCardError ||
        cause instanceof Stripe.errors.StripeInvalidRequestError
      ) {
        return { outcome: 'refused', reason: cause.decline_code ?? cause.code ?? cause.type };
      }
      throw error;
    }
  }

  async capture(orderId: string, intentId: string, amountMinor: number): Promise<void> {
    await this.#call('capture', () =>
      this.#stripe.paymentIntents.capture(
        intentId,
        { amount_to_capture: amountMinor },
        { idempotencyKey: `${orderId}:capture` },
      ),
    );
  }

  async void(orderId: string, intentId: string): Promise<void> {
    await this.#call('void', () =>
      this.#stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey: `${orderId}:void` }),
    );
  }

  async *ledger(): AsyncIterable<LedgerEntry> {
    for await (const intent of this.#stripe.paymentIntents.list({ limit: LEDGER_PAGE })) {
      const live = intent.status === 'requires_capture';
      yield {
        intentId: intent.id,
        orderId: intent.metadata['order_id'] ?? '',
        live,
        authorizedMinor: live ? intent.amount_capturable : 0,
        capturedMinor: intent.amount_received,
        refundedMinor: 0,
      };
    }
  }

  async #call<Result>(operation: string, request: () => Promise<Result>): Promise<Result> {
    const startedAt = this.#clock.monotonicMs();
    const observe = (outcome: string): void =>
      this.#seconds.observe({ operation, outcome }, (this.#clock.monotonicMs() - startedAt) / 1000);
    try {
      const result = await withDeadline(request(), CALL_TIMEOUT_MS, `payment ${operation}`);
      observe('done');
      return result;
    } catch (error) {
      observe('failed');
      const type = error instanceof Error ? error.name : 'unknown';
      throw orderErrors.make('payment_provider_failed', {
        cause: error,
        details: { operation, type },
      });
    }
  }
}
