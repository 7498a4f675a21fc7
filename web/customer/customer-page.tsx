import type { JSX } from 'preact';
import type { CityView } from '../../protocol/index.ts';
import { Frame } from '../design/frame.tsx';
import { Failed, Loading } from '../design/surfaces.tsx';
import { t } from '../i18n/locale.ts';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import type { EngineLink } from '../live/engine-link.ts';
import { route } from '../live/route.ts';
import { useLoaded } from '../live/use-loaded.ts';
import type { PageProps } from '../session/begin-page.tsx';
import { MenuPage } from './menu-page.tsx';
import { OrderPage } from './order-page.tsx';
import { Restaurants } from './restaurants.tsx';

/** Ordering, and watching what was ordered. */
export function CustomerPage({ engine, leave }: PageProps): JSX.Element {
  const who = { name: engine.session.subject, signOut: leave };
  const city = useLoaded(() => engine.api.city(engine.session.cityId), [engine]);
  return (
    <Frame where={city.state === 'here' ? city.value.name : t('customer.title')} who={who}>
      <ConnectionBanner engine={engine} />
      {city.state === 'loading' ? <Loading /> : null}
      {city.state === 'failed' ? <Failed reason={city.reason} onRetry={city.retry} /> : null}
      {city.state === 'here' ? <View engine={engine} city={city.value} /> : null}
    </Frame>
  );
}

function View({ engine, city }: { engine: EngineLink; city: CityView }): JSX.Element {
  const [view, id = ''] = route.value;
  if (view === 'restaurant') {
    return <MenuPage key={id} engine={engine} city={city} restaurantId={id} />;
  }
  if (view === 'order') return <OrderPage key={id} engine={engine} city={city} orderId={id} />;
  return <Restaurants engine={engine} currency={city.currency} />;
}
