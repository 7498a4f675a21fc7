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
}> = (order, { offerId, courierId, courierVersion }, { patience }) => {
  if (order.courierSearch !== 'waiting') {
    throw orderErrors.make('state_conflict', { details: { courierSearch: order.courierSearch } });
  }
  const inMs = patience.timeScale.wallMs(patience.offerSeconds);
  const expiresAtMs = Math.round(order.nowMs + inMs);
  return {
    courierSearch: 'offered',
    newOffer: { offerId, courierId, courierVersion, state: 'offered', expiresAtMs },
    setTimers: [{ kind: 'offer', inMs }],
    events: [{ type: 'order.offered', data: { offerId, courierId, expiresAtMs } }],
  };
};
