import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button, Icon } from '../design/controls.tsx';
import { t } from '../i18n/locale.ts';
import type { CityDesk } from './city-desk.ts';

const SHOWN_MAX = 3;

/** What needs a person now; screen readers hear of it. */
export function Alerts({ desk }: { desk: CityDesk }): JSX.Element {
  const waiting = desk.attention.value;
  const overload = desk.figures.value?.overload ?? 0;
  const shown = useMemo(() => waiting.slice(0, SHOWN_MAX), [waiting]);
  return (
    <div class="city-alerts" role="status" aria-live="polite" aria-label={t('city.alerts')}>
      {overload > 0 ? (
        <p class="city-alert" data-tone="warn">
          <Icon name="alert" />
          {t('city.overload', { step: overload })}
        </p>
      ) : null}
      {shown.map(({ orderId, restaurantName, attention }) => (
        <div key={orderId} class="city-alert" data-tone="danger">
          <Icon name="alert" />
          <span class="grow">
            {restaurantName}
            {attention === null ? '' : ` · ${t(`city.attention.${attention}`)}`}
          </span>
          <Button kind="quiet" onPress={() => desk.select({ kind: 'order', orderId })}>
            {t('city.look')}
          </Button>
        </div>
      ))}
      {waiting.length > SHOWN_MAX ? (
        <Button
          onPress={() => {
            desk.stage.value = 'attention';
          }}
        >
          {t('city.alerts.more', { count: waiting.length - SHOWN_MAX })}
        </Button>
      ) : null}
    </div>
  );
}
