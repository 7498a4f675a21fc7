import { DEPENDENCIES, required, type Retry } from '../../runtime/index.ts';
import type { Decide } from '../commands/decision.ts';
import {
  paymentAuthorized,
  paymentCaptured,
  paymentRefunded,
  paymentRefused,
  paymentUnavailable,
  paymentVoided,
} from '../commands/payment-outcomes.ts';
import { NO_CHANGE } from '../model/change.ts';
import type { Authorization, Order, StepName } from '../model/order.ts';
import type { PaymentProvider } from '../ports.ts';

/** The outcome of a step, as a decision that waits only for the order to be applied to. */
export type StepDecision = (
  order: Order,
  context: Parameters<Decide<object>>[2],
) => ReturnType<Decide<object>>;

/**
 * A piece of work at another system. `perform` may run several times (a crash, a lost answer), so it
 * must take effect once however often it is asked: the provider's idempotency keys see to that.
 */
export interface RemoteStep {
  /** @param number which authorization, or which refund, it is about */
  readonly perform: (
    order: Order,
    number: number,
    provider: PaymentProvider,
  ) => Promise<StepDecision>;
  readonly retry: Retry;
  /**
   * When every try has failed: what happens to the order then, or null when the order goes on and a
   * person has to look at the dead letter.
   */
  readonly giveUp: ((number: number) => StepDecision) | null;
}

const by =
  <Command>(decide: Decide<Command>, command: Command): StepDecision =>
  (order, context) =>
    decide(order, command, context);

const NOTHING: StepDecision = () => NO_CHANGE;

function authorizationOf(order: Order, generation: number): Authorization {
  const found = order.authorizations.find((a) => a.generation === generation);
  return required(found, 'the authorization that a step is about');
}

async function authorize(
  order: Order,
  generation: number,
  provider: PaymentProvider,
): Promise<StepDecision> {
  const authorization = authorizationOf(order, generation);
  // The order ended before its money was asked for: asking now would only hold what the void step
  // has to release again.
  if (authorization.state !== 'pending' || order.state === 'CANCELLED') return NOTHING;
  const answer = await provider.authorize(order, authorization, order.paymentToken);
  return answer.outcome === 'refused'
    ? by(paymentRefused, { generation, reason: answer.reason })
    : by(paymentAuthorized, { generation, intentId: answer.intentId });
}

async function capture(
  order: Order,
  generation: number,
  provider: PaymentProvider,
): Promise<StepDecision> {
  const { intentId } = authorizationOf(order, generation);
  const amountMinor = order.payment.captureMinor ?? order.totalMinor;
  await provider.capture(
    { ...order, generation },
    required(intentId, 'the intent of an authorized payment'),
    amountMinor,
  );
  return by(paymentCaptured, { generation, amountMinor });
}

/**
 * Releases what is held. When it is not known whether anything is held (the answer was lost, and the
 * order was cancelled meanwhile), the authorization is asked for again under its own key: the
 * provider answers as it did then, and what it names is released.
 */
async function release(
  order: Order,
  generation: number,
  provider: PaymentProvider,
): Promise<StepDecision> {
  const authorization = authorizationOf(order, generation);
  if (authorization.state === 'voided' || authorization.state === 'refused') return NOTHING;
  // It was to be released because nobody wanted it, and counts by now: the answer came after all.
  if (generation === order.payment.generation && order.state !== 'CANCELLED') return NOTHING;
  let { intentId } = authorization;
  if (intentId === null) {
    const answer = await provider.authorize(order, authorization, order.paymentToken);
    if (answer.outcome === 'refused') return by(paymentVoided, { generation, intentId: null });
    intentId = answer.intentId;
  }
  await provider.void({ ...order, generation }, intentId);
  return by(paymentVoided, { generation, intentId });
}

async function refund(
  order: Order,
  number: number,
  provider: PaymentProvider,
): Promise<StepDecision> {
  const wanted = required(
    order.refunds.find((r) => r.number === number),
    'the refund that a step is about',
  );
  if (wanted.state === 'done') return NOTHING;
  const { intentId } = authorizationOf(order, order.payment.generation);
  const { refundId } = await provider.refund(
    order,
    required(intentId, 'the intent of a captured payment'),
    wanted,
  );
  return by(paymentRefunded, { number, providerRefundId: refundId });
}

const { payment, settlement } = DEPENDENCIES;

/** The saga's steps at other systems. What a step's outcome does next is in the commands. */
export const REMOTE_STEPS: Readonly<Record<StepName, RemoteStep>> = {
  authorize_payment: {
    perform: authorize,
    retry: payment.retry,
    giveUp: (generation) => by(paymentUnavailable, { generation }),
  },
  capture_payment: { perform: capture, retry: settlement.retry, giveUp: null },
  void_payment: { perform: release, retry: settlement.retry, giveUp: null },
  refund_payment: { perform: refund, retry: settlement.retry, giveUp: null },
};
