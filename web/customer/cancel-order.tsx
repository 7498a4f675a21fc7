import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, newRequestId } from '../../clients/ts/index.ts';
import type { CancellationQuote, OrderView } from '../../protocol/index.ts';
import { Button } from '../design/controls.tsx';
import { Dialog } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { money, remaining } from '../i18n/format.ts';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import type { LiveOrder } from './live-order.ts';

interface CancelOrderProps {
  readonly engine: EngineLink;
  readonly live: LiveOrder;
  readonly order: OrderView;
}

/** First what comes back, to the cent; then the question. Nothing happens when it differs by then. */
export function CancelOrder({ engine, live, order }: CancelOrderProps): JSX.Element {
  const [quote, setQuote] = useState<CancellationQuote | null>(null);
  const ask = async (): Promise<void> => {
    try {
      setQuote(await engine.api.cancellation(order.orderId));
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  const cancel = async (expectedRefundMinor: number): Promise<void> => {
    try {
      const command = { type: 'cancel_order', expectedRefundMinor } as const;
      await engine.api.command(order.orderId, command, newRequestId());
      setQuote(null);
    } catch (error) {
      toast(sayFailure(error), 'danger');
      // The time in which the old figure held is over: show the new one, and ask again.
      if (error instanceof ApiError && error.code === 'refund_changed') await ask();
      else setQuote(null);
    }
    await live.refresh();
  };
  return (
    <>
      <Button kind="danger" onPress={ask}>
        {t('cancel.ask')}
      </Button>
      {quote === null ? null : (
        <Dialog title={t('cancel.title')} onClose={() => setQuote(null)}>
          <Quote engine={engine} quote={quote} currency={order.currency} />
          <div class="dialog-actions">
            <Button onPress={() => setQuote(null)}>{t('cancel.keep')}</Button>
            <Button kind="danger" onPress={() => cancel(quote.refundMinor)}>
              {t('cancel.confirm')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

interface QuoteProps {
  readonly engine: EngineLink;
  readonly quote: CancellationQuote;
  readonly currency: string;
}

function Quote({ engine, quote, currency }: QuoteProps): JSX.Element {
  const { refundMinor, feeMinor, validUntilMs } = quote;
  const left = validUntilMs === null ? null : engine.citySecondsUntil(validUntilMs);
  return (
    <>
      <dl class="facts quote">
        <div>
          <dt>{t('cancel.back')}</dt>
          <dd>{money(refundMinor, currency)}</dd>
        </div>
        <div>
          <dt>{t('cancel.fee')}</dt>
          <dd>{money(feeMinor, currency)}</dd>
        </div>
      </dl>
      {left === null ? null : (
        <p class="soft small">{t('cancel.holdsFor', { time: remaining(left) })}</p>
      )}
    </>
  );
}
