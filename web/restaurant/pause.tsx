import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RestaurantView, ShopCommand } from '../../protocol/index.ts';
import { Button } from '../design/controls.tsx';
import { Badge, Dialog } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { clockTime } from '../i18n/format.ts';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';

interface PauseProps {
  readonly engine: EngineLink;
  readonly restaurant: RestaurantView;
  readonly onChange: () => void;
}

const PAUSE_MINUTES = [15, 30, 60, 120];

/** No new orders for a while. */
export function Pause({ engine, restaurant, onChange }: PauseProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const { pausedUntilMs, restaurantId } = restaurant;
  const isPaused = pausedUntilMs !== null && pausedUntilMs > engine.nowMs;
  const send = async (command: ShopCommand): Promise<void> => {
    try {
      await engine.api.shopCommand(restaurantId, command);
      onChange();
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
    setAsking(false);
  };
  return (
    <div class="pause row wrap">
      {isPaused ? (
        <>
          <Badge tone="warn">{t('pause.until', { time: clockTime(pausedUntilMs) })}</Badge>
          <Button kind="primary" onPress={() => send({ type: 'resume_orders' })}>
            {t('pause.resume')}
          </Button>
        </>
      ) : (
        <Button onPress={() => setAsking(true)}>{t('pause.ask')}</Button>
      )}
      {isAsking ? (
        <Dialog title={t('pause.how')} onClose={() => setAsking(false)}>
          <div class="choice-grid">
            {PAUSE_MINUTES.map((minutes) => (
              <Button
                key={minutes}
                large
                onPress={() => send({ type: 'pause_orders', forSeconds: minutes * 60 })}
              >
                {t('time.minutes', { count: minutes })}
              </Button>
            ))}
          </div>
          <div class="dialog-actions">
            <Button kind="quiet" onPress={() => setAsking(false)}>
              {t('app.back')}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}
