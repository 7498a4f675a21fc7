import { isAppError, type Logger, type Metrics } from '../../runtime/index.ts';
import {
  paymentAuthorized,
  paymentCaptured,
  paymentRefunded,
  paymentRefused,
  paymentVoided,
} from '../commands/payment-outcomes.ts';
import type { Decide } from '../commands/decision.ts';
import type { Database } from '../database/pool.ts';
import type { OrderWriter } from '../orders/order-writer.ts';
import type { PaymentProvider, ProviderNotice } from '../ports.ts';

const SEEN = {
  name: 'webhook_seen',
  text: `SELECT FROM webhook_inbox WHERE event_id = $1`,
};
const KEEP = {
  name: 'webhook_keep',
  text: `
    INSERT INTO webhook_inbox (event_id, type, order_id, outcome) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING`,
};

/**
 * Takes what the payment provider tells of its own accord. It may come twice, late, out of order, or
 * before the answer to our own request: each fact is a decision that changes nothing when the books
 * know it. The inbox row comes after the effect, so a crash in between has it told again.
 */
export class WebhookDesk {
  readonly #deps: WebhookDeskDeps;
  readonly #taken: ReturnType<Metrics['counter']>;

  constructor(deps: WebhookDeskDeps) {
    this.#deps = deps;
    this.#taken = deps.metrics.counter(
      'hexfleet_payment_webhooks_total',
      'Webhooks of the payment provider by what became of them',
      ['outcome'],
    );
  }

  /**
   * Resolves when it is in the books, so that the provider need not tell it again.
   * @throws AppError `webhook_refused`; anything else means that it must be told again
   */
  async take(body: Buffer, signature: string): Promise<void> {
    const { provider, database, log } = this.#deps;
    const notice = provider.notice(body, signature);
    const { eventId, type, about } = notice;
    const outcome = (await this.#wasTaken(eventId)) ? 'repeated' : await this.#apply(notice);
    this.#taken.inc({ outcome });
    log.info({ eventId, type, orderId: about?.orderId, outcome }, 'payment.webhook');
    if (outcome === 'repeated') return;
    await database.query(KEEP, [eventId, type, about?.orderId ?? null, outcome]);
  }

  async #wasTaken(eventId: string): Promise<boolean> {
    return (await this.#deps.database.query(SEEN, [eventId])).length > 0;
  }

  async #apply({ eventId, about, fact }: ProviderNotice): Promise<string> {
    if (about === null || fact.kind === 'other') return 'ignored';
    const actor = { engine: 'webhook' };
    const occasion = { ...about, actor, causation: `webhook:${eventId}` };
    try {
      await this.#deps.writer.change(occasion, decisionFor(fact), null);
      return 'applied';
    } catch (error) {
      // An account may have other users, and orders of other databases.
      const notOurs = isAppError(error, 'not_found') || isAppError(error, 'payment_unknown');
      if (!notOurs && !isAppError(error, 'state_conflict')) throw error;
      return notOurs ? 'not_ours' : 'overtaken';
    }
  }
}

interface WebhookDeskDeps {
  readonly database: Database;
  readonly writer: OrderWriter;
  readonly provider: PaymentProvider;
  readonly metrics: Metrics;
  readonly log: Logger;
}

function decisionFor(fact: Exclude<ProviderNotice['fact'], { kind: 'other' }>): Decide<null> {
  return (order, _command, context) => {
    switch (fact.kind) {
      case 'authorized':
        return paymentAuthorized(order, fact, context);
      case 'refused':
        return paymentRefused(order, fact, context);
      case 'captured':
        return paymentCaptured(order, fact, context);
      case 'refunded':
        return paymentRefunded(order, fact, context);
      // Released because we asked for it, or of its own accord: either way it is not held any more.
      case 'canceled':
        return paymentVoided(order, fact, context);
    }
  };
}
