import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Place } from '../../protocol/index.ts';
import { t } from '../i18n/locale.ts';
import { CityMap } from '../map/city-map.tsx';
import type { MapMarker, MovingMarker } from '../map/map-markers.ts';
import { Motion } from '../map/motion.ts';
import type { CourierParts } from './courier-page.tsx';
import { openOffers, stopsOf, type Stop } from './work.ts';

/** Where the courier is, where it goes, and the way there, by air: the engine knows no streets. */
export function CourierMap({ engine, city, desk, stream }: CourierParts): JSX.Element {
  const work = desk.work.value;
  const offer = openOffers(work, engine.nowMs)[0]?.offer;
  const stops = useMemo(() => stopsOf(work), [work]);
  const here = stream.newest.value;
  const markers = useMemo(() => {
    const asked: readonly MapMarker[] =
      offer === undefined
        ? []
        : [
            marker('offer/restaurant', 'restaurant', offer.restaurantName, offer.pickup),
            marker('offer/door', 'door', t('courier.offer'), offer.dropoff),
          ];
    return [...stops.map(markerOf), ...asked];
  }, [stops, offer]);
  const moving = useOwnMotion(engine, here);
  const track = useMemo(() => {
    const way = stops.length > 0 ? stops.map(({ place }) => place) : wayOf(offer);
    return here === null || way.length === 0 ? way : [here, ...way];
  }, [stops, offer, here]);
  return (
    <CityMap
      styleUrl={engine.config.mapStyleUrl}
      zone={city.deliveryZone}
      markers={markers}
      moving={moving}
      track={track}
      nowMs={() => engine.exactNowMs()}
    />
  );
}

function wayOf(offer: { readonly pickup: Place; readonly dropoff: Place } | undefined): Place[] {
  return offer === undefined ? [] : [offer.pickup, offer.dropoff];
}

function markerOf({ kind, order, place }: Stop): MapMarker {
  const label = kind === 'door' ? order.dropoff.address : order.restaurantName;
  return marker(`${kind}/${order.orderId}`, kind, label, place);
}

function marker(key: string, kind: MapMarker['kind'], label: string, place: Place): MapMarker {
  return { key, kind, label, place };
}

interface OwnPlace extends Place {
  readonly headingDegrees: number | null;
  readonly atMs: number;
}

/** The courier's own marker, gliding from reading to reading. */
function useOwnMotion(
  engine: CourierParts['engine'],
  here: OwnPlace | null,
): readonly MovingMarker[] {
  const motion = useMemo(() => new Motion(), [engine]);
  const [moving, setMoving] = useState<readonly MovingMarker[]>([]);
  useEffect(() => {
    if (here === null) return;
    const nowMs = engine.exactNowMs();
    motion.add({ ...here, headingDegrees: here.headingDegrees ?? 0, atMs: nowMs }, nowMs);
    setMoving([{ key: 'me', label: t('courier.you'), motion, stale: false }]);
  }, [motion, here]);
  return moving;
}
