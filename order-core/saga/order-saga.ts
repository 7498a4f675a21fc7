import { NO_CHANGE, both, type Change } from '../model/change.ts';
import type { Order, StepName, StepRef } from '../model/order.ts';

/**
 * The way of an order as steps, in the order in which they are done. Before the pivot every step can
 * be undone; from it on the order is only carried forward. Undoing is a decision like any other: it
 * is committed with the cancellation, and what it needs of other systems becomes steps of its own,
 * which are tried until they are done or wait for a person.
 */
export interface SagaStep {
  readonly name: string;
  /** Done at another system by this step (`remote-steps.ts`), or in the order's own commit. */
  readonly doneBy: StepName | 'commit';
  readonly pivot: boolean;
  /** What takes it back, given what the customer pays all the same, in minor units. */
  readonly undo: (order: Order, feeMinor: number) => Change;
}

/** Food that nobody has begun to cook goes back on the menu. */
const takeStock: SagaStep = {
  name: 'take_stock',
  doneBy: 'commit',
  pivot: false,
  undo(order) {
    const begun = order.state === 'PREPARING' || order.state === 'READY';
    if (begun) return NO_CHANGE;
    const taken = order.modification?.items ?? [];
    const held = new Map(order.items.map((item) => [item.itemId, item.quantity]));
    // A change that waits for its money has taken what it adds, and given back nothing.
    for (const { itemId, quantity } of taken) {
      held.set(itemId, Math.max(quantity, held.get(itemId) ?? 0));
    }
    return { events: [], stock: [...held].map(([itemId, delta]) => ({ itemId, delta })) };
  },
};

function voidOf(number: number): StepRef {
  return { step: 'void_payment', number };
}

/** What is held is released; a fee is captured, which releases the rest. */
const authorizePayment: SagaStep = {
  name: 'authorize_payment',
  doneBy: 'authorize_payment',
  pivot: false,
  undo({ payment, authorizations }, feeMinor) {
    const number = payment.generation;
    if (payment.method === 'cash') return { events: [], payment: { state: 'voided' } };
    // Asked for by a change of items or a renewal, and not answered: it may be held all the same.
    const asked = authorizations.filter((a) => a.state === 'pending' && a.generation !== number);
    const releases = asked.map(({ generation }) => voidOf(generation));
    if (payment.state === 'authorized' && feeMinor > 0) {
      const capture = { step: 'capture_payment', number } as const;
      return { events: [], payment: { captureMinor: feeMinor }, steps: [capture, ...releases] };
    }
    const isHeld = payment.state === 'pending' || payment.state === 'authorized';
    const steps = isHeld ? [voidOf(number), ...releases] : releases;
    return steps.length === 0 ? NO_CHANGE : { events: [], steps };
  },
};

/** The restaurant learns of it by the event. */
const askRestaurant: SagaStep = {
  name: 'ask_restaurant',
  doneBy: 'commit',
  pivot: false,
  undo: () => NO_CHANGE,
};

/** The courier who is asked, or bound, is free again. */
const assignCourier: SagaStep = {
  name: 'assign_courier',
  doneBy: 'commit',
  pivot: false,
  undo({ liveOffer }) {
    if (liveOffer === null) return NO_CHANGE;
    return { events: [], offerBecomes: { offerId: liveOffer.offerId, state: 'withdrawn' } };
  },
};

const capturePayment: SagaStep = {
  name: 'capture_payment',
  doneBy: 'capture_payment',
  pivot: true,
  undo: () => NO_CHANGE,
};

/** Orders carry the version that they were placed under. A version is never changed, only added. */
const SAGAS: Readonly<Record<number, readonly SagaStep[]>> = {
  1: [takeStock, authorizePayment, askRestaurant, assignCourier, capturePayment],
};
export const SAGA_VERSION = 1;

/**
 * Takes back everything before the pivot, last step first.
 * @param feeMinor what the customer pays all the same
 */
export function compensation(order: Order, feeMinor: number): Change {
  const saga = SAGAS[order.sagaVersion];
  // Placed by a newer engine: only that one knows how to end it.
  if (saga === undefined) throw new Error(`saga version ${order.sagaVersion} is not known here`);
  return saga
    .filter((step) => !step.pivot)
    .toReversed()
    .map((step) => step.undo(order, feeMinor))
    .reduce(both, NO_CHANGE);
}
