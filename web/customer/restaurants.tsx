import type { JSX } from 'preact';
import type { RestaurantView } from '../../protocol/index.ts';
import { Badge, Failed, Loading } from '../design/surfaces.tsx';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { hrefOf } from '../live/route.ts';
import { useLoaded } from '../live/use-loaded.ts';

/** Where one can order. */
export function Restaurants({ engine }: { engine: EngineLink }): JSX.Element {
  const loaded = useLoaded(() => engine.api.restaurants(), [engine]);
  return (
    <div class="page-column stack">
      <h1>{t('customer.restaurants')}</h1>
      {loaded.state === 'loading' ? <Loading /> : null}
      {loaded.state === 'failed' ? <Failed reason={loaded.reason} onRetry={loaded.retry} /> : null}
      {loaded.state === 'here' ? (
        <ul class="card-list">
          {loaded.value.map((restaurant) => (
            <RestaurantCard key={restaurant.restaurantId} restaurant={restaurant} />
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function RestaurantCard({ restaurant }: { restaurant: RestaurantView }): JSX.Element {
  const { restaurantId, name, open, pausedUntilMs, menu } = restaurant;
  const isTaking = open && pausedUntilMs === null;
  return (
    <li>
      <a class="card restaurant-card" href={hrefOf('restaurant', restaurantId)}>
        <h2>{name}</h2>
        <p class="soft small">
          {menu
            .slice(0, 3)
            .map((item) => item.name)
            .join(' · ')}
        </p>
        <Badge tone={isTaking ? 'good' : 'plain'}>
          {t(isTaking ? 'customer.open' : 'customer.closed')}
        </Badge>
      </a>
    </li>
  );
}
