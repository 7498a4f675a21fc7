import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Frame } from '../design/frame.tsx';
import { Failed, Loading } from '../design/surfaces.tsx';
import { formatNumber, t } from '../i18n/locale.ts';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import { hrefOf, route } from '../live/route.ts';
import { useLoaded } from '../live/use-loaded.ts';
import type { PageProps } from '../session/begin-page.tsx';
import { Alerts } from './alerts.tsx';
import { Charts } from './charts.tsx';
import { CityDesk } from './city-desk.ts';
import { CourierDetail } from './courier-detail.tsx';
import { FleetMap } from './fleet-map.tsx';
import { FleetWatch } from './fleet-watch.ts';
import { OrderDetail } from './order-detail.tsx';
import { OrdersBoard } from './orders-board.tsx';
import { Settings } from './settings.tsx';

/** The control room of a city. */
export function CityPage({ engine, leave }: PageProps): JSX.Element {
  const who = { name: engine.session.subject, signOut: leave };
  const city = useLoaded(() => engine.api.city(engine.session.cityId), [engine]);
  const isSettings = route.value[0] === 'settings';
  const name = city.state === 'here' ? city.value.name : t('city.title');
  return (
    <Frame where={name} who={who} tools={<Tabs isSettings={isSettings} />}>
      <ConnectionBanner engine={engine} />
      {city.state === 'loading' ? <Loading /> : null}
      {city.state === 'failed' ? <Failed reason={city.reason} onRetry={city.retry} /> : null}
      {city.state === 'here' && isSettings ? (
        <Settings engine={engine} city={city.value} onSaved={city.reload} />
      ) : null}
      {city.state === 'here' && !isSettings ? (
        <ControlRoom engine={engine} city={city.value} />
      ) : null}
    </Frame>
  );
}

function Tabs({ isSettings }: { isSettings: boolean }): JSX.Element {
  return (
    <nav class="row city-tabs" aria-label={t('city.title')}>
      <a class="city-tab" href={hrefOf('live')} aria-current={isSettings ? undefined : 'page'}>
        {t('city.live')}
      </a>
      <a class="city-tab" href={hrefOf('settings')} aria-current={isSettings ? 'page' : undefined}>
        {t('city.settings')}
      </a>
    </nav>
  );
}

type RoomProps = Pick<PageProps, 'engine'> & {
  readonly city: ConstructorParameters<typeof CityDesk>[1];
};

function ControlRoom({ engine, city }: RoomProps): JSX.Element {
  const desk = useMemo(() => new CityDesk(engine, city), [engine, city]);
  const watch = useMemo(() => new FleetWatch(engine), [engine]);
  useEffect(() => {
    return () => {
      desk.close();
      watch.close();
    };
  }, [desk, watch]);
  useEscape(desk);
  const selection = desk.selection.value;
  return (
    <div class="city" data-detail={selection !== null}>
      <h1 class="unseen">{t('city.title')}</h1>
      <OrdersBoard desk={desk} />
      <div class="city-middle">
        <Strip desk={desk} watch={watch} />
        <FleetMap desk={desk} watch={watch} />
        <Charts desk={desk} />
      </div>
      {selection?.kind === 'order' ? (
        <OrderDetail
          key={selection.orderId}
          desk={desk}
          watch={watch}
          orderId={selection.orderId}
        />
      ) : null}
      {selection?.kind === 'courier' ? (
        <CourierDetail
          key={selection.courierId}
          desk={desk}
          watch={watch}
          courierId={selection.courierId}
        />
      ) : null}
      <Alerts desk={desk} />
    </div>
  );
}

/** Closes what is looked at; a dialog that is open has the key for itself. */
function useEscape(desk: CityDesk): void {
  useEffect(() => {
    const pressed = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape' && document.querySelector('dialog[open]') === null) desk.select(null);
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [desk]);
}

/** The city in six figures. */
function Strip({ desk, watch }: { desk: CityDesk; watch: FleetWatch }): JSX.Element {
  const orders = desk.orders.value ?? [];
  const late = desk.clock;
  const { couriers, available } = watch.counts.value;
  const waiting = orders.filter(({ courierId }) => courierId === null).length;
  const minutes = desk.figures.value?.minutes ?? [];
  const last = minutes.at(-2) ?? minutes.at(-1);
  const figures = [
    [t('city.couriers'), formatNumber(couriers)],
    [t('city.available'), formatNumber(available)],
    [t('city.orders'), formatNumber(orders.length)],
    [t('city.withoutCourier'), formatNumber(waiting)],
    [t('city.perMinute'), formatNumber(last?.placed ?? 0)],
    [t('city.promise'), t('courier.minutes', { count: late.promiseMinutes })],
  ] as const;
  return (
    <dl class="city-strip">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
