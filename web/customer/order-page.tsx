import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { CityView, OrderView } from '../../protocol/index.ts';
import { Icon } from '../design/controls.tsx';
import { Badge, Failed, Loading, Timeline } from '../design/surfaces.tsx';
import { ago, clockTime, distance, money } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { hrefOf } from '../live/route.ts';
import { CityMap } from '../map/city-map.tsx';
import { metersBetween } from '../map/distance.ts';
import type { MapMarker, MovingMarker } from '../map/map-markers.ts';
import { CancelOrder } from './cancel-order.tsx';
import { LiveOrder } from './live-order.ts';
import {
  canBeCancelled,
  feeOf,
  hasFood,
  headlineOf,
  isOver,
  storyOf,
  type Headline,
} from './order-story.ts';
import { RateOrder } from './rate-order.tsx';

interface OrderPageProps {
  readonly engine: EngineLink;
  readonly city: CityView;
  readonly orderId: string;
}

/** One order on its way. */
export function OrderPage({ engine, city, orderId }: OrderPageProps): JSX.Element {
  const live = useMemo(() => new LiveOrder(engine, orderId), [engine, orderId]);
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  const order = live.view.value;
  const failure = live.failure.value;
  if (failure !== null) return <Failed reason={failure} onRetry={() => live.refresh()} />;
  if (order === null) return <Loading />;
  return (
    <div class="order">
      <OrderMap engine={engine} city={city} live={live} order={order} />
      <div class="order-side stack">
        <Now engine={engine} live={live} order={order} />
        {order.deliveryCode === null || isOver(order) ? null : <Code code={order.deliveryCode} />}
        {order.state === 'DELIVERED' ? <RateOrder engine={engine} live={live} /> : null}
        <section class="card">
          <h2 class="unseen">{t('order.story')}</h2>
          <Timeline steps={storyOf(order).map((told) => ({ ...told, ...wordsOf(told) }))} />
        </section>
        <Receipt order={order} />
        {canBeCancelled(order) ? <CancelOrder engine={engine} live={live} order={order} /> : null}
        <a class="button" href={hrefOf()}>
          {t('order.backToAll')}
        </a>
      </div>
    </div>
  );
}

function wordsOf({ step, atMs }: ReturnType<typeof storyOf>[number]) {
  return { key: step, label: t(`order.step.${step}`), time: atMs === null ? '' : clockTime(atMs) };
}

interface PartProps {
  readonly engine: EngineLink;
  readonly live: LiveOrder;
  readonly order: OrderView;
}

/** What happens now, and how long it will take. */
function Now({ engine, live, order }: PartProps): JSX.Element {
  const headline = headlineOf(order, live.isNear.value);
  const { dropoffAtMs } = live.arrival.value;
  const isComing = !isOver(order) && order.state !== 'SCHEDULED' && dropoffAtMs !== null;
  return (
    <section class="card now" aria-live="polite">
      <p class="soft">{order.restaurantName}</p>
      <h1>{t(`order.headline.${headline}`, { restaurant: order.restaurantName })}</h1>
      {isComing ? <Arrival engine={engine} atMs={dropoffAtMs} /> : null}
      <Explanation headline={headline} order={order} />
      <Away live={live} order={order} />
      {live.isStale ? <LastKnown engine={engine} live={live} /> : null}
    </section>
  );
}

function Arrival({ engine, atMs }: { engine: EngineLink; atMs: number }): JSX.Element {
  const minutes = Math.max(1, Math.ceil(engine.citySecondsUntil(atMs) / 60));
  return (
    <p class="arrival">
      <b class="digits">{t('time.minutes', { count: minutes })}</b>
      <span class="soft">{t('order.arrival', { time: clockTime(atMs) })}</span>
    </p>
  );
}

function Explanation({ headline, order }: { headline: Headline; order: OrderView }) {
  if (headline === 'cancelled') return <Cancelled order={order} />;
  if (headline === 'scheduled' && order.scheduledForMs !== null) {
    return <p>{t('order.scheduledFor', { time: clockTime(order.scheduledForMs) })}</p>;
  }
  return headline === 'searching' ? <p class="soft">{t('order.searching.why')}</p> : null;
}

function Cancelled({ order }: { order: OrderView }): JSX.Element {
  const feeMinor = feeOf(order);
  const backMinor = order.totalMinor - feeMinor;
  const reason = order.cancelReason ?? 'operator';
  const facts = { back: money(backMinor, order.currency), fee: money(feeMinor, order.currency) };
  const isCharged = order.payment.method === 'card' && reason !== 'payment_refused';
  return (
    <>
      <p>{t(`order.cancelled.${reason}`)}</p>
      {isCharged ? (
        <p class="soft">{t(feeMinor === 0 ? 'order.refund.all' : 'order.refund.part', facts)}</p>
      ) : null}
    </>
  );
}

/** What the map shows, in words. */
function Away({ live, order }: Pick<PartProps, 'live' | 'order'>): JSX.Element | null {
  const seen = live.courier.value?.motion.newest;
  if (seen === undefined || seen === null || !hasFood(order)) return null;
  const meters = metersBetween(seen, order.dropoff.place);
  return <p class="soft small">{t('order.away', { distance: distance(meters) })}</p>;
}

/** The courier is shown where it was. */
function LastKnown({ engine, live }: Pick<PartProps, 'engine' | 'live'>): JSX.Element {
  const heardAtMs = live.courier.value?.heardAtMs ?? engine.nowMs;
  const seconds = (engine.nowMs - heardAtMs) / 1000;
  return (
    <Badge tone="warn">
      <Icon name="clock" size={16} />
      {t('order.lastKnown', { ago: ago(seconds) })}
    </Badge>
  );
}

function Code({ code }: { code: string }): JSX.Element {
  return (
    <section class="card code">
      <h2>{t('order.code')}</h2>
      <p class="code-digits" dir="ltr" aria-label={code.split('').join(' ')}>
        {code}
      </p>
      <p class="soft small">{t('order.code.why')}</p>
    </section>
  );
}

function Receipt({ order }: { order: OrderView }): JSX.Element {
  const { currency } = order;
  return (
    <details class="card receipt">
      <summary>
        <span>{t('order.receipt')}</span>
        <b class="digits">{money(order.totalMinor, currency)}</b>
      </summary>
      <ul>
        {order.items.map(({ itemId, name, quantity, unitPriceMinor }) => (
          <li key={itemId} class="row spread">
            <span>{t('order.item', { quantity, name })}</span>
            <span class="digits">{money(quantity * unitPriceMinor, currency)}</span>
          </li>
        ))}
        <li class="row spread soft">
          <span>{t('basket.fee')}</span>
          <span class="digits">{money(order.deliveryFeeMinor, currency)}</span>
        </li>
        <li class="row spread soft">
          <span>{t('basket.tax')}</span>
          <span class="digits">{money(order.taxMinor, currency)}</span>
        </li>
      </ul>
      <p class="soft small">{t('order.to', { address: order.dropoff.address })}</p>
    </details>
  );
}

interface OrderMapProps extends PartProps {
  readonly city: CityView;
}

function OrderMap({ engine, city, live, order }: OrderMapProps): JSX.Element {
  const { pickup, dropoff, restaurantName } = order;
  const markers = useMemo<readonly MapMarker[]>(
    () => [
      { key: 'restaurant', kind: 'restaurant', label: restaurantName, place: pickup },
      { key: 'door', kind: 'door', label: t('map.door'), place: dropoff.place },
    ],
    [order.orderId],
  );
  const courier = live.courier.value;
  const stale = live.isStale;
  const moving = useMemo<readonly MovingMarker[]>(
    () =>
      courier === null
        ? []
        : [{ key: 'courier', label: t('map.courier'), motion: courier.motion, stale }],
    [courier, stale],
  );
  return (
    <CityMap
      styleUrl={engine.config.mapStyleUrl}
      zone={city.deliveryZone}
      markers={markers}
      moving={moving}
      track={live.track.value}
      nowMs={() => engine.exactNowMs()}
    />
  );
}
