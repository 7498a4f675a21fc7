import type { Actor, OrderSummary } from '../../protocol/index.ts';
import { TimeScale, type CityId } from '../../runtime/index.ts';
import type { Patience } from '../commands/decision.ts';
import type { Order, Payment } from './order.ts';

/** Orders as decisions see them, for tests of decisions. */

export const PATIENCE: Patience = {
  timeScale: new TimeScale(1),
  restaurantAnswerSeconds: 300,
  offerSeconds: 30,
  courierSearchSeconds: 300,
  manualQueueSeconds: 2_100,
  courierSilenceSeconds: 300,
  paymentDeadlineSeconds: 300,
};

export const NOW_MS = 1_700_000_000_000;

export function actorOf(role: Actor['role'], subject: string): Actor {
  return { role, subject, cityId: 'c1' as CityId };
}

/** A PAID order of restaurant `r1`, with what `facts` says instead. */
export function orderWith(facts: Partial<Order> = {}): Order {
  const summary: OrderSummary = {
    orderId: '0190f000-0000-7000-8000-000000000001',
    cityId: 'c1',
    customerId: 'anna',
    restaurantId: 'r1',
    restaurantName: 'Soup House',
    courierId: null,
    reference: null,
    state: 'PAID',
    cancelReason: null,
    sequence: 2,
    items: [],
    currency: 'eur',
    subtotalMinor: 1_000,
    deliveryFeeMinor: 200,
    taxMinor: 0,
    totalMinor: 1_200,
    pickup: { lat: 52.5, lng: 13.4 },
    dropoff: { place: { lat: 52.51, lng: 13.41 }, address: 'Elm Street 1' },
    placedAtMs: NOW_MS - 10_000,
    scheduledForMs: null,
    attention: null,
    readyAtMs: null,
    correlationId: 'corr-0001',
  };
  return {
    ...summary,
    summary,
    version: 2,
    courierSearch: 'none',
    paymentToken: 'pm_card_visa',
    sagaVersion: 1,
    payment: paymentWith(),
    authorizations: [{ generation: 1, amountMinor: 1_200, state: 'authorized', intentId: 'pi_1' }],
    refunds: [],
    modification: null,
    confirmedAtMs: null,
    deliveryCode: null,
    codeAttempts: 0,
    rating: null,
    restaurantOpen: true,
    cancellation: { withinSeconds: 300, refundWithin: 0.5, refundAfter: 0 },
    liveOffer: null,
    askedCouriers: ['k1', 'k2'],
    timers: [],
    nowMs: NOW_MS,
    ...facts,
  };
}

/** A card whose 12.00 are held. */
export function paymentWith(facts: Partial<Payment> = {}): Payment {
  return {
    method: 'card',
    state: 'authorized',
    generation: 1,
    authorizedMinor: 1_200,
    captureMinor: null,
    capturedMinor: 0,
    refundedMinor: 0,
    ...facts,
  };
}

/** An order whose money was asked for and not answered. */
export function unpaidWith(facts: Partial<Order> = {}): Order {
  return orderWith({
    payment: paymentWith({ state: 'pending', authorizedMinor: 0 }),
    authorizations: [{ generation: 1, amountMinor: 1_200, state: 'pending', intentId: null }],
    ...facts,
  });
}

/** A live offer to courier `k1` that lapses 30 s from now. */
export function offerWith(facts: Partial<NonNullable<Order['liveOffer']>> = {}) {
  return {
    offerId: '0190f000-0000-7000-8000-0000000000aa',
    courierId: 'k1',
    state: 'offered' as const,
    expiresAtMs: NOW_MS + 30_000,
    ...facts,
  };
}
