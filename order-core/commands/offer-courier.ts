import { OFFER_WHY_PARTS_MAX, type OfferWhy } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import { orderErrors } from '../errors.ts';
import type { Decide } from './decision.ts';

/**
 * Dispatch has chosen a courier: reserve it and ask. The commit fails with `courier_taken` when the
 * courier is no longer as dispatch saw it.
 */
export const offerCourier: Decide<{
  offerId: string;
  courierId: string;
  courierVersion: number;
  why: OfferWhy | null;
}> = (order, { offerId, courierId, courierVersion, why }, { patience }) => {
  if (order.courierSearch !== 'waiting') {
    throw orderErrors.make('state_conflict', { details: { courierSearch: order.courierSearch } });
  }
  assert(why === null || isBounded(why), 'a reason is a few finite numbers');
  const inMs = patience.timeScale.wallMs(patience.offerSeconds);
  const expiresAtMs = Math.round(order.nowMs + inMs);
  return {
    courierSearch: 'offered',
    newOffer: { offerId, courierId, courierVersion, state: 'offered', expiresAtMs, why },
    setTimers: [{ kind: 'offer', inMs }],
    events: [{ type: 'order.offered', data: { offerId, courierId, expiresAtMs, ...inShort(why) } }],
  };
};

function isBounded({ score, epoch, parts }: OfferWhy): boolean {
  const values = Object.values(parts);
  return values.length <= OFFER_WHY_PARTS_MAX && [score, epoch, ...values].every(Number.isFinite);
}

/** The parts are kept once, with the offer: events are kept for ever. */
function inShort(why: OfferWhy | null): { readonly why?: Omit<OfferWhy, 'parts'> } {
  if (why === null) return {};
  const { strategy, score, epoch } = why;
  return { why: { strategy, score, epoch } };
}
