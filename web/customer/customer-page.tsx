import type { JSX } from 'preact';
import { Frame } from '../design/frame.tsx';
import { t } from '../i18n/locale.ts';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import type { PageProps } from '../session/begin-page.tsx';
import { Restaurants } from './restaurants.tsx';

/** Ordering, and watching what was ordered. */
export function CustomerPage({ engine, leave }: PageProps): JSX.Element {
  const who = { name: engine.session.subject, signOut: leave };
  return (
    <Frame where={t('customer.title')} who={who}>
      <ConnectionBanner engine={engine} />
      <Restaurants engine={engine} />
    </Frame>
  );
}
