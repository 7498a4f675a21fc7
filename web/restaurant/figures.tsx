import type { JSX } from 'preact';
import type { RestaurantDay } from '../../protocol/index.ts';
import { formatNumber, t } from '../i18n/locale.ts';
import { money } from '../i18n/format.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { useLoaded } from '../live/use-loaded.ts';
import type { LiveKitchen } from './live-kitchen.ts';

interface FiguresProps {
  readonly engine: EngineLink;
  readonly live: LiveKitchen;
  readonly currency: string;
}

const NOTHING = { placed: 0, delivered: 0, cancelled: 0, salesMinor: 0 };

/** Whatever was missed is seen then. */
const READ_AGAIN_MS = 60_000;

/** The day so far; read anew when an order came to its end. */
export function Figures({ engine, live, currency }: FiguresProps): JSX.Element {
  const { subject } = engine.session;
  const minute = Math.floor(engine.nowMs / READ_AGAIN_MS);
  const about = [engine, live.ended.value, minute];
  const days = useLoaded(() => engine.api.restaurantDays(subject), about);
  const today = days.state === 'here' ? todayIn(days.value, engine.nowMs) : NOTHING;
  const figures = [
    [t('figures.placed'), formatNumber(today.placed)],
    [t('figures.delivered'), formatNumber(today.delivered)],
    [t('figures.cancelled'), formatNumber(today.cancelled)],
    [t('figures.sales'), money(today.salesMinor, currency)],
  ] as const;
  return (
    <section class="card" aria-label={t('figures.title')}>
      <dl class="facts">
        {figures.map(([name, figure]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The engine's days are of UTC. */
function todayIn(days: readonly RestaurantDay[], nowMs: number): typeof NOTHING {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC' });
  return days.find(({ day }) => day === format.format(nowMs)) ?? NOTHING;
}
