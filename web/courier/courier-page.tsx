import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CityView, Fix } from '../../protocol/index.ts';
import { Button, Icon } from '../design/controls.tsx';
import { Frame } from '../design/frame.tsx';
import { Empty, Failed, Loading } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import { Bell } from '../live/bell.ts';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import { hrefOf, route } from '../live/route.ts';
import { useLoaded } from '../live/use-loaded.ts';
import type { PageProps } from '../session/begin-page.tsx';
import { CourierMap } from './courier-map.tsx';
import { Days } from './days.tsx';
import { CourierDesk } from './desk.ts';
import { OfferCard } from './offer-card.tsx';
import { PositionStream } from './position-stream.ts';
import { Stops } from './stops.tsx';
import { openOffers } from './work.ts';

/** On duty, asked, under way, and what the day has brought. */
export function CourierPage({ engine, leave }: PageProps): JSX.Element {
  const who = { name: engine.session.subject, signOut: leave };
  // Before anything is waited for: the engine tells what there is to do as soon as it has welcomed us.
  const live = useLive(engine);
  const city = useLoaded(() => engine.api.city(engine.session.cityId), [engine]);
  const isDays = route.value[0] === 'days';
  return (
    <Frame where={t('courier.title')} who={who} tools={<Tabs isDays={isDays} />}>
      <ConnectionBanner engine={engine} />
      {engine.connection.value === 'replaced' ? <TakenOver /> : null}
      {city.state === 'loading' ? <Loading /> : null}
      {city.state === 'failed' ? <Failed reason={city.reason} onRetry={city.retry} /> : null}
      {city.state === 'here' ? (
        <Inside engine={engine} city={city.value} {...live} isDays={isDays} />
      ) : null}
    </Frame>
  );
}

/** What goes on whatever the page shows: the work, the position, and the bell. */
function useLive(engine: PageProps['engine']): Pick<CourierParts, 'desk' | 'stream' | 'bell'> {
  const live = useMemo(() => {
    const bell = new Bell();
    const geolocation = 'geolocation' in navigator ? navigator.geolocation : null;
    const tell = (fix: Fix): void => engine.socket.sendFixes([fix]);
    const stream = new PositionStream({ geolocation, tell });
    return { bell, stream, desk: new CourierDesk(engine, bell) };
  }, [engine]);
  useEffect(() => {
    return () => {
      live.desk.close();
      live.stream.stop();
      live.bell.close();
    };
  }, [live]);
  return live;
}

function Tabs({ isDays }: { isDays: boolean }): JSX.Element {
  const link = (name: string, text: string, here: boolean): JSX.Element => (
    <a class="courier-tab" href={hrefOf(name)} aria-current={here ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav class="row courier-tabs" aria-label={t('courier.title')}>
      {link('work', t('courier.work'), !isDays)}
      {link('days', t('courier.days'), isDays)}
    </nav>
  );
}

/** Another device has signed in as this courier; this one hears nothing any more. */
function TakenOver(): JSX.Element {
  return (
    <div class="page-column" role="alert">
      <Empty icon="alert" title={t('courier.replaced')}>
        <p>{t('courier.replaced.what')}</p>
        <Button kind="primary" onPress={() => location.reload()}>
          {t('courier.replaced.here')}
        </Button>
      </Empty>
    </div>
  );
}

function Inside({ isDays, ...parts }: CourierParts & { isDays: boolean }): JSX.Element | null {
  const { engine, city, desk, stream } = parts;
  const { onDuty, orders } = desk.work.value;
  const isOver = engine.connection.value === 'replaced' || engine.connection.value === 'ended';
  const wanted = { onDuty: onDuty === true && !isOver, hasWork: orders.length > 0 && !isOver };
  useEffect(() => stream.want(wanted), [stream, wanted.onDuty, wanted.hasWork]);
  useScreenOn(wanted.hasWork);
  if (isOver) return null;
  if (isDays) return <Days engine={engine} city={city} />;
  return (
    <div class="courier">
      <CourierMap {...parts} />
      <section class="courier-panel stack">
        <Duty {...parts} />
        <PositionNote stream={stream} />
        <Offers {...parts} />
        <Stops {...parts} />
        <Waiting {...parts} />
      </section>
    </div>
  );
}

/** What the parts of the page share. */
export interface CourierParts {
  readonly engine: PageProps['engine'];
  readonly city: CityView;
  readonly desk: CourierDesk;
  readonly stream: PositionStream;
  readonly bell: Bell;
}

function Duty({ desk, bell }: CourierParts): JSX.Element {
  const { onDuty } = desk.work.value;
  const set = async (wanted: boolean): Promise<void> => {
    // Sound is allowed from within a press only, so it comes first.
    if (wanted) await bell.turnOn();
    try {
      await desk.setDuty(wanted);
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  return (
    <div class="row spread courier-duty">
      <h1 class="row">
        <span class="dot" data-on={onDuty === true} />
        {t(onDuty === true ? 'courier.onDuty' : 'courier.offDuty')}
      </h1>
      <span class="row">
        {onDuty === true && !bell.isOn.value ? (
          <Button label={t('courier.sound')} onPress={() => bell.turnOn()}>
            <Icon name="sound" />
          </Button>
        ) : null}
        <Button
          kind={onDuty === true ? 'plain' : 'primary'}
          disabled={onDuty === null}
          onPress={() => set(onDuty !== true)}
        >
          {t(onDuty === true ? 'courier.goOff' : 'courier.goOn')}
        </Button>
      </span>
    </div>
  );
}

/** Without a position dispatch asks somebody else. */
function PositionNote({ stream }: { stream: PositionStream }): JSX.Element {
  const state = stream.state.value;
  return (
    <div role="status" aria-live="polite">
      {state === 'refused' || state === 'lost' ? (
        <p class="banner courier-note" data-tone="warn">
          <Icon name="alert" />
          {t(`courier.position.${state}`)}
        </p>
      ) : null}
    </div>
  );
}

function Offers(parts: CourierParts): JSX.Element {
  const offers = openOffers(parts.desk.work.value, parts.engine.nowMs);
  return (
    <div class="stack" aria-live="assertive">
      {offers.map((seen) => (
        <OfferCard key={seen.offer.offerId} seen={seen} {...parts} />
      ))}
    </div>
  );
}

function Waiting({ desk, engine }: CourierParts): JSX.Element | null {
  const { onDuty, orders } = desk.work.value;
  const offers = openOffers(desk.work.value, engine.nowMs);
  if (onDuty === null || orders.length > 0 || offers.length > 0) return null;
  return onDuty ? (
    <Empty icon="bike" title={t('courier.waiting')}>
      <p>{t('courier.waiting.what')}</p>
    </Empty>
  ) : (
    <Empty icon="bike" title={t('courier.resting')}>
      <p>{t('courier.resting.what')}</p>
    </Empty>
  );
}

/** Browsers stop telling positions when the screen goes dark. */
function useScreenOn(isWanted: boolean): void {
  const [isVisible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const look = (): void => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  useEffect(() => {
    if (!isWanted || !isVisible || !('wakeLock' in navigator)) return;
    // Refused on an empty battery, and given up whenever the page is hidden.
    const lock = navigator.wakeLock.request('screen').catch(() => null);
    return () => void lock.then((held) => held?.release());
  }, [isWanted, isVisible]);
}
