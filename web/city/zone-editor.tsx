import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CityView } from '../../protocol/index.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { CityMap } from '../map/city-map.tsx';
import type { MapView } from '../map/map-view.ts';
import {
  cornerCount,
  CORNERS_MAX,
  withCorner,
  withCornerMoved,
  withoutCorner,
  type ZonePolygon,
} from './zone.ts';
import type { ZoneHandles } from './zone-handles.ts';

interface ZoneEditorProps {
  readonly engine: EngineLink;
  /** As it is now. */
  readonly saved: CityView['deliveryZone'];
  /** As it would be. */
  readonly zone: CityView['deliveryZone'];
  readonly onChange: (zone: CityView['deliveryZone']) => void;
}

/**
 * The delivery zone to be drawn: a click on the map puts a corner in, a corner is dragged or moved with
 * the arrow keys, and taken out with Delete or a double click. Holes stay as they are.
 */
export function ZoneEditor({ engine, saved, zone, onChange }: ZoneEditorProps): JSX.Element {
  const [view, setView] = useState<MapView | null>(null);
  const none = useRef([]).current;
  const isLarge = cornerCount(zone) > CORNERS_MAX;
  const current = useRef({ zone, onChange });
  current.current = { zone, onChange };
  useHandles(isLarge ? null : view, zone, current);
  return (
    <section class="city-zone" aria-label={t('city.zone')}>
      <CityMap
        styleUrl={engine.config.mapStyleUrl}
        zone={zone}
        markers={none}
        moving={none}
        track={none}
        nowMs={() => engine.exactNowMs()}
        onReady={setView}
      >
        <p class="city-hint" role="note">
          {isLarge ? t('city.zone.large', { count: CORNERS_MAX }) : t('city.zone.hint')}
        </p>
      </CityMap>
      <p class="unseen" role="status">
        {t('city.zone.corners', { count: cornerCount(zone) - cornerCount(saved) })}
      </p>
    </section>
  );
}

type Current = { readonly current: Pick<ZoneEditorProps, 'zone' | 'onChange'> };

function useHandles(view: MapView | null, zone: readonly ZonePolygon[], now: Current): void {
  const [handles, setHandles] = useState<ZoneHandles | null>(null);
  useEffect(() => {
    if (view === null) return;
    let made: ZoneHandles | null = null;
    let isGone = false;
    const changeRing = (
      polygon: number,
      change: (ring: ZonePolygon['outer']) => typeof ring,
    ): void => {
      const { zone, onChange } = now.current;
      onChange(
        zone.map((one, i) => (i === polygon ? { ...one, outer: [...change(one.outer)] } : one)),
      );
    };
    const begin = async (): Promise<void> => {
      const { ZoneHandles } = await import('./zone-handles.ts');
      if (isGone) return;
      made = new ZoneHandles(view.map, {
        label: (number) => t('city.zone.corner', { number }),
        added: (place) => changeRing(0, (ring) => withCorner(ring, place)),
        moved: (polygon, at, place) =>
          changeRing(polygon, (ring) => withCornerMoved(ring, at, place)),
        removed: (polygon, at) => changeRing(polygon, (ring) => withoutCorner(ring, at)),
      });
      setHandles(made);
    };
    void begin();
    return () => {
      isGone = true;
      made?.remove();
    };
  }, [view]);
  useEffect(() => handles?.show(zone), [handles, zone]);
}
