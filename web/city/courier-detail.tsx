import type { JSX } from 'preact';
import { Button, Icon } from '../design/controls.tsx';
import { Badge, Failed, Loading } from '../design/surfaces.tsx';
import { day, distance } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import { useLoaded } from '../live/use-loaded.ts';
import type { CityDesk } from './city-desk.ts';
import type { FleetWatch } from './fleet-watch.ts';
import { StateBadge } from './orders-board.tsx';

interface CourierDetailProps {
  readonly desk: CityDesk;
  readonly watch: FleetWatch;
  readonly courierId: string;
}

/** One courier: what it carries now, and how its days were. */
export function CourierDetail({ desk, watch, courierId }: CourierDetailProps): JSX.Element {
  const days = useLoaded(() => desk.engine.api.courierDays(courierId), [desk, courierId]);
  void watch.counts.value;
  const here = watch.layer?.fleet.courier(courierId) ?? null;
  return (
    <aside class="city-detail" aria-label={t('courier.title')}>
      <header class="row spread city-detail-head">
        <h2>{courierId}</h2>
        <span class="row">
          {here === null ? (
            <Badge>{t('city.courier.unseen')}</Badge>
          ) : (
            <Badge tone={here.available ? 'good' : 'warn'}>
              {t(here.available ? 'city.available' : 'city.busy')}
            </Badge>
          )}
          <Button kind="quiet" label={t('city.close')} onPress={() => desk.select(null)}>
            <Icon name="close" />
          </Button>
        </span>
      </header>
      <Carried desk={desk} courierId={courierId} />
      <section aria-labelledby="city-days">
        <h3 id="city-days">{t('city.courier.days')}</h3>
        {days.state === 'loading' ? <Loading /> : null}
        {days.state === 'failed' ? <Failed reason={days.reason} onRetry={days.retry} /> : null}
        {days.state === 'here' ? (
          <ul class="city-story small">
            {days.value.slice(0, 14).map((one) => (
              <li key={one.day}>
                <time class="soft">{day(one.day)}</time>
                <div>
                  <b>{t('courier.deliveries', { count: one.delivered })}</b>
                  <p class="soft">
                    {t('courier.answers', {
                      accepted: one.accepted,
                      declined: one.declined,
                      lapsed: one.lapsed,
                    })}
                    {` · ${distance(one.carriedMeters)}`}
                  </p>
                </div>
              </li>
            ))}
          </ul>
        ) : null}
      </section>
    </aside>
  );
}

function Carried({ desk, courierId }: Omit<CourierDetailProps, 'watch'>): JSX.Element {
  const carried = (desk.orders.value ?? []).filter((order) => order.courierId === courierId);
  return (
    <section aria-labelledby="city-carries">
      <h3 id="city-carries">{t('city.courier.carries')}</h3>
      {carried.length === 0 ? <p class="soft small">{t('city.courier.nothing')}</p> : null}
      <ul class="stack tight">
        {carried.map((order) => (
          <li key={order.orderId}>
            <button
              type="button"
              class="city-row"
              onClick={() => desk.select({ kind: 'order', orderId: order.orderId })}
            >
              <span class="city-row-name">{order.restaurantName}</span>
              <span class="city-row-door small soft">{order.dropoff.address}</span>
              <span class="city-row-facts">
                <StateBadge order={order} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
