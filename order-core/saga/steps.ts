import { required } from '../../runtime/index.ts';
import type { Decide } from '../commands/decision.ts';
import {
  paymentAuthorized,
  paymentCaptured,
  paymentRefused,
  paymentUnavailable,
  paymentVoided,
} from '../commands/payment-outcomes.ts';
import type { Order, StepName } from '../model/order.ts';
import type { PaymentProvider } from '../ports.ts';

/** The outcome of a step, as a decision that waits only for the order to be applied to. */
export type Outcome = (
  order: Order,
  context: Parameters<Decide<object>>[2],
) => ReturnType<Decide<object>>;

/**
 * A piece of work at another system. `perform` may run several times (a crash, a lost answer), so it
 * must take effect once however often it is asked: the provider's idempotency keys see to that.
 */
export interface SagaStep {
  readonly name: StepName;
  /** The step that takes this one's effect back, while the order is before its pivot. */
  readonly undoneBy: StepName | null;
  readonly perform: (order: Order, provider: PaymentProvider) => Promise<Outcome>;
  /** Milliseconds between tries: doubling from `firstMs` to `maxMs`, each with jitter. */
  readonly retry: { readonly attempts: number; readonly firstMs: number; readonly maxMs: number };
  /**
   * When every try has failed: what happens to the order then, or null when the order goes on and a
   * person has to look at the dead letter.
   */
  readonly giveUp: Outcome | null;
}

const by =
  <Command>(decide: Decide<Command>, command: Command): Outcome =>
  (order, context) =>
    decide(order, command, context);

async function authorize(order: Order, provider: PaymentProvider): Promise<Outcome> {
  // The order ended before its money was asked for: asking now would only hold what the void step
  // has to release again.
  if (order.payment.state !== 'pending' || order.state !== 'PLACED') return () => ({ events: [] });
  const answer = await provider.authorize(order, order.paymentToken);
  return answer.outcome === 'refused'
    ? by(paymentRefused, { reason: answer.reason })
    : by(paymentAuthorized, { intentId: answer.intentId, amountMinor: order.totalMinor });
}

async function capture(order: Order, provider: PaymentProvider): Promise<Outcome> {
  const intentId = required(order.payment.intentId, 'the intent of an authorized payment');
  const amountMinor = order.totalMinor;
  await provider.capture(order.orderId, intentId, amountMinor);
  return by(paymentCaptured, { amountMinor });
}

/**
 * Releases what is held. When it is not known whether anything is held (the answer was lost, and the
 * order was cancelled meanwhile), the authorization is asked for again under its own key: the
 * provider answers as it did then, and what it names is released.
 */
async function release(order: Order, provider: PaymentProvider): Promise<Outcome> {
  let intentId = order.payment.intentId;
  if (intentId === null) {
    const answer = await provider.authorize(order, order.paymentToken);
    if (answer.outcome === 'refused') return by(paymentVoided, { intentId: null });
    intentId = answer.intentId;
  }
  await provider.void(order.orderId, intentId);
  return by(paymentVoided, { intentId });
}

/** The saga's steps at other systems. What a step's outcome does next is in the commands. */
export const SAGA_STEPS: Readonly<Record<StepName, SagaStep>> = {
  authorize_payment: {
    name: 'authorize_payment',
    undoneBy: 'void_payment',
    perform: authorize,
    retry: { attempts: 8, firstMs: 200, maxMs: 10_000 },
    giveUp: by(paymentUnavailable, {}),
  },
  capture_payment: {
    name: 'capture_payment',
    undoneBy: null,
    perform: capture,
    retry: { attempts: 20, firstMs: 200, maxMs: 60_000 },
    giveUp: null,
  },
  void_payment: {
    name: 'void_payment',
    undoneBy: null,
    perform: release,
    retry: { attempts: 20, firstMs: 200, maxMs: 60_000 },
    giveUp: null,
  },
};
