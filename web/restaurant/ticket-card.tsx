import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RejectReason } from '../../protocol/index.ts';
import { Button, Icon } from '../design/controls.tsx';
import { Badge, CountdownRing, Dialog } from '../design/surfaces.tsx';
import { clockTime } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { columnOf, type Ticket } from './kitchen.ts';
import type { LiveKitchen } from './live-kitchen.ts';

interface TicketProps {
  readonly engine: EngineLink;
  readonly live: LiveKitchen;
  readonly ticket: Ticket;
}

/** What people call an order when its customer gave it no name: the end of its id. */
const SHORT_ID_LENGTH = 4;

function nameOf({ order }: Ticket): string {
  return order.reference ?? order.orderId.slice(-SHORT_ID_LENGTH).toUpperCase();
}

export function TicketCard(props: TicketProps): JSX.Element {
  const { ticket, engine } = props;
  const { order } = ticket;
  const column = columnOf(ticket);
  return (
    <li class="card ticket" data-column={column}>
      <div class="row spread">
        <div>
          <h3 class="ticket-name">{nameOf(ticket)}</h3>
          <p class="soft small">{t('ticket.placedAt', { time: clockTime(order.placedAtMs) })}</p>
        </div>
        {column === 'new' ? <AnswerClock engine={engine} ticket={ticket} /> : null}
      </div>
      <ul class="ticket-items">
        {order.items.map(({ itemId, name, quantity }) => (
          <li key={itemId}>
            <b class="digits">{t('ticket.quantity', { quantity })}</b>
            <span>{name}</span>
          </li>
        ))}
      </ul>
      {column === 'new' ? null : <WhenAndWho ticket={ticket} />}
      {column === 'new' ? <Answer {...props} /> : null}
      {column === 'cooking' ? <Cook {...props} /> : null}
    </li>
  );
}

/** How long the restaurant has to answer; then the order is cancelled. */
function AnswerClock({ engine, ticket }: Pick<TicketProps, 'engine' | 'ticket'>) {
  if (ticket.paidAtMs === null) return null;
  const { restaurantAnswerSeconds } = engine.config;
  const passed = Math.max(0, -engine.citySecondsUntil(ticket.paidAtMs));
  const seconds = restaurantAnswerSeconds - passed;
  return <CountdownRing part={seconds / restaurantAnswerSeconds} seconds={seconds} />;
}

function WhenAndWho({ ticket }: { ticket: Ticket }): JSX.Element {
  const { order, courier, courierAtMs } = ticket;
  const isComing = courier === 'coming' && courierAtMs !== null;
  return (
    <div class="row wrap">
      {order.readyAtMs === null || order.state === 'READY' ? null : (
        <Badge tone="info">
          <Icon name="clock" size={16} />
          {t('ticket.readyAt', { time: clockTime(order.readyAtMs) })}
        </Badge>
      )}
      <Badge tone={courier === 'here' ? 'good' : courier === 'none' ? 'plain' : 'accent'}>
        <Icon name="bike" size={16} />
        {isComing
          ? t('ticket.courierAt', { time: clockTime(courierAtMs) })
          : t(`ticket.courier.${courier}`)}
      </Badge>
    </div>
  );
}

const PREPARATION_MINUTES = [5, 10, 15, 20, 30, 45];
const DELAY_MINUTES = [5, 10, 15, 20];
const REASONS: readonly RejectReason[] = ['too_busy', 'out_of_stock', 'closing', 'other'];

function Answer({ live, ticket }: TicketProps): JSX.Element {
  const [asks, setAsks] = useState<'nothing' | 'time' | 'reason'>('nothing');
  const close = (): void => setAsks('nothing');
  return (
    <div class="row">
      <span class="grow">
        <Button kind="primary" large wide onPress={() => setAsks('time')}>
          {t('ticket.accept')}
        </Button>
      </span>
      <Button kind="danger" large onPress={() => setAsks('reason')}>
        {t('ticket.reject')}
      </Button>
      {asks === 'time' ? (
        <MinutesDialog
          title={t('ticket.accept.when')}
          choices={PREPARATION_MINUTES}
          onClose={close}
          onChoice={(minutes) =>
            live.command(ticket, { type: 'accept_order', preparationSeconds: minutes * 60 })
          }
        />
      ) : null}
      {asks === 'reason' ? (
        <Dialog title={t('ticket.reject.why')} onClose={close}>
          <div class="choice-grid">
            {REASONS.map((reason) => (
              <Button
                key={reason}
                large
                onPress={async () => {
                  await live.command(ticket, { type: 'reject_order', reason });
                  close();
                }}
              >
                {t(`ticket.reject.${reason}`)}
              </Button>
            ))}
          </div>
          <DialogEnd onClose={close} />
        </Dialog>
      ) : null}
    </div>
  );
}

function Cook({ live, ticket }: TicketProps): JSX.Element {
  const [isLate, setLate] = useState(false);
  const isStarted = ticket.order.state === 'PREPARING';
  return (
    <div class="row">
      <span class="grow">
        <Button
          kind="primary"
          large
          wide
          onPress={() =>
            live.command(ticket, { type: isStarted ? 'mark_ready' : 'start_preparation' })
          }
        >
          {t(isStarted ? 'ticket.ready' : 'ticket.start')}
        </Button>
      </span>
      <Button large onPress={() => setLate(true)}>
        {t('ticket.later')}
      </Button>
      {isLate ? (
        <MinutesDialog
          title={t('ticket.later.how')}
          choices={DELAY_MINUTES}
          onClose={() => setLate(false)}
          onChoice={(minutes) =>
            live.command(ticket, { type: 'delay_order', bySeconds: minutes * 60 })
          }
        />
      ) : null}
    </div>
  );
}

interface MinutesDialogProps {
  readonly title: string;
  readonly choices: readonly number[];
  readonly onClose: () => void;
  readonly onChoice: (minutes: number) => Promise<void>;
}

/** One press is the answer. */
function MinutesDialog({ title, choices, onClose, onChoice }: MinutesDialogProps): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="choice-grid">
        {choices.map((minutes) => (
          <Button
            key={minutes}
            large
            onPress={async () => {
              await onChoice(minutes);
              onClose();
            }}
          >
            {t('time.minutes', { count: minutes })}
          </Button>
        ))}
      </div>
      <DialogEnd onClose={onClose} />
    </Dialog>
  );
}

function DialogEnd({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <div class="dialog-actions">
      <Button kind="quiet" onPress={onClose}>
        {t('app.back')}
      </Button>
    </div>
  );
}
