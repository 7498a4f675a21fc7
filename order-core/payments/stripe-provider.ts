import { Stripe } from 'stripe';
import {
  Breaker,
  DEPENDENCIES,
  isLeftAlone,
  withDeadline,
  type Clock,
  type Logger,
  type Metrics,
} from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import type { AuthorizationRef, LedgerEntry, PaymentProvider, ProviderNotice } from '../ports.ts';

/**
 * The SDK's own limit, `requestMs`, is for one HTTP exchange; a connection that answers a byte a second
 * must not hold a step either.
 */
const { requestMs, callMs, breaker: BREAKER } = DEPENDENCIES.payment;
const LEDGER_PAGE = 100;
/** An older webhook may be somebody's recording. */
const WEBHOOK_AGE_SECONDS_MAX = 300;

/**
 * Stripe's HTTP API by its official SDK, at any host that speaks it. One PaymentIntent per order,
 * authorized when the order is placed (`capture_method: manual`) and captured at pickup. Retries are
 * the saga's business, not the SDK's: there they are counted, spread and survive a crash. A provider
 * that fails again and again is left alone for a while, and the saga's steps wait in the database.
 */
export class StripeProvider implements PaymentProvider {
  readonly #stripe: Stripe;
  readonly #clock: Clock;
  readonly #webhookSecret: string | null;
  readonly #breaker: Breaker;
  readonly #seconds: ReturnType<Metrics['latency']>;

  /** @param options.apiUrl http(s)://host[:port] */
  constructor(options: {
    apiUrl: string;
    apiKey: string;
    /** Null: webhooks are not taken. */
    webhookSecret: string | null;
    clock: Clock;
    metrics: Metrics;
    log: Logger;
  }) {
    const url = new URL(options.apiUrl);
    const protocol = url.protocol === 'http:' ? 'http' : 'https';
    this.#stripe = new Stripe(options.apiKey, {
      host: url.hostname,
      port: url.port === '' ? (protocol === 'http' ? 80 : 443) : Number(url.port),
      protocol,
      timeout: requestMs,
      maxNetworkRetries: 0,
      telemetry: false,
    });
    this.#clock = options.clock;
    this.#webhookSecret = options.webhookSecret;
    const { metrics, log } = options;
    this.#breaker = new Breaker({ name: 'payment', terms: BREAKER, isOutage, metrics, log });
    this.#seconds = options.metrics.latency(
      'hexfleet_payment_request_seconds',
      'Requests to the payment provider',
      ['operation', 'outcome'],
    );
  }

  async authorize(
    order: Parameters<PaymentProvider['authorize']>[0],
    { generation, amountMinor }: Parameters<PaymentProvider['authorize']>[1],
    paymentToken: string,
  ): ReturnType<PaymentProvider['authorize']> {
    const { orderId, cityId, correlationId } = order;
    try {
      const intent = await this.#call('authorize', () =>
        this.#stripe.paymentIntents.create(
          {
            amount: amountMinor,
            currency: order.currency,
            payment_method: paymentToken,
            confirm: true,
            capture_method: 'manual',
            automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
            metadata: {
              order_id: orderId,
              city_id: cityId,
              generation: String(generation),
              correlation_id: correlationId,
            },
          },
          { idempotencyKey: keyOf({ orderId, generation }, 'authorize') },
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

  async capture(ref: AuthorizationRef, intentId: string, amountMinor: number): Promise<void> {
    await this.#settle(intentId, {
      operation: 'capture',
      request: () =>
        this.#stripe.paymentIntents.capture(
          intentId,
          { amount_to_capture: amountMinor },
          { idempotencyKey: keyOf(ref, 'capture') },
        ),
      isDone: (intent) => intent.status === 'succeeded' && intent.amount_received === amountMinor,
    });
  }

  async void(ref: AuthorizationRef, intentId: string): Promise<void> {
    await this.#settle(intentId, {
      operation: 'void',
      request: () =>
        this.#stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey: keyOf(ref, 'void') }),
      isDone: (intent) => intent.status === 'canceled',
    });
  }

  async refund(
    { orderId, cityId }: Parameters<PaymentProvider['refund']>[0],
    intentId: string,
    { number, amountMinor }: Parameters<PaymentProvider['refund']>[2],
  ): ReturnType<PaymentProvider['refund']> {
    const refund = await this.#call('refund', () =>
      this.#stripe.refunds.create(
        {
          payment_intent: intentId,
          amount: amountMinor,
          metadata: { order_id: orderId, city_id: cityId, refund_number: String(number) },
        },
        { idempotencyKey: `${orderId}:refund:${number}` },
      ),
    );
    return { refundId: refund.id };
  }

  notice(body: Buffer, signature: string): ProviderNotice {
    const secret = this.#webhookSecret;
    if (secret === null) throw orderErrors.make('webhook_refused');
    let event: Stripe.Event;
    try {
      event = this.#stripe.webhooks.constructEvent(
        body,
        signature,
        secret,
        WEBHOOK_AGE_SECONDS_MAX,
        undefined,
        this.#clock.nowMs(),
      );
    } catch (error) {
      throw orderErrors.make('webhook_refused', { cause: error });
    }
    return noticeOf(event);
  }

  async *ledger(): AsyncIterable<LedgerEntry> {
    const refunded = new Map<string, number>();
    for await (const refund of this.#stripe.refunds.list({ limit: LEDGER_PAGE })) {
      const intentId = idOf(refund.payment_intent);
      if (refund.status === 'failed' || refund.status === 'canceled') continue;
      refunded.set(intentId, (refunded.get(intentId) ?? 0) + refund.amount);
    }
    for await (const intent of this.#stripe.paymentIntents.list({ limit: LEDGER_PAGE })) {
      const live = intent.status === 'requires_capture';
      yield {
        intentId: intent.id,
        orderId: intent.metadata['order_id'] ?? '',
        live,
        authorizedMinor: live ? intent.amount_capturable : 0,
        capturedMinor: intent.amount_received,
        refundedMinor: refunded.get(intent.id) ?? 0,
      };
    }
  }

  /**
   * Captures or voids. What is in the wanted state already, because an answer was lost for longer than
   * the provider keeps keys or because the authorization lapsed, counts as done.
   */
  async #settle(
    intentId: string,
    work: {
      readonly operation: string;
      readonly request: () => Promise<unknown>;
      readonly isDone: (intent: Stripe.PaymentIntent) => boolean;
    },
  ): Promise<void> {
    try {
      await this.#call(work.operation, work.request);
    } catch (error) {
      const cause = error instanceof Error ? error.cause : null;
      if (!(cause instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      if (cause.code !== 'payment_intent_unexpected_state') throw error;
      const intent = await this.#call('look', () => this.#stripe.paymentIntents.retrieve(intentId));
      if (!work.isDone(intent)) throw error;
    }
  }

  async #call<Result>(operation: string, request: () => Promise<Result>): Promise<Result> {
    const startedAt = this.#clock.monotonicMs();
    const observe = (outcome: string): void =>
      this.#seconds.observe({ operation, outcome }, (this.#clock.monotonicMs() - startedAt) / 1000);
    try {
      const result = await this.#breaker.execute(() =>
        withDeadline(request(), callMs, `payment ${operation}`),
      );
      observe('done');
      return result;
    } catch (error) {
      if (isLeftAlone(error)) {
        const { pauseMs } = this.#breaker;
        throw orderErrors.make('payment_provider_paused', { retryAfterMs: pauseMs });
      }
      observe('failed');
      const type = error instanceof Error ? error.name : 'unknown';
      throw orderErrors.make('payment_provider_failed', {
        cause: error,
        details: { operation, type },
      });
    }
  }
}

/** No answer, or one that says that the other side is broken; a `no` is an answer. */
function isOutage(error: Error): boolean {
  return !(
    error instanceof Stripe.errors.StripeCardError ||
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripeIdempotencyError
  );
}

/** Of the order and our own row, never of the attempt. The first generation's name is older. */
function keyOf({ orderId, generation }: AuthorizationRef, operation: string): string {
  return generation === 1 ? `${orderId}:${operation}` : `${orderId}:${operation}:${generation}`;
}

function idOf(reference: string | { readonly id: string } | null): string {
  return typeof reference === 'string' ? reference : (reference?.id ?? '');
}

function noticeOf(event: Stripe.Event): ProviderNotice {
  const { metadata, fact } = contentOf(event);
  const { order_id: orderId, city_id: cityId } = metadata;
  const about = orderId === undefined || cityId === undefined ? null : { orderId, cityId };
  return { eventId: event.id, type: event.type, about, fact };
}

function contentOf(event: Stripe.Event): {
  metadata: Readonly<Record<string, string>>;
  fact: ProviderNotice['fact'];
} {
  if (event.type === 'refund.created') {
    const { id, metadata } = event.data.object;
    const number = Number(metadata?.['refund_number'] ?? 0);
    return { metadata: metadata ?? {}, fact: { kind: 'refunded', number, providerRefundId: id } };
  }
  const isOurs =
    event.type === 'payment_intent.amount_capturable_updated' ||
    event.type === 'payment_intent.payment_failed' ||
    event.type === 'payment_intent.succeeded' ||
    event.type === 'payment_intent.canceled';
  if (!isOurs) return { metadata: {}, fact: { kind: 'other' } };
  const intent = event.data.object;
  const generation = Number(intent.metadata['generation'] ?? 1);
  return { metadata: intent.metadata, fact: intentFact(event.type, intent, generation) };
}

function intentFact(
  type: string,
  intent: Stripe.PaymentIntent,
  generation: number,
): ProviderNotice['fact'] {
  switch (type) {
    case 'payment_intent.amount_capturable_updated':
      return { kind: 'authorized', generation, intentId: intent.id };
    case 'payment_intent.payment_failed':
      return { kind: 'refused', generation, reason: 'payment_failed' };
    case 'payment_intent.succeeded':
      return { kind: 'captured', generation, amountMinor: intent.amount_received };
    default:
      return { kind: 'canceled', generation, intentId: intent.id };
  }
}
