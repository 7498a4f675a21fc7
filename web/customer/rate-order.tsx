import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { newRequestId } from '../../clients/ts/index.ts';
import { Button, Field, Stars } from '../design/controls.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import type { LiveOrder } from './live-order.ts';

const COMMENT_LENGTH_MAX = 500;

/** After the delivery, once. */
export function RateOrder({ engine, live }: { engine: EngineLink; live: LiveOrder }): JSX.Element {
  const [courierStars, setCourierStars] = useState(0);
  const [restaurantStars, setRestaurantStars] = useState(0);
  const [comment, setComment] = useState('');
  const submit = async (): Promise<void> => {
    const said = comment.trim();
    const rating = {
      ...(courierStars > 0 && { courierStars }),
      ...(restaurantStars > 0 && { restaurantStars }),
      ...(said !== '' && { comment: said }),
    };
    try {
      const command = { type: 'rate_order', ...rating } as const;
      await engine.api.command(live.orderId, command, newRequestId());
      toast(t('rating.thanks'));
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
    await live.refresh();
  };
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h2>{t('rating.title')}</h2>
      <Stars
        name="courier"
        label={t('rating.courier')}
        value={courierStars}
        onChange={setCourierStars}
      />
      <Stars
        name="restaurant"
        label={t('rating.restaurant')}
        value={restaurantStars}
        onChange={setRestaurantStars}
      />
      <Field label={t('rating.comment')}>
        <textarea
          name="comment"
          rows={2}
          maxLength={COMMENT_LENGTH_MAX}
          value={comment}
          onInput={({ currentTarget }) => setComment(currentTarget.value.replace(/\s+/g, ' '))}
        />
      </Field>
      <Button kind="primary" submit disabled={courierStars + restaurantStars === 0}>
        {t('rating.send')}
      </Button>
    </form>
  );
}
