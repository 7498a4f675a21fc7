import type { GeoJSONSource } from 'maplibre-gl';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { HeatView, OrderSummary } from '../../protocol/index.ts';
import { Button } from '../design/controls.tsx';
import { isDark } from '../design/theme.ts';
import { t } from '../i18n/locale.ts';
import { CityMap } from '../map/city-map.tsx';
import type { MapMarker } from '../map/map-markers.ts';
import type { MapView } from '../map/map-view.ts';
import { readPalette } from '../map/palette.ts';
import { isAssignable } from './board.ts';
import type { CityDesk } from './city-desk.ts';
import type { FleetLayer } from './fleet-layer.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { Area } from './watched-area.ts';

const HEAT_MS = 10_000;
const WATCH_MS = 400;

interface FleetMapProps {
  readonly desk: CityDesk;
  readonly watch: FleetWatch;
}

/** Every courier of the city, the order that is looked at, and where it is busy. */
export function FleetMap({ desk, watch }: FleetMapProps): JSX.Element {
  const [view, setView] = useState<MapView | null>(null);
  const { selection } = desk;
  const chosen = selection.value;
  const order = chosen?.kind === 'order' ? desk.order(chosen.orderId) : null;
  const orderId = order?.orderId;
  const markers = useMemo((): readonly MapMarker[] => {
    if (order === null) return [];
    const { pickup, restaurantName, dropoff } = order;
    return [
      { key: `${orderId}/r`, kind: 'restaurant', label: restaurantName, place: pickup },
      { key: `${orderId}/d`, kind: 'door', label: dropoff.address, place: dropoff.place },
    ];
  }, [orderId]);
  const none = useRef([]).current;
  useFleet(view, { desk, watch });
  useHeat(view, desk);
  const isAssigning = order !== null && isUnassigned(order);
  return (
    <div class="city-map" data-assigning={isAssigning}>
      <CityMap
        styleUrl={desk.engine.config.mapStyleUrl}
        zone={desk.city.deliveryZone}
        markers={markers}
        moving={none}
        track={none}
        nowMs={() => desk.engine.exactNowMs()}
        onReady={setView}
      >
        <div class="city-map-tools row">
          <Button
            pressed={desk.showsHeat.value}
            onPress={() => {
              desk.showsHeat.value = !desk.showsHeat.value;
            }}
          >
            {t('city.heat')}
          </Button>
          <Legend showsHeat={desk.showsHeat.value} />
        </div>
        <Hint isAssigning={isAssigning} isCut={watch.isCut.value} />
      </CityMap>
    </div>
  );
}

/** What to do with the map now, if there is anything to say. */
function Hint({ isAssigning, isCut }: { isAssigning: boolean; isCut: boolean }) {
  if (!isAssigning && !isCut) return null;
  return (
    <p class="city-hint" role="status">
      {t(isAssigning ? 'city.assign.hint' : 'city.zoomIn')}
    </p>
  );
}

function Legend({ showsHeat }: { showsHeat: boolean }): JSX.Element {
  return (
    <ul class="city-legend row small">
      <li data-is="available">{t('city.available')}</li>
      <li data-is="busy">{t('city.busy')}</li>
      {showsHeat ? <li data-is="short">{t('city.heat.short')}</li> : null}
    </ul>
  );
}

/** The layer of couriers, as long as the map is there. */
function useFleet(view: MapView | null, { desk, watch }: FleetMapProps): void {
  const [layer, setLayer] = useState<FleetLayer | null>(null);
  useEffect(() => {
    if (view === null) return;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = async (): Promise<void> => {
      const { FleetLayer } = await import('./fleet-layer.ts');
      if (isGone) return;
      const made = new FleetLayer(view.map.getCenter(), fleetColors());
      view.map.addLayer(made);
      setLayer(made);
      const show = (): void => watch.show(made, viewOf(view));
      show();
      view.map.on('moveend', () => {
        clearTimeout(timer);
        timer = setTimeout(show, WATCH_MS);
      });
      view.map.on('click', ({ point }) => pointed(made.at(point)?.courierId ?? null, desk));
    };
    void begin();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [view]);
  const dark = isDark.value;
  useEffect(() => layer?.recolor(fleetColors()), [layer, dark]);
}

/** Somebody on the map: the one for the order that is looked at, or to be looked at. */
function pointed(courierId: string | null, desk: CityDesk): void {
  if (courierId === null) return;
  const selection = desk.selection.value;
  const order = selection?.kind === 'order' ? desk.order(selection.orderId) : null;
  if (order !== null && isUnassigned(order)) {
    void desk.assign(order.orderId, courierId);
  } else desk.select({ kind: 'courier', courierId });
}

/** One that has a courier changes hands by its list, and not by a click beside it. */
function isUnassigned(order: OrderSummary): boolean {
  return isAssignable(order) && order.courierId === null;
}

function viewOf({ map }: MapView): Area {
  const bounds = map.getBounds();
  return {
    south: bounds.getSouth(),
    west: bounds.getWest(),
    north: bounds.getNorth(),
    east: bounds.getEast(),
  };
}

function fleetColors() {
  const { good, warn, cell } = readPalette();
  return { available: good, busy: warn, edge: cell };
}

/** Where more is wanted than there are couriers, by the engine's own cells. */
function useHeat(view: MapView | null, desk: CityDesk): void {
  const isShown = desk.showsHeat.value;
  const dark = isDark.value;
  useEffect(() => {
    if (view === null || !isShown) return;
    const { map } = view;
    const { engine, city } = desk;
    const { danger, good } = readPalette();
    const read = async (): Promise<void> => {
      const { cellFeature } = await import('../map/ground.ts');
      const { cells } = await engine.api.heat(city.cityId);
      const features = cells.map((cell) => cellFeature(cell.cell, { heat: heatOf(cell) }));
      const source = map.getSource<GeoJSONSource>('heat');
      void source?.setData({ type: 'FeatureCollection', features });
    };
    map.addSource('heat', {
      type: 'geojson',
      data: { type: 'FeatureCollection', features: [] },
    });
    map.addLayer(
      {
        id: 'heat',
        type: 'fill',
        source: 'heat',
        paint: {
          'fill-color': ['case', ['<', ['get', 'heat'], 0], danger, good],
          'fill-opacity': ['min', 0.42, ['+', 0.06, ['*', 0.06, ['abs', ['get', 'heat']]]]],
        },
      },
      map.getLayer('fleet') === undefined ? undefined : 'fleet',
    );
    const round = (): void => void read().catch(() => undefined);
    round();
    const timer = setInterval(round, HEAT_MS);
    return () => {
      clearInterval(timer);
      // The map may be gone before this part is.
      if (map.style === undefined) return;
      map.removeLayer('heat');
      map.removeSource('heat');
    };
  }, [view, isShown, dark]);
}

/** Couriers to spare; negative: wanted. */
function heatOf({ available, waiting }: HeatView['cells'][number]): number {
  return available - waiting;
}
