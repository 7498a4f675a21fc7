import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { CityView, RestaurantView } from '../../protocol/index.ts';
import { Button, Icon } from '../design/controls.tsx';
import { Frame } from '../design/frame.tsx';
import { Failed, Loading } from '../design/surfaces.tsx';
import { t } from '../i18n/locale.ts';
import { Bell } from '../live/bell.ts';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import type { EngineLink } from '../live/engine-link.ts';
import { hrefOf, route } from '../live/route.ts';
import { useLoaded } from '../live/use-loaded.ts';
import type { PageProps } from '../session/begin-page.tsx';
import { Board } from './board.tsx';
import { Figures } from './figures.tsx';
import { LiveKitchen } from './live-kitchen.ts';
import { MenuStock } from './menu-stock.tsx';
import { Pause } from './pause.tsx';

/** A restaurant's tablet: what is ordered, what is cooked, what is ready. */
export function RestaurantPage({ engine, leave }: PageProps): JSX.Element {
  const { subject, cityId } = engine.session;
  const { live, bell } = useLive(engine);
  const shop = useLoaded(
    () => Promise.all([engine.api.restaurant(subject), engine.api.city(cityId)]),
    [engine],
  );
  const name = shop.state === 'here' ? shop.value[0].name : t('restaurant.title');
  return (
    <Frame where={name} who={{ name: subject, signOut: leave }} tools={<SoundSwitch bell={bell} />}>
      <ConnectionBanner engine={engine} />
      {shop.state === 'loading' ? <Loading /> : null}
      {shop.state === 'failed' ? <Failed reason={shop.reason} onRetry={shop.retry} /> : null}
      {shop.state === 'here' ? (
        <Tablet
          engine={engine}
          live={live}
          restaurant={shop.value[0]}
          city={shop.value[1]}
          reload={shop.reload}
        />
      ) : null}
    </Frame>
  );
}

/** What goes on whatever the page shows: the kitchen and its bell. */
function useLive(engine: EngineLink): { live: LiveKitchen; bell: Bell } {
  const parts = useMemo(() => {
    const bell = new Bell();
    return { bell, live: new LiveKitchen(engine, bell) };
  }, [engine]);
  useEffect(() => {
    parts.live.start();
    return () => {
      parts.live.stop();
      parts.bell.close();
    };
  }, [parts]);
  return parts;
}

interface TabletProps {
  readonly engine: EngineLink;
  readonly live: LiveKitchen;
  readonly restaurant: RestaurantView;
  readonly city: CityView;
  /** Reads the restaurant anew. */
  readonly reload: () => void;
}

function Tablet({ engine, live, restaurant, city, reload }: TabletProps): JSX.Element {
  const isMenu = route.value[0] === 'menu';
  return (
    <div class="tablet">
      <nav class="tablet-nav" aria-label={t('restaurant.views')}>
        <a class="tab" href={hrefOf()} aria-current={isMenu ? undefined : 'page'}>
          {t('restaurant.orders')}
        </a>
        <a class="tab" href={hrefOf('menu')} aria-current={isMenu ? 'page' : undefined}>
          {t('restaurant.menu')}
        </a>
        <Pause engine={engine} restaurant={restaurant} onChange={reload} />
      </nav>
      {isMenu ? (
        <MenuStock
          engine={engine}
          restaurant={restaurant}
          currency={city.currency}
          onChange={reload}
        />
      ) : (
        <>
          <Figures engine={engine} live={live} currency={city.currency} />
          <Board engine={engine} live={live} />
        </>
      )}
    </div>
  );
}

/** The browser wants somebody to have pressed something before a page may ring. */
function SoundSwitch({ bell }: { bell: Bell }): JSX.Element {
  const isOn = bell.isOn.value;
  const turnOn = async (): Promise<void> => {
    await bell.turnOn();
    // So that whoever pressed knows how it sounds.
    bell.ring();
  };
  return (
    <Button
      kind={isOn ? 'quiet' : 'plain'}
      pressed={isOn}
      onPress={() => (isOn ? bell.turnOff() : turnOn())}
    >
      <Icon name="sound" />
      <span class="wide-only">{t(isOn ? 'restaurant.sound.on' : 'restaurant.sound.off')}</span>
    </Button>
  );
}
