import {
  type Actor,
  CASH,
  type OrderState,
  type OrderSummary,
  type OrderView,
  type PaymentMethod,
  type PlaceOrder,
} from '../../protocol/index.ts';
import { newId, randomInteger, type OrderId, type Random } from '../../runtime/index.ts';
import { ACTIVATION_LEAD_SECONDS, SCHEDULE_SECONDS, type Patience } from '../commands/decision.ts';
import { orderErrors } from '../errors.ts';
import type { Happening } from '../model/change.ts';
import type { Basket, TimerKind } from '../model/order.ts';
import { priceOrder, type MenuPrice } from '../model/pricing.ts';
import type { ServiceArea } from '../ports.ts';

/** From a customer's wish to an order that may be stored. Pure but for ids and chance. */
export interface Placement {
  readonly request: PlaceOrder;
  readonly actor: Actor;
  readonly idempotencyKey: string;
  readonly correlationId: string;
}

export interface PlacementRules {
  readonly area: ServiceArea;
  readonly patience: Patience;
  readonly random: Random;
}

/** What a placement is checked against, as the database says it. */
export interface PlacementFacts {
  n: number;
  currency: string | null;
  delivery_fee_minor: number;
  tax_rate: number;
  delivery_code: boolean;
  name: string | null;
  lat: number;
  lng: number;
  open: boolean;
  now_ms: number;
  menu: MenuPrice[];
  used_for: string | null;
  request_hash: Buffer | null;
}

/** Every rule that an order must pass, in the order in which a customer would meet them. */
function checkPlacement(
  { request, actor }: Placement,
  facts: PlacementFacts,
  { area, patience }: PlacementRules,
): Basket {
  const { restaurantId, expectedTotalMinor, scheduledForMs } = request;
  if (facts.currency === null || facts.name === null) {
    throw orderErrors.make('restaurant_not_found', { details: { restaurantId } });
  }
  if (!facts.open) throw orderErrors.make('restaurant_closed', { details: { restaurantId } });
  const basket = priceOrder(request.items, facts.menu, {
    deliveryFeeMinor: facts.delivery_fee_minor,
    taxRate: facts.tax_rate,
  });
  if (!area.covers(actor.cityId, request.dropoff.place)) {
    throw orderErrors.make('outside_delivery_zone', { details: { place: request.dropoff.place } });
  }
  if (scheduledForMs !== undefined) checkSchedule(scheduledForMs - facts.now_ms, patience);
  if (expectedTotalMinor !== undefined && expectedTotalMinor !== basket.totalMinor) {
    throw orderErrors.make('total_mismatch', {
      details: { expectedTotalMinor, totalMinor: basket.totalMinor },
    });
  }
  return basket;
}

function checkSchedule(aheadMs: number, { timeScale }: Patience): void {
  const aheadSeconds = Math.round(timeScale.citySeconds(aheadMs));
  if (aheadSeconds < SCHEDULE_SECONDS.min || aheadSeconds > SCHEDULE_SECONDS.max) {
    throw orderErrors.make('schedule_out_of_range', { details: { aheadSeconds } });
  }
}

/** An order that has passed every rule, before it is stored. */
export interface Draft extends Omit<OrderSummary, 'placedAtMs'> {
  readonly method: PaymentMethod;
  readonly deliveryCode: string | null;
  readonly events: readonly Happening[];
  readonly timers: readonly { readonly kind: TimerKind; readonly inMs: number }[];
  /** Whether any of the items is counted. */
  readonly takesStock: boolean;
}

/** @throws AppError what `checkPlacement` does */
export function draftOf(placement: Placement, facts: PlacementFacts, rules: PlacementRules): Draft {
  const { actor, request, correlationId } = placement;
  const basket = checkPlacement(placement, facts, rules);
  const method = request.paymentToken === CASH ? 'cash' : 'card';
  const scheduledForMs = request.scheduledForMs ?? null;
  return {
    ...basket,
    ...beginning({ method, scheduledForMs, basket, facts }, rules.patience),
    method,
    scheduledForMs,
    orderId: newId<OrderId>(),
    cityId: actor.cityId,
    customerId: actor.subject,
    restaurantId: request.restaurantId,
    restaurantName: facts.name ?? '',
    courierId: null,
    reference: request.reference ?? null,
    cancelReason: null,
    attention: null,
    currency: facts.currency ?? '',
    pickup: { lat: facts.lat, lng: facts.lng },
    dropoff: request.dropoff,
    readyAtMs: null,
    correlationId,
    deliveryCode: facts.delivery_code ? codeFrom(rules.random) : null,
    takesStock: facts.menu.some(({ stock }) => stock !== null),
  };
}

/** Where an order begins: waiting for its hour, for its money, or, with cash, for the restaurant. */
function beginning(
  order: {
    method: PaymentMethod;
    scheduledForMs: number | null;
    basket: Basket;
    facts: PlacementFacts;
  },
  patience: Patience,
): Pick<Draft, 'state' | 'sequence' | 'events' | 'timers'> {
  const { method, scheduledForMs, basket, facts } = order;
  const { timeScale } = patience;
  const data = { totalMinor: basket.totalMinor, currency: facts.currency, method };
  const payment = { kind: 'payment', inMs: timeScale.wallMs(patience.paymentDeadlineSeconds) };
  const begin = (
    state: OrderState,
    events: readonly Happening[],
    timers: readonly { kind: string; inMs: number }[],
  ) => ({ state, events, sequence: events.length, timers: timers as Draft['timers'] });
  if (scheduledForMs !== null) {
    const leadMs = timeScale.wallMs(ACTIVATION_LEAD_SECONDS);
    const activation = { kind: 'activation', inMs: scheduledForMs - facts.now_ms - leadMs };
    const scheduled: Happening = { type: 'order.scheduled', data: { ...data, scheduledForMs } };
    return begin(
      'SCHEDULED',
      [scheduled],
      method === 'card' ? [activation, payment] : [activation],
    );
  }
  const placed: Happening = { type: 'order.placed', data };
  if (method === 'card') return begin('PLACED', [placed], [payment]);
  const paid: Happening = { type: 'order.paid', data: { authorizedMinor: 0, method } };
  const inMs = timeScale.wallMs(patience.restaurantAnswerSeconds);
  return begin('PAID', [placed, paid], [{ kind: 'restaurant_answer', inMs }]);
}

function codeFrom(random: Random): string {
  return String(randomInteger(random, 0, 999_999)).padStart(6, '0');
}

/** The order as its customer sees it, without asking the database for what was just written. */
export function viewOf(draft: Draft, placedAtMs: number): OrderView {
  const { method, deliveryCode, events, timers: _timers, takesStock: _stock, ...summary } = draft;
  return {
    ...summary,
    placedAtMs,
    deliveryCode,
    payment: { method, state: 'pending', authorizedMinor: 0, capturedMinor: 0, refundedMinor: 0 },
    modifiesToMinor: null,
    rating: null,
    timeline: events.map(({ type, data }, i) => ({
      type,
      data,
      sequence: i + 1,
      atMs: Math.floor(placedAtMs),
    })),
    offers: null,
  };
}
