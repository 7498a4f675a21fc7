import type { JSX } from 'preact';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { CityView, Place, RestaurantView } from '../../protocol/index.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { CityMap } from '../map/city-map.tsx';
import type { MapMarker } from '../map/map-markers.ts';
import type { MapView } from '../map/map-view.ts';

interface DoorMapProps {
  readonly engine: EngineLink;
  readonly city: CityView;
  readonly restaurant: RestaurantView;
  readonly door: Place;
  readonly onMove: (door: Place) => void;
}

/** Where the door is: the pin stays, the map moves under it, by hand or by the arrow keys. */
export function DoorMap({ engine, city, restaurant, door, onMove }: DoorMapProps): JSX.Element {
  const start = useRef(door).current;
  const { name, place } = restaurant;
  const markers = useMemo<readonly MapMarker[]>(
    () => [{ key: 'restaurant', kind: 'restaurant', label: name, place }],
    [name, place],
  );
  const ready = useCallback((view: MapView) => {
    view.map.on('moveend', () => {
      const { lat, lng } = view.map.getCenter();
      onMove({ lat, lng });
    });
  }, []);
  return (
    <div class="stack tight">
      <div class="door-map">
        <CityMap
          styleUrl={engine.config.mapStyleUrl}
          zone={city.deliveryZone}
          markers={markers}
          moving={NOBODY}
          track={NOWHERE}
          nowMs={() => engine.exactNowMs()}
          center={start}
          onReady={ready}
        >
          <DoorPin />
        </CityMap>
      </div>
      <p class="soft small">{t('basket.door')}</p>
    </div>
  );
}

const NOBODY: readonly never[] = [];
const NOWHERE: readonly Place[] = [];

function DoorPin(): JSX.Element {
  return (
    <svg class="door-pin" width="36" height="48" viewBox="0 0 36 48" aria-hidden="true">
      <path
        fill="var(--accent)"
        stroke="var(--surface)"
        stroke-width="2.5"
        d="M18 46S3 29 3 17a15 15 0 0 1 30 0c0 12-15 29-15 29z"
      />
      <circle cx="18" cy="17" r="5.5" fill="var(--surface)" />
    </svg>
  );
}
