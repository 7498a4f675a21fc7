import type { JSX } from 'preact';
import type { OrderListEntry, RestaurantView } from '../../protocol/index.ts';
import { Icon } from '../design/controls.tsx';
import { Badge, Empty, Failed, Loading, type Tone } from '../design/surfaces.tsx';
import { dayAndTime, money } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { hrefOf } from '../live/route.ts';
import { useLoaded, type Loaded } from '../live/use-loaded.ts';
import { isOver } from './order-story.ts';

interface RestaurantsProps {
  readonly engine: EngineLink;
  readonly currency: string;
}

/** Where one can order, and what one has ordered. */
export function Restaurants({ engine, currency }: RestaurantsProps): JSX.Element {
  const restaurants = useLoaded(() => engine.api.restaurants(), [engine]);
  const orders = useLoaded(() => engine.api.orders(), [engine]);
  return (
    <div class="page-column stack home">
      <MyOrders orders={orders} currency={currency} />
      <h1>{t('customer.restaurants')}</h1>
      {restaurants.state === 'loading' ? <Loading /> : null}
      {restaurants.state === 'failed' ? (
        <Failed reason={restaurants.reason} onRetry={restaurants.retry} />
      ) : null}
      {restaurants.state === 'here' ? <RestaurantList restaurants={restaurants.value} /> : null}
    </div>
  );
}

/** Older ones are history, and none of this page. */
const ORDERS_SHOWN_MAX = 6;

interface MyOrdersProps {
  readonly orders: Loaded<readonly OrderListEntry[]>;
  readonly currency: string;
}

/** Nothing while there is none: who orders for the first time came for the restaurants. */
function MyOrders({ orders, currency }: MyOrdersProps): JSX.Element | null {
  if (orders.state !== 'here' || orders.value.length === 0) return null;
  return (
    <section class="stack tight">
      <h2>{t('customer.orders')}</h2>
      <ul class="order-list">
        {orders.value.slice(0, ORDERS_SHOWN_MAX).map((order) => (
          <li key={order.orderId}>
            <a class="card order-row" href={hrefOf('order', order.orderId)}>
              <Icon name={isOver(order) ? 'check' : 'bike'} />
              <span class="grow">
                <b>{order.restaurantName}</b>
                <span class="soft small">
                  {dayAndTime(order.placedAtMs)} · {money(order.totalMinor, currency)}
                </span>
              </span>
              <Badge tone={toneOf(order)}>{t(`state.${order.state}`)}</Badge>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function toneOf({ state }: OrderListEntry): Tone {
  if (state === 'CANCELLED') return 'plain';
  return state === 'DELIVERED' || state === 'COMPLETED' ? 'good' : 'accent';
}

function RestaurantList({ restaurants }: { restaurants: readonly RestaurantView[] }): JSX.Element {
  if (restaurants.length === 0) return <Empty icon="pot" title={t('customer.noRestaurants')} />;
  // Those that cook now come first; among them, and among the others, as the engine has them.
  const sorted = restaurants.toSorted((a, b) => Number(isTaking(b)) - Number(isTaking(a)));
  return (
    <ul class="card-list">
      {sorted.map((restaurant) => (
        <RestaurantCard key={restaurant.restaurantId} restaurant={restaurant} />
      ))}
    </ul>
  );
}

function isTaking({ open, pausedUntilMs }: RestaurantView): boolean {
  return open && pausedUntilMs === null;
}

function RestaurantCard({ restaurant }: { restaurant: RestaurantView }): JSX.Element {
  const { restaurantId, name, menu } = restaurant;
  const taking = isTaking(restaurant);
  const dishes = menu.slice(0, 3).map((item) => item.name);
  return (
    <li>
      <a class="card restaurant-card" href={hrefOf('restaurant', restaurantId)}>
        <h2>{name}</h2>
        <p class="soft small">{dishes.join(' · ')}</p>
        <Badge tone={taking ? 'good' : 'plain'}>
          {t(taking ? 'customer.open' : 'customer.closed')}
        </Badge>
      </a>
    </li>
  );
}
