import type { JSX } from 'preact';
import { t } from '../i18n/locale.ts';
import type { Connection, EngineLink } from './engine-link.ts';

/** Says it when the page does not hear the engine. Always there, so that screen readers are told. */
export function ConnectionBanner({ engine }: { engine: EngineLink }): JSX.Element {
  const text = textOf(engine.connection.value);
  return (
    <div role="status" aria-live="polite">
      {text === null ? null : (
        <p class="banner" data-tone={text.isOver ? 'danger' : 'warn'}>
          <span class="dot" data-beats={!text.isOver} />
          {text.says}
        </p>
      )}
    </div>
  );
}

function textOf(connection: Connection): { says: string; isOver: boolean } | null {
  switch (connection) {
    case 'connecting':
    case 'live':
      return null;
    case 'lost':
      return { says: t('connection.lost'), isOver: false };
    case 'polling':
      return { says: t('connection.polling'), isOver: false };
    case 'replaced':
      return { says: t('connection.replaced'), isOver: true };
    case 'ended':
      return { says: t('connection.ended'), isOver: true };
  }
}
