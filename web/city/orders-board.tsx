import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { OrderSummary } from '../../protocol/index.ts';
import { Badge, Loading, type Tone } from '../design/surfaces.tsx';
import { formatNumber, t } from '../i18n/locale.ts';
import { ageMinutes, boardOf, countsOf, isLate, STAGES } from './board.ts';
import type { CityDesk } from './city-desk.ts';

/** More rows nobody reads: searching finds the others. */
const ROWS_MAX = 200;

/** The live orders, by stage and by words. `/` goes to the search, arrows through the rows. */
export function OrdersBoard({ desk }: { desk: CityDesk }): JSX.Element {
  const { orders, stage, search, clock } = desk;
  const input = useRef<HTMLInputElement>(null);
  useSearchKey(input);
  if (orders.value === null) {
    return (
      <section class="city-board" aria-label={t('city.orders')}>
        <Loading />
      </section>
    );
  }
  const counts = countsOf(orders.value, clock);
  const shown = boardOf(orders.value, { stage: stage.value, search: search.value }, clock);
  return (
    <section class="city-board" aria-label={t('city.orders')}>
      <div class="city-board-head stack tight">
        <input
          ref={input}
          class="city-search"
          type="search"
          aria-label={t('city.search')}
          placeholder={t('city.search')}
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value;
          }}
        />
        <div class="city-stages" role="group" aria-label={t('city.stages')}>
          {STAGES.map((one) => (
            <button
              key={one}
              type="button"
              class="city-stage"
              aria-pressed={stage.value === one}
              data-stage={one}
              onClick={() => {
                stage.value = one;
              }}
            >
              {t(`city.stage.${one}`)} <b class="digits">{formatNumber(counts[one])}</b>
            </button>
          ))}
        </div>
      </div>
      <ul class="city-rows" onKeyDown={moveFocus}>
        {shown.slice(0, ROWS_MAX).map((order) => (
          <Row key={order.orderId} order={order} desk={desk} />
        ))}
      </ul>
      {shown.length === 0 ? <p class="soft small city-none">{t('city.none')}</p> : null}
      {shown.length > ROWS_MAX ? (
        <p class="soft small city-none">{t('city.more', { count: shown.length - ROWS_MAX })}</p>
      ) : null}
    </section>
  );
}

function Row({ order, desk }: { order: OrderSummary; desk: CityDesk }): JSX.Element {
  const { orderId, restaurantName, dropoff, courierId, attention } = order;
  const selection = desk.selection.value;
  const isSelected = selection?.kind === 'order' && selection.orderId === orderId;
  const late = isLate(order, desk.clock);
  return (
    <li>
      <button
        type="button"
        class="city-row"
        aria-pressed={isSelected}
        data-attention={attention !== null}
        onClick={() => desk.select({ kind: 'order', orderId })}
      >
        <span class="city-row-name">{restaurantName}</span>
        <span class="city-row-age digits" data-late={late}>
          {t('courier.minutes', { count: Math.round(ageMinutes(order, desk.clock)) })}
        </span>
        <span class="city-row-door small soft">{dropoff.address}</span>
        <span class="city-row-facts">
          <span class="small soft">{courierId ?? t('city.noCourier')}</span>
          <StateBadge order={order} />
        </span>
      </button>
    </li>
  );
}

const TONES: Readonly<Partial<Record<OrderSummary['state'], Tone>>> = {
  READY: 'accent',
  PICKED_UP: 'info',
  OUT_FOR_DELIVERY: 'info',
  DELIVERED: 'good',
  COMPLETED: 'good',
  CANCELLED: 'danger',
};

/** Where the order stands; what waits for a person says why. */
export function StateBadge({ order }: { order: Pick<OrderSummary, 'state' | 'attention'> }) {
  const { state, attention } = order;
  return attention === null ? (
    <Badge tone={TONES[state] ?? 'plain'}>{t(`city.state.${state}`)}</Badge>
  ) : (
    <Badge tone="danger">{t(`city.attention.${attention}`)}</Badge>
  );
}

function moveFocus(event: TargetedKeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.city-row')];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows.at(Math.min(rows.length - 1, Math.max(0, at + step)))?.focus();
  event.preventDefault();
}

function useSearchKey(input: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const isTyping =
        event.target instanceof HTMLElement && event.target.matches('input, textarea');
      if (event.key !== '/' || isTyping) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
