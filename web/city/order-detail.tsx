import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DeliveryRecord, OfferRecord, OrderView } from '../../protocol/index.ts';
import { Button, Field, Icon } from '../design/controls.tsx';
import { Badge, Dialog, Failed, Loading, type Tone } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { dayAndTime, distance, money, clockTime } from '../i18n/format.ts';
import { formatNumber, t } from '../i18n/locale.ts';
import { useLoaded } from '../live/use-loaded.ts';
import { metersBetween } from '../map/distance.ts';
import { isAssignable } from './board.ts';
import type { CityDesk } from './city-desk.ts';
import type { FleetWatch } from './fleet-watch.ts';
import { StateBadge } from './orders-board.tsx';

const NEAREST = 6;

interface DetailProps {
  readonly desk: CityDesk;
  readonly watch: FleetWatch;
  readonly orderId: string;
}

/** Everything about one order, and what an operator may do about it. */
export function OrderDetail({ desk, watch, orderId }: DetailProps): JSX.Element {
  const { engine } = desk;
  const read = async () => {
    const [order, log] = await Promise.all([
      engine.api.order(orderId),
      engine.api.deliveryLog(orderId),
    ]);
    return { order, log };
  };
  const loaded = useLoaded(read, [engine, orderId]);
  const reload = loaded.state === 'here' ? loaded.reload : null;
  useEffect(() => engine.follow(`order:${orderId}`), [engine, orderId]);
  useEffect(() => {
    if (reload === null) return;
    return engine.listen((message) => {
      if (message.type === 'order_event' && message.orderId === orderId) reload();
    });
  }, [engine, orderId, reload]);
  return (
    <aside class="city-detail" aria-label={t('city.order')}>
      {loaded.state === 'loading' ? <Loading /> : null}
      {loaded.state === 'failed' ? <Failed reason={loaded.reason} onRetry={loaded.retry} /> : null}
      {loaded.state === 'here' ? (
        <>
          <Head order={loaded.value.order} desk={desk} />
          <Facts order={loaded.value.order} />
          <Assign order={loaded.value.order} desk={desk} watch={watch} />
          <Actions order={loaded.value.order} desk={desk} />
          <Offers order={loaded.value.order} />
          <Story order={loaded.value.order} />
          <Notifications log={loaded.value.log} />
        </>
      ) : null}
    </aside>
  );
}

function Head({ order, desk }: { order: OrderView; desk: CityDesk }): JSX.Element {
  return (
    <header class="row spread city-detail-head">
      <div>
        <h2>{order.restaurantName}</h2>
        <p class="soft small">{order.reference ?? order.orderId.slice(-8)}</p>
      </div>
      <span class="row">
        <StateBadge order={order} />
        <Button kind="quiet" label={t('city.close')} onPress={() => desk.select(null)}>
          <Icon name="close" />
        </Button>
      </span>
    </header>
  );
}

function Facts({ order }: { order: OrderView }): JSX.Element {
  const { payment, currency } = order;
  const items = order.items.map(({ name, quantity }) => `${formatNumber(quantity)} × ${name}`);
  const facts = [
    [t('city.customer'), order.customerId],
    [t('courier.title'), order.courierId ?? t('city.noCourier')],
    [t('city.door'), order.dropoff.address],
    [t('city.items'), items.join(', ')],
    [t('city.total'), money(order.totalMinor, currency)],
    [t('city.paid'), money(payment.capturedMinor - payment.refundedMinor, currency)],
    [t('city.placed'), dayAndTime(order.placedAtMs)],
    [t('city.readyAt'), order.readyAtMs === null ? '–' : clockTime(order.readyAtMs)],
  ] as const;
  return (
    <dl class="city-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The second of two clicks: who shall carry it. The nearest first, those who are free before all. */
function Assign({
  order,
  desk,
  watch,
}: {
  order: OrderView;
  desk: CityDesk;
  watch: FleetWatch;
}): JSX.Element | null {
  if (!isAssignable(order)) return null;
  // Counted anew each second, so that the list follows the map.
  void watch.counts.value;
  void desk.engine.nowMs;
  const fleet = watch.layer?.fleet;
  const fits = (available: boolean) => (one: { available: boolean; courierId: string }) =>
    one.available === available && one.courierId !== order.courierId;
  const free = fleet?.nearest(order.pickup, NEAREST, fits(true)) ?? [];
  const busy = fleet?.nearest(order.pickup, NEAREST - free.length, fits(false)) ?? [];
  return (
    <section aria-labelledby="city-assign">
      <h3 id="city-assign">{t(order.courierId === null ? 'city.assign' : 'city.reassign')}</h3>
      {free.length + busy.length === 0 ? <p class="soft small">{t('city.assign.nobody')}</p> : null}
      <ul class="city-nearest">
        {[...free, ...busy].map((one) => (
          <li key={one.courierId}>
            <Button onPress={() => desk.assign(order.orderId, one.courierId)}>
              <span class="city-state-dot" data-available={one.available} />
              <span class="grow">{one.courierId}</span>
              <span class="soft small digits">{distance(metersBetween(one, order.pickup))}</span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

type Act = 'unassign_courier' | 'operator_cancel' | 'confirm_delivery' | 'refund_order';

function actsFor(order: OrderView): readonly Act[] {
  const { state, courierId, payment } = order;
  const hasFood = state === 'PICKED_UP' || state === 'OUT_FOR_DELIVERY';
  const isOver = state === 'DELIVERED' || state === 'COMPLETED' || state === 'CANCELLED';
  return [
    ...(courierId !== null && isAssignable(order) ? (['unassign_courier'] as const) : []),
    ...(state === 'OUT_FOR_DELIVERY' ? (['confirm_delivery'] as const) : []),
    ...(!hasFood && !isOver ? (['operator_cancel'] as const) : []),
    ...(payment.method === 'card' && payment.capturedMinor > payment.refundedMinor
      ? (['refund_order'] as const)
      : []),
  ];
}

function Actions({ order, desk }: { order: OrderView; desk: CityDesk }): JSX.Element | null {
  const [act, setAct] = useState<Act | null>(null);
  const acts = actsFor(order);
  if (acts.length === 0) return null;
  return (
    <div class="row wrap">
      {acts.map((one) => (
        <Button
          key={one}
          kind={one === 'operator_cancel' ? 'danger' : 'plain'}
          onPress={() => setAct(one)}
        >
          {t(`city.act.${one}`)}
        </Button>
      ))}
      {act === null ? null : (
        <ActDialog act={act} order={order} desk={desk} onClose={() => setAct(null)} />
      )}
    </div>
  );
}

/** Each with a reason, which is kept with the order for ever. */
function ActDialog(props: { act: Act; order: OrderView; desk: CityDesk; onClose: () => void }) {
  const { act, order, desk, onClose } = props;
  const [why, setWhy] = useState('');
  const leftMinor = order.payment.capturedMinor - order.payment.refundedMinor;
  const submit = async (): Promise<void> => {
    const { orderId } = order;
    try {
      await desk.engine.send(
        act === 'refund_order'
          ? { type: act, orderId, why, amountMinor: leftMinor }
          : { type: act, orderId, why },
      );
      onClose();
      await desk.refresh();
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  return (
    <Dialog title={t(`city.act.${act}`)} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {act === 'refund_order' ? <p>{money(leftMinor, order.currency)}</p> : null}
        <Field label={t('city.why')}>
          <input
            name="why"
            required
            maxLength={200}
            value={why}
            onInput={({ currentTarget }) => setWhy(currentTarget.value)}
          />
        </Field>
        <div class="dialog-actions">
          <Button onPress={onClose}>{t('city.close')}</Button>
          <Button kind="primary" submit disabled={why.trim() === ''}>
            {t(`city.act.${act}`)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const OFFER_TONES: Readonly<Record<OfferRecord['state'], Tone>> = {
  offered: 'info',
  accepted: 'good',
  delivered: 'good',
  declined: 'warn',
  expired: 'warn',
  withdrawn: 'plain',
};

/** Who was asked, and why the planner asked them. */
function Offers({ order }: { order: OrderView }): JSX.Element | null {
  const offers = order.offers ?? [];
  if (offers.length === 0) return null;
  return (
    <section aria-labelledby="city-offers">
      <h3 id="city-offers">{t('city.offers')}</h3>
      <ul class="stack tight">
        {offers.toReversed().map((offer) => (
          <li key={offer.offerId} class="city-offer">
            <div class="row spread">
              <b>{offer.courierId}</b>
              <span class="row">
                <time class="soft small digits">{clockTime(offer.offeredAtMs)}</time>
                <Badge tone={OFFER_TONES[offer.state]}>{t(`city.offer.${offer.state}`)}</Badge>
              </span>
            </div>
            <Why offer={offer} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The parts of the score, each as long as it weighs. */
function Why({ offer: { why } }: { offer: OfferRecord }): JSX.Element {
  if (why === null) return <p class="soft small">{t('city.byHand')}</p>;
  const parts = Object.entries(why.parts);
  const most = Math.max(...parts.map(([, value]) => Math.abs(value)), Number.EPSILON);
  const { strategy, epoch, score } = why;
  const figures = { strategy, epoch, score: score.toFixed(2) };
  return (
    <>
      <p class="soft small">{t('city.byPlanner', figures)}</p>
      <dl class="city-why small">
        {parts.map(([name, value]) => (
          <div key={name}>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>
              <meter
                min={0}
                max={1}
                value={Math.abs(value) / most}
                aria-label={name}
                data-less={value < 0}
              />
              <span class="digits">{value.toFixed(2)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Everything that happened, oldest first, with its facts. */
function Story({ order }: { order: OrderView }): JSX.Element {
  return (
    <section aria-labelledby="city-story">
      <h3 id="city-story">{t('city.story')}</h3>
      <ol class="city-story small">
        {order.timeline.map(({ sequence, type, atMs, data }) => (
          <li key={sequence}>
            <time class="digits soft">{clockTime(atMs)}</time>
            <div>
              <b>{type.replace('order.', '').replaceAll('_', ' ')}</b>
              <p class="soft">{factsOf(data)}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

const FACT_LENGTH_MAX = 60;

/** As the engine has them: an audit shows facts, and no story. */
function factsOf(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name} ${String(value).slice(0, FACT_LENGTH_MAX)}`)
    .join(' · ');
}

function Notifications({ log }: { log: readonly DeliveryRecord[] }): JSX.Element | null {
  if (log.length === 0) return null;
  return (
    <section aria-labelledby="city-told">
      <h3 id="city-told">{t('city.notifications')}</h3>
      <ul class="city-story small">
        {log.map(({ notificationId, channel, kind, state, subject, createdAtMs, reason }) => (
          <li key={`${notificationId}/${channel}`}>
            <time class="digits soft">{clockTime(createdAtMs)}</time>
            <div>
              <b>{kind.replaceAll('_', ' ')}</b>
              <p class="soft">
                {[channel, subject, state, reason].filter((one) => one !== null).join(' · ')}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
