import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../../clients/ts/index.ts';
import type { OrderCommandBody, OrderState, OrderSummary } from '../../protocol/index.ts';
import { Button, Field, Icon } from '../design/controls.tsx';
import { Badge } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { clockTime, distance, remaining } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/en.ts';
import { t } from '../i18n/locale.ts';
import type { CourierParts } from './courier-page.tsx';
import { metersBetween } from '../map/distance.ts';
import { isOnBoard, stopsOf, type Stop } from './work.ts';

/** Where to go, one after the other; the first of them large, with what there is to do. */
export function Stops(parts: CourierParts): JSX.Element | null {
  const stops = stopsOf(parts.desk.work.value);
  const [next, ...later] = stops;
  if (next === undefined) return null;
  return (
    <ol class="stack">
      <li key={keyOf(next)}>
        <StopCard {...parts} stop={next} isNext />
      </li>
      {later.map((stop) => (
        <li key={keyOf(stop)}>
          <StopCard {...parts} stop={stop} isNext={false} />
        </li>
      ))}
    </ol>
  );
}

function keyOf({ kind, order }: Stop): string {
  return `${kind}/${order.orderId}`;
}

type StopProps = CourierParts & { readonly stop: Stop; readonly isNext: boolean };

function StopCard(props: StopProps): JSX.Element {
  const { stop, isNext, stream } = props;
  const { kind, order, place, atMs } = stop;
  const here = stream.newest.value;
  const isDoor = kind === 'door';
  return (
    <article class="card stack tight courier-stop" data-next={isNext} data-kind={kind}>
      <div class="row spread">
        <p class="soft small">
          {t(isDoor ? 'courier.deliverTo' : 'courier.pickUpAt')}
          {isDoor && isNext ? ` · ${order.restaurantName}` : ''}
        </p>
        {atMs === null ? null : <time class="small digits">{clockTime(atMs)}</time>}
      </div>
      <h2>{isDoor ? order.dropoff.address : order.restaurantName}</h2>
      <div class="row wrap small">
        {here === null ? null : <span class="soft">{distance(metersBetween(here, place))}</span>}
        <span class="soft">{itemsOf(order)}</span>
        {isNext ? (
          <a class="courier-navigate" href={`geo:${place.lat},${place.lng}`}>
            {t('courier.navigate')}
          </a>
        ) : null}
      </div>
      {isDoor && !isOnBoard(order) ? null : <StopAction {...props} />}
    </article>
  );
}

function itemsOf({ items }: OrderSummary): string {
  const count = items.reduce((sum, { quantity }) => sum + quantity, 0);
  return t('courier.items', { count });
}

/** Pick up, set out, hand over. */
function StopAction(props: StopProps): JSX.Element {
  const { stop, desk, city, isNext } = props;
  const { orderId, state } = stop.order;
  const give = async (command: OrderCommandBody): Promise<void> => {
    try {
      await desk.give(orderId, command);
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  const simple = SIMPLE_ACTIONS[state];
  const isByCode = state === 'OUT_FOR_DELIVERY' && city.deliveryCode;
  if (simple === undefined) return <NotReady {...props} />;
  if (isByCode) return <CodeForm {...props} />;
  return (
    <Button
      kind={isNext ? 'primary' : 'plain'}
      large
      wide
      onPress={() => give({ type: simple.type })}
    >
      {t(simple.text)}
    </Button>
  );
}

/** What a courier says of an order in this state; of any other there is nothing to say yet. */
const SIMPLE_ACTIONS: Partial<Record<OrderState, { type: OwnCommand; text: MessageKey }>> = {
  READY: { type: 'pick_up', text: 'courier.pickUp' },
  PICKED_UP: { type: 'depart', text: 'courier.depart' },
  OUT_FOR_DELIVERY: { type: 'deliver', text: 'courier.deliver' },
};
type OwnCommand = 'pick_up' | 'depart' | 'deliver';

function NotReady({ stop, engine }: StopProps): JSX.Element {
  const { readyAtMs } = stop.order;
  const leftSeconds = readyAtMs === null ? 0 : engine.citySecondsUntil(readyAtMs);
  return (
    <Badge tone="info">
      <Icon name="clock" size={16} />
      {leftSeconds > 0
        ? t('courier.readyIn', { time: remaining(leftSeconds) })
        : t('courier.cooking')}
    </Badge>
  );
}

/** The customer's six digits; a wrong one says how many tries are left. */
function CodeForm({ stop, desk }: StopProps): JSX.Element {
  const [code, setCode] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const submit = async (): Promise<void> => {
    try {
      await desk.give(stop.order.orderId, { type: 'deliver', code });
    } catch (error) {
      setCode('');
      setRefusal(sayRefusal(error));
    }
  };
  return (
    <form
      class="stack tight"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={t('courier.code')}>
        <input
          class="courier-code"
          name="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          pattern="[0-9]{6}"
          maxLength={6}
          required
          value={code}
          aria-invalid={refusal !== null}
          onInput={({ currentTarget }) => setCode(currentTarget.value.replace(/\D/g, ''))}
        />
      </Field>
      <p class="courier-refusal small" role="alert">
        {refusal}
      </p>
      <Button kind="primary" large wide submit disabled={code.length !== 6}>
        {t('courier.deliver')}
      </Button>
    </form>
  );
}

function sayRefusal(error: unknown): string {
  if (error instanceof ApiError && error.code === 'wrong_code') {
    return t('courier.code.wrong', { count: Number(error.details['attemptsLeft'] ?? 0) });
  }
  if (error instanceof ApiError && error.code === 'code_locked') return t('courier.code.locked');
  return sayFailure(error);
}
