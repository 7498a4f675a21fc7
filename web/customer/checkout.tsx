import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { ApiError, newRequestId } from '../../clients/ts/index.ts';
import type { CityView, Place, RestaurantView } from '../../protocol/index.ts';
import { Button, Field } from '../design/controls.tsx';
import { toast } from '../design/toasts.tsx';
import { money } from '../i18n/format.ts';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { goTo } from '../live/route.ts';
import { totalsOf, wantedOf, type Basket, type Totals } from './basket.ts';
import { DoorMap } from './door-map.tsx';

interface CheckoutProps {
  readonly engine: EngineLink;
  readonly city: CityView;
  readonly restaurant: RestaurantView;
  readonly basket: Basket;
  /** Prices or stock are not what was shown: the menu is to be read anew. */
  readonly onStale: () => void;
}

const ADDRESS_LENGTH_MAX = 200;
/** A payment method of the provider's that is there for trying out. */
const TEST_CARD = 'pm_card_visa';
/** So the pin begins some streets away from the restaurant. */
const DOOR_DEGREES_AWAY = 0.006;

/** Where to, how to pay, what it costs, and the button. */
export function Checkout(props: CheckoutProps): JSX.Element {
  const { engine, city, restaurant, basket } = props;
  const [address, setAddress] = useState('');
  const [door, setDoor] = useState<Place>(() => besides(restaurant.place));
  const [payment, setPayment] = useState(engine.config.testCard ? TEST_CARD : 'cash');
  const totals = totalsOf(basket, restaurant.menu, city);
  // One name for this order as it stands: pressed twice, or sent again, it is placed once.
  const key = useMemo(newRequestId, [basket, address, door, payment]);
  const place = async (): Promise<void> => {
    const order = {
      restaurantId: restaurant.restaurantId,
      items: wantedOf(basket),
      dropoff: { place: door, address: address.trim() },
      paymentToken: payment,
      expectedTotalMinor: totals.totalMinor,
    };
    try {
      const { orderId } = await engine.api.placeOrder(order, key);
      goTo('order', orderId);
    } catch (error) {
      toast(sayFailure(error), 'danger');
      if (error instanceof ApiError && STALE_CODES.has(error.code)) props.onStale();
    }
  };
  const [isPlacing, setPlacing] = useState(false);
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isPlacing) return;
        setPlacing(true);
        void place().finally(() => setPlacing(false));
      }}
    >
      <Field label={t('basket.address')}>
        <input
          name="address"
          autocomplete="street-address"
          required
          pattern=".*\S.*"
          maxLength={ADDRESS_LENGTH_MAX}
          value={address}
          onInput={({ currentTarget }) => setAddress(currentTarget.value)}
        />
      </Field>
      <DoorMap engine={engine} city={city} restaurant={restaurant} door={door} onMove={setDoor} />
      <PaymentChoice hasCard={engine.config.testCard} value={payment} onChange={setPayment} />
      <Sum totals={totals} currency={city.currency} />
      <Button kind="primary" large submit disabled={isPlacing}>
        {t('basket.place', { total: money(totals.totalMinor, city.currency) })}
      </Button>
    </form>
  );
}

const STALE_CODES: ReadonlySet<string> = new Set([
  'total_mismatch',
  'out_of_stock',
  'item_unavailable',
  'item_not_on_menu',
  'restaurant_closed',
]);

function besides({ lat, lng }: Place): Place {
  return { lat: lat + DOOR_DEGREES_AWAY, lng: lng + DOOR_DEGREES_AWAY };
}

interface PaymentChoiceProps {
  readonly hasCard: boolean;
  readonly value: string;
  readonly onChange: (paymentToken: string) => void;
}

function PaymentChoice({ hasCard, value, onChange }: PaymentChoiceProps): JSX.Element {
  const choices = [
    ...(hasCard ? [{ token: TEST_CARD, label: t('basket.card') }] : []),
    { token: 'cash', label: t('basket.cash') },
  ];
  return (
    <fieldset class="choices">
      <legend class="small soft">{t('basket.payment')}</legend>
      {choices.map(({ token, label }) => (
        <label key={token} class="choice">
          <input
            type="radio"
            name="payment"
            value={token}
            checked={token === value}
            onChange={() => onChange(token)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

function Sum({ totals, currency }: { totals: Totals; currency: string }): JSX.Element {
  const lines = [
    [t('basket.items'), totals.subtotalMinor],
    [t('basket.fee'), totals.deliveryFeeMinor],
    [t('basket.tax'), totals.taxMinor],
  ] as const;
  return (
    <dl class="sum">
      {lines.map(([label, amountMinor]) => (
        <div key={label} class="row spread soft">
          <dt>{label}</dt>
          <dd class="digits">{money(amountMinor, currency)}</dd>
        </div>
      ))}
      <div class="row spread sum-total">
        <dt>{t('basket.total')}</dt>
        <dd class="digits">{money(totals.totalMinor, currency)}</dd>
      </div>
    </dl>
  );
}
