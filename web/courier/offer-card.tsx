import type { JSX } from 'preact';
import type { OfferView } from '../../protocol/index.ts';
import { Button } from '../design/controls.tsx';
import { CountdownRing } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { distance } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import type { CourierParts } from './courier-page.tsx';
import { metersBetween } from '../map/distance.ts';
import type { SeenOffer } from './work.ts';

/** Somebody is hungry: will you? The ring says how long the question stands. */
export function OfferCard(props: CourierParts & { readonly seen: SeenOffer }): JSX.Element {
  const { engine, desk, seen } = props;
  const { offer, seenAtMs } = seen;
  const { orderId, offerId, expiresAtMs } = offer;
  const leftMs = expiresAtMs - engine.nowMs;
  const answer = async (type: 'accept_offer' | 'decline_offer'): Promise<void> => {
    try {
      await desk.give(orderId, { type, offerId });
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  return (
    <article class="card stack courier-offer">
      <div class="row spread">
        <div>
          <p class="soft small">{t('courier.offer')}</p>
          <h2>{offer.restaurantName}</h2>
        </div>
        <CountdownRing
          part={leftMs / Math.max(1, expiresAtMs - seenAtMs)}
          seconds={engine.citySecondsUntil(expiresAtMs)}
        />
      </div>
      <OfferFacts {...props} offer={offer} />
      <div class="courier-answers">
        <Button large wide onPress={() => answer('decline_offer')}>
          {t('courier.decline')}
        </Button>
        <Button kind="primary" large wide onPress={() => answer('accept_offer')}>
          {t('courier.accept')}
        </Button>
      </div>
    </article>
  );
}

function OfferFacts({
  engine,
  city,
  stream,
  offer,
}: CourierParts & { readonly offer: OfferView }): JSX.Element {
  const here = stream.newest.value;
  const { detourFactor, courierSpeedMps } = city;
  const toRestaurant = here === null ? null : metersBetween(here, offer.pickup) * detourFactor;
  const toDoor = metersBetween(offer.pickup, offer.dropoff) * detourFactor;
  const rideSeconds = ((toRestaurant ?? 0) + toDoor) / courierSpeedMps;
  const cookSeconds = offer.readyAtMs === null ? 0 : engine.citySecondsUntil(offer.readyAtMs);
  // The food may be ready after the courier is there.
  const waitSeconds = Math.max(0, cookSeconds - (toRestaurant ?? 0) / courierSpeedMps);
  return (
    <dl class="facts courier-facts">
      {toRestaurant === null ? null : (
        <Fact name={t('courier.toRestaurant')} value={distance(toRestaurant)} />
      )}
      <Fact name={t('courier.toDoor')} value={distance(toDoor)} />
      <Fact
        name={t('courier.inAll')}
        value={t('courier.minutes', { count: Math.ceil((rideSeconds + waitSeconds) / 60) })}
      />
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
