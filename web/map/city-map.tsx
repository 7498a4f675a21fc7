import './map.css';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CityView, Place } from '../../protocol/index.ts';
import { Button, Icon } from '../design/controls.tsx';
import { isDark } from '../design/theme.ts';
import { t } from '../i18n/locale.ts';
import type { MapMarker, MovingMarker } from './map-markers.ts';
import type { MapView } from './map-view.ts';
import { readPalette } from './palette.ts';

interface CityMapProps {
  readonly styleUrl: string | null;
  readonly zone: CityView['deliveryZone'];
  readonly markers: readonly MapMarker[];
  readonly moving: readonly MovingMarker[];
  /** The way so far, oldest first. */
  readonly track: readonly Place[];
  /** The engine's clock. */
  readonly nowMs: () => number;
  /** For layers of the page's own. */
  readonly onReady?: (view: MapView) => void;
  /** The map begins here and is the reader's to move; without, it shows all markers by itself. */
  readonly center?: Place;
  /** Over the map, such as a pin in its middle. */
  readonly children?: ComponentChildren;
}

type Drawn = MapView | 'loading' | 'unavailable';

/** The map as a part of a page: it loads the library, and shows all markers until the reader moves it. */
export function CityMap(props: CityMapProps): JSX.Element {
  const canvas = useRef<HTMLDivElement>(null);
  const drawn = useMapView(canvas, props);
  useContents(drawn, props);
  return (
    <section class="map" aria-label={t('map.label')} data-drawn={typeof drawn !== 'string'}>
      <div class="map-canvas" ref={canvas} />
      {typeof drawn === 'string' ? (
        <p class="map-note" role="status">
          {t(`map.${drawn}`)}
        </p>
      ) : (
        <div class="map-tools">
          <Button label={t('map.center')} onPress={() => showAll(drawn, props)}>
            <Icon name="fit" />
          </Button>
        </div>
      )}
      {props.children}
    </section>
  );
}

/** Makes the map once, and takes it away with the page's part. */
function useMapView(canvas: { current: HTMLDivElement | null }, props: CityMapProps): Drawn {
  const [drawn, setDrawn] = useState<Drawn>('loading');
  useEffect(() => {
    let view: MapView | null = null;
    let isGone = false;
    const begin = async (): Promise<void> => {
      const { MapView } = await import('./map-view.ts');
      if (isGone || canvas.current === null) return;
      const center = middleOf(props);
      view = new MapView({
        container: canvas.current,
        center,
        styleUrl: props.styleUrl,
        palette: readPalette(),
        label: t('map.label'),
      });
      await view.ready;
      if (isGone) return;
      setDrawn(view);
      props.onReady?.(view);
    };
    // Without WebGL, or when the library did not come, the page goes on without a map.
    begin().catch(() => setDrawn('unavailable'));
    return () => {
      isGone = true;
      view?.destroy();
    };
  }, []);
  return drawn;
}

function useContents(drawn: Drawn, props: CityMapProps): void {
  const view = typeof drawn === 'string' ? null : drawn;
  const dark = isDark.value;
  useEffect(() => view?.recolor(readPalette()), [view, dark]);
  useEffect(() => view?.setZone(props.zone), [view, props.zone]);
  useEffect(() => view?.setTrack(props.track), [view, props.track]);
  useEffect(() => {
    view?.markers.setPlaces(props.markers);
    view?.markers.setMoving(props.moving, props.nowMs);
  }, [view, props.markers, props.moving]);
  // Not with each fix: the map moves when somebody comes or goes, or would leave the picture.
  const keys = [...props.markers, ...props.moving].map(({ key }) => key).join(' ');
  useEffect(() => {
    if (view !== null && props.center === undefined) showAll(view, props, false);
  }, [view, keys]);
  useEffect(() => {
    if (view !== null && props.center === undefined) view.keepInView(placesOf(props));
  }, [view, props.moving]);
}

/** @param force also when the reader has moved the map, whose wish it is then */
function showAll(view: MapView, props: CityMapProps, force = true): void {
  const places = placesOf(props);
  const zone = props.zone.flatMap(({ outer }) => outer);
  view.fit(places.length === 0 ? zone : places, { force, animate: !STILL.matches });
}

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

function placesOf(props: CityMapProps): readonly Place[] {
  const moving = props.moving.flatMap(({ motion }) => motion.newest ?? []);
  return [...props.markers.map(({ place }) => place), ...moving];
}

function middleOf({ center, markers, zone }: CityMapProps): Place {
  if (center !== undefined) return center;
  const [place] = [...markers.map(({ place }) => place), ...zone.flatMap(({ outer }) => outer)];
  return place ?? { lat: 0, lng: 0 };
}
