import type { JSX } from 'preact';
import { Empty, Loading } from '../design/surfaces.tsx';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { ticketsIn, type Column } from './kitchen.ts';
import type { LiveKitchen } from './live-kitchen.ts';
import { TicketCard } from './ticket-card.tsx';

const COLUMNS: readonly Column[] = ['new', 'cooking', 'ready'];

interface BoardProps {
  readonly engine: EngineLink;
  readonly live: LiveKitchen;
}

/** What is to be answered, what is on the stove, what waits for its courier. */
export function Board({ engine, live }: BoardProps): JSX.Element {
  if (!live.isHere.value) return <Loading />;
  const kitchen = live.kitchen.value;
  if (kitchen.size === 0) {
    return (
      <Empty icon="pot" title={t('kitchen.empty')}>
        <p>{t('kitchen.empty.why')}</p>
      </Empty>
    );
  }
  return (
    <div class="board">
      {COLUMNS.map((column) => {
        const tickets = ticketsIn(kitchen, column);
        return (
          <section key={column} class="board-column" aria-label={t(`kitchen.${column}`)}>
            <h2>
              {t(`kitchen.${column}`)} <span class="soft digits">{tickets.length}</span>
            </h2>
            <ul class="stack">
              {tickets.map((ticket) => (
                <TicketCard
                  key={ticket.order.orderId}
                  engine={engine}
                  live={live}
                  ticket={ticket}
                />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
