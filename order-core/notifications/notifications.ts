import type { NotificationChannelName } from '../../protocol/index.ts';
import type { Clock, Config, Logger, Metrics, Random, TimeScale } from '../../runtime/index.ts';
import type { Database } from '../database/pool.ts';
import type { InboxConsumer } from '../outbox/inbox-consumer.ts';
import type { NotificationChannels } from './channel.ts';
import { NotificationDesk } from './desk.ts';
import { notifier } from './notifier.ts';
import { Sender } from './sender.ts';

export interface NotificationsDeps {
  readonly config: Pick<Config, 'WEBHOOK_ALLOWED_HOSTS'>;
  readonly database: Database;
  /** For what is made again when it is lost: rows from events. */
  readonly repeatable: Database;
  readonly channels: NotificationChannels;
  readonly timeScale: TimeScale;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The two halves: events become rows, rows are sent; and what people say about it. */
export class Notifications {
  readonly desk: NotificationDesk;
  readonly #notifier: InboxConsumer;
  readonly #sender: Sender;

  constructor(deps: NotificationsDeps) {
    const { repeatable, channels, timeScale, metrics, log } = deps;
    const allowed = deps.config.WEBHOOK_ALLOWED_HOSTS ?? [];
    this.desk = new NotificationDesk(deps.database, channels, allowed);
    this.#sender = new Sender(deps);
    this.#notifier = notifier({
      database: repeatable,
      configured: configuredOf(channels),
      timeScale,
      planned: () => this.#sender.wake(),
      metrics,
      log,
    });
  }

  /** No other engine may work on this database. */
  async start(): Promise<void> {
    this.#notifier.start();
    await this.#sender.start();
  }

  /** The relay has handed something over. */
  wake(): void {
    this.#notifier.wake();
  }

  /** Something is due. */
  wakeSender(): void {
    this.#sender.wake();
  }

  /** What is under way ends; the rest is durable and goes on later. */
  async stop(): Promise<void> {
    await this.#notifier.stop();
    await this.#sender.stop();
  }
}

function configuredOf(channels: NotificationChannels): ReadonlySet<NotificationChannelName> {
  const names = ['email', 'webhook', 'sms', 'push'] as const;
  return new Set(names.filter((name) => channels[name] !== null));
}
