import {
  crashPoint,
  DEPENDENCIES,
  isAppError,
  Loop,
  type Clock,
  type Logger,
  type Metrics,
  type Random,
  type Retry,
  withDeadline,
} from '../../runtime/index.ts';
import type { NotificationChannelName } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import type { NotificationChannels } from './channel.ts';
import { deliver, reasonToSkip } from './deliver.ts';
import {
  claimNotifications,
  endNotifications,
  releaseNotifications,
  retryNotifications,
  type ClaimedRow,
} from './outgoing.ts';
import { withoutAddresses } from './privacy.ts';

/** One receiver gets so many at once, and nothing more while so many are under way. */
const PER_RECEIVER = 8;
const STOP_MS = 2_000;
/** Longer than any channel's own deadline; afterwards it is found again. */
const LEASE_MS = 30_000;
/** A new one wakes the sender, and the lookout finds what is due later. */
const IDLE_MS = 30_000;
/** After a round that has failed. */
const PAUSE_MS = 1_000;
const REASON_LENGTH_MAX = 300;

const RETRIES: Readonly<Record<NotificationChannelName, Retry>> = {
  email: DEPENDENCIES.email.retry,
  sms: DEPENDENCIES.email.retry,
  push: DEPENDENCIES.email.retry,
  webhook: DEPENDENCIES.webhook.retry,
};

export interface SenderDeps {
  readonly database: Database;
  readonly channels: NotificationChannels;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Sends what is due: claims it for LEASE_MS, hands it to its channel, and writes down what became of
 * it. A sender that dies leaves rows that become due again, under the same ids: everything is sent at
 * least once, and twice only when it dies between the receiver's yes and our note of it.
 */
export class Sender {
  readonly #deps: SenderDeps;
  readonly #loop: Loop;
  readonly #underWay = new Set<{ readonly channel: string; readonly receiver: string }>();
  readonly #works = new Set<Promise<void>>();
  readonly #seconds: ReturnType<Metrics['latency']>;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
    this.#loop = new Loop({
      name: 'notification sender',
      round: () => this.#round(),
      idleMs: IDLE_MS,
      pauseMs: PAUSE_MS,
      log: deps.log,
    });
    this.#seconds = deps.metrics.latency(
      'hexfleet_notification_seconds',
      'Time of one try to send, by its outcome',
      ['channel', 'outcome'],
    );
  }

  /** No other engine may work on this database. */
  async start(): Promise<void> {
    await releaseNotifications(this.#deps.database, this.#names());
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** Nothing new; what is under way has STOP_MS, and what is cut then is sent again later. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const ended = Promise.all(this.#works);
    await withDeadline(ended, STOP_MS, 'notifications').catch((error: unknown) =>
      this.#deps.log.warn({ err: error }, 'notifications.drain_cut'),
    );
    for (const name of this.#names()) this.#deps.channels[name]?.close();
  }

  #names(): readonly NotificationChannelName[] {
    const all = ['email', 'webhook', 'sms', 'push'] as const;
    return all.filter((name) => this.#deps.channels[name] !== null);
  }

  async #round(): Promise<boolean> {
    let claimed = 0;
    for (const name of this.#names()) claimed += await this.#fill(name);
    return claimed > 0;
  }

  /** @returns how many were claimed */
  async #fill(channel: NotificationChannelName): Promise<number> {
    const mine = [...this.#underWay].filter((work) => work.channel === channel);
    const rows = (this.#deps.channels[channel]?.room() ?? 0) - mine.length;
    if (rows <= 0) return 0;
    const counts = new Map<string, number>();
    for (const { receiver } of mine) counts.set(receiver, (counts.get(receiver) ?? 0) + 1);
    const busy = [...counts].filter(([, count]) => count >= PER_RECEIVER).map(([name]) => name);
    const claimed = await claimNotifications(this.#deps.database, channel, {
      rows,
      leaseMs: LEASE_MS,
      busy,
      perReceiver: PER_RECEIVER,
    });
    for (const envelope of envelopesOf(claimed)) this.#begin(channel, envelope);
    return claimed.length;
  }

  #begin(channel: string, rows: readonly ClaimedRow[]): void {
    const [{ city_id, role, subject }] = rows as [ClaimedRow];
    const place = { channel, receiver: `${city_id}/${role}/${subject}` };
    this.#underWay.add(place);
    const work = this.#work(rows).finally(() => {
      this.#underWay.delete(place);
      this.#works.delete(work);
      this.#loop.wake();
    });
    this.#works.add(work);
  }

  /** Never rejects: a failure becomes a retry, a dead letter, or waits for its lease to end. */
  async #work(rows: readonly ClaimedRow[]): Promise<void> {
    try {
      const wanted: ClaimedRow[] = [];
      for (const row of rows) {
        const reason = reasonToSkip(row);
        if (reason === null) wanted.push(row);
        else await endNotifications(this.#deps.database, [row], 'skipped', reason);
      }
      if (wanted.length > 0) await this.#send(wanted);
    } catch (error) {
      const facts = rows.map((row) => row.notification_id);
      this.#deps.log.error(
        { err: error, notifications: facts },
        'outcome of a notification not written; its lease will end',
      );
    }
  }

  async #send(rows: readonly ClaimedRow[]): Promise<void> {
    const { channels, clock, database } = this.#deps;
    const [{ channel }] = rows as [ClaimedRow];
    const startedMs = clock.monotonicMs();
    const observe = (outcome: string): void =>
      this.#seconds.observe({ channel, outcome }, (clock.monotonicMs() - startedMs) / 1000);
    crashPoint('notification-claimed');
    try {
      await deliver(channels, rows);
    } catch (error) {
      observe('failed');
      return await this.#failed(rows, error);
    }
    observe('sent');
    crashPoint('notification-sent');
    await endNotifications(database, rows, 'sent', null);
  }

  async #failed(rows: readonly ClaimedRow[], error: unknown): Promise<void> {
    const { database, log, random } = this.#deps;
    const [{ channel, kind, attempts, envelope_id, order_id }] = rows as [ClaimedRow];
    const retry = RETRIES[channel];
    const reason = withoutAddresses(reasonOf(error)).slice(0, REASON_LENGTH_MAX);
    const facts = { notification: envelope_id, orderId: order_id, channel, kind, attempts, reason };
    const mayRetry = !isAppError(error) || error.retryable;
    if (!mayRetry || attempts >= retry.attempts) {
      log.error(facts, 'notification given up');
      return await endNotifications(database, rows, 'dead', reason);
    }
    const askedMs = isAppError(error) ? (error.retryAfterMs ?? 0) : 0;
    const inMs = Math.max(Math.min(askedMs, retry.maxMs), delayMs(retry, attempts, random));
    log.warn({ ...facts, inMs }, 'notification not sent; will try again');
    await retryNotifications(database, rows, { reason, inMs });
  }
}

/** Most urgent first, as they were claimed. */
function envelopesOf(rows: readonly ClaimedRow[]): readonly (readonly ClaimedRow[])[] {
  return [...Map.groupBy(rows, (row) => row.envelope_id).values()];
}

/** Exponential with jitter, so that a receiver that comes back is not met by all at once. */
function delayMs({ firstMs, maxMs }: Retry, attempts: number, random: Random): number {
  return Math.min(maxMs, firstMs * 2 ** (attempts - 1)) * (0.5 + random.next() / 2);
}

function reasonOf(error: unknown): string {
  if (isAppError(error)) return `${error.code} ${JSON.stringify(error.details)}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
