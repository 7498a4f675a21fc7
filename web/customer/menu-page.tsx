import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CityView, MenuItem, RestaurantView } from '../../protocol/index.ts';
import { Icon, Stepper } from '../design/controls.tsx';
import { Badge, Failed, Loading } from '../design/surfaces.tsx';
import { clockTime, money } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { hrefOf } from '../live/route.ts';
import { useLoaded } from '../live/use-loaded.ts';
import { mostOf, totalsOf, withItem, type Basket } from './basket.ts';
import { Checkout } from './checkout.tsx';

interface MenuPageProps {
  readonly engine: EngineLink;
  readonly city: CityView;
  readonly restaurantId: string;
}

/** A restaurant's menu, and the order that is being put together. */
export function MenuPage({ engine, city, restaurantId }: MenuPageProps): JSX.Element {
  const loaded = useLoaded(() => engine.api.restaurant(restaurantId), [engine, restaurantId]);
  const [basket, setBasket] = useState<Basket>(new Map());
  if (loaded.state === 'loading') return <Loading />;
  if (loaded.state === 'failed') return <Failed reason={loaded.reason} onRetry={loaded.retry} />;
  const restaurant = loaded.value;
  return (
    <div class="page-column menu">
      <div class="stack">
        <a class="back" href={hrefOf()}>
          {t('customer.restaurants')}
        </a>
        <h1>{restaurant.name}</h1>
        <Hours restaurant={restaurant} />
        <ul class="menu-list">
          {restaurant.menu.map((item) => (
            <Dish
              key={item.itemId}
              item={item}
              currency={city.currency}
              quantity={basket.get(item.itemId) ?? 0}
              onChange={(quantity) => setBasket(withItem(basket, item.itemId, quantity))}
            />
          ))}
        </ul>
      </div>
      <BasketBar basket={basket} menu={restaurant.menu} city={city} />
      <aside class="stack" id="checkout">
        <h2>{t('basket.title')}</h2>
        {basket.size === 0 ? (
          <p class="soft">{t('basket.empty')}</p>
        ) : (
          <Checkout
            engine={engine}
            city={city}
            restaurant={restaurant}
            basket={basket}
            onStale={loaded.reload}
          />
        )}
      </aside>
    </div>
  );
}

function Hours({ restaurant }: { restaurant: RestaurantView }): JSX.Element | null {
  const { open, pausedUntilMs } = restaurant;
  if (!open) return <Badge tone="warn">{t('customer.closed')}</Badge>;
  if (pausedUntilMs === null) return null;
  return <Badge tone="warn">{t('customer.paused', { time: clockTime(pausedUntilMs) })}</Badge>;
}

interface DishProps {
  readonly item: MenuItem;
  readonly currency: string;
  readonly quantity: number;
  readonly onChange: (quantity: number) => void;
}

function Dish({ item, currency, quantity, onChange }: DishProps): JSX.Element {
  const most = mostOf(item);
  return (
    <li class="dish" data-out={most === 0}>
      <div class="grow">
        <h3>{item.name}</h3>
        <p class="soft digits">{money(item.priceMinor, currency)}</p>
      </div>
      {most === 0 ? (
        <Badge>{t('customer.soldOut')}</Badge>
      ) : (
        <Stepper
          count={quantity}
          max={most}
          less={t('basket.less', { name: item.name })}
          more={t('basket.more', { name: item.name })}
          onChange={onChange}
        />
      )}
    </li>
  );
}

interface BasketBarProps {
  readonly basket: Basket;
  readonly menu: RestaurantView['menu'];
  readonly city: CityView;
}

/** On a phone the order is below the menu: this leads there. */
function BasketBar({ basket, menu, city }: BasketBarProps): JSX.Element | null {
  if (basket.size === 0) return null;
  const count = [...basket.values()].reduce((sum, quantity) => sum + quantity, 0);
  const toCheckout = (): void => {
    document.querySelector('#checkout')?.scrollIntoView({ block: 'start' });
  };
  return (
    <div class="basket-bar">
      <button
        class="button"
        data-kind="primary"
        data-wide="true"
        type="button"
        onClick={toCheckout}
      >
        <Icon name="bag" />
        <span>{t('basket.count', { count })}</span>
        <span class="digits">{money(totalsOf(basket, menu, city).totalMinor, city.currency)}</span>
      </button>
    </div>
  );
}
