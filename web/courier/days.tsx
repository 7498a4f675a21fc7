import type { JSX } from 'preact';
import type { CityView, CourierDay } from '../../protocol/index.ts';
import { Empty, Failed, Loading } from '../design/surfaces.tsx';
import { day, distance, money } from '../i18n/format.ts';
import { formatNumber, t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { useLoaded } from '../live/use-loaded.ts';

/** What the courier has done and earned, day by day. */
export function Days({ engine, city }: { engine: EngineLink; city: CityView }): JSX.Element {
  const days = useLoaded(() => engine.api.courierDays(engine.session.subject), [engine]);
  return (
    <div class="page-column stack">
      <h1>{t('courier.days')}</h1>
      {days.state === 'loading' ? <Loading /> : null}
      {days.state === 'failed' ? <Failed reason={days.reason} onRetry={days.retry} /> : null}
      {days.state === 'here' ? <DayList days={days.value} currency={city.currency} /> : null}
    </div>
  );
}

interface DayListProps {
  readonly days: readonly CourierDay[];
  readonly currency: string;
}

function DayList({ days, currency }: DayListProps): JSX.Element {
  if (days.length === 0) {
    return (
      <Empty icon="bike" title={t('courier.noDays')}>
        <p>{t('courier.noDays.what')}</p>
      </Empty>
    );
  }
  return (
    <>
      <Sums days={days} currency={currency} />
      <ul class="stack tight">
        {days.map((one) => (
          <DayCard key={one.day} day={one} currency={currency} />
        ))}
      </ul>
      <p class="soft small">{t('courier.days.note')}</p>
    </>
  );
}

/** The week so far: the newest seven days there are. */
function Sums({ days, currency }: DayListProps): JSX.Element {
  const week = days.slice(0, 7);
  const sum = (of: (one: CourierDay) => number): number =>
    week.reduce((total, one) => total + of(one), 0);
  return (
    <dl class="facts card">
      <Figure
        name={t('courier.earned')}
        value={money(
          sum((one) => one.feesMinor),
          currency,
        )}
      />
      <Figure name={t('courier.delivered')} value={formatNumber(sum((one) => one.delivered))} />
      <Figure name={t('courier.carried')} value={distance(sum((one) => one.carriedMeters))} />
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function DayCard({ day: one, currency }: { day: CourierDay; currency: string }): JSX.Element {
  const offers = { accepted: one.accepted, declined: one.declined, lapsed: one.lapsed };
  return (
    <li class="card courier-day">
      <div>
        <h2>{day(one.day)}</h2>
        <p class="soft small">{t('courier.answers', offers)}</p>
      </div>
      <div class="courier-day-figures digits">
        <b>{money(one.feesMinor, currency)}</b>
        <span class="soft small">
          {t('courier.deliveries', { count: one.delivered })} · {distance(one.carriedMeters)}
        </span>
        {one.rating === null ? null : (
          <span class="soft small">{t('courier.rating', { stars: one.rating.toFixed(1) })}</span>
        )}
      </div>
    </li>
  );
}
