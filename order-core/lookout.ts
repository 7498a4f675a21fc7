import { Loop, type Logger } from '../runtime/index.ts';
import type { NotificationChannelName } from '../protocol/index.ts';
import type { Database } from './database/pool.ts';
import { NOTIFICATIONS } from './notifications/kinds.ts';
import { READ_MODELS } from './read-models/store.ts';
import { KNOWN_STEPS } from './saga/step-runner.ts';

/** What a nudge has missed is found so late at most, ms. */
export const LOOK_MS = 500;

/**
 * By the time of the statement and not of the clock, which moves on while it runs: an index is not
 * searched by what moves.
 */
const LOOK = {
  name: 'look_for_work',
  text: `
    SELECT EXISTS (SELECT FROM outbox) AS "outbox",
      EXISTS (SELECT FROM saga_steps
        WHERE due_at <= statement_timestamp() AND step = ANY($1::text[])) AS "steps",
      EXISTS (SELECT FROM consumer_inbox WHERE consumer = '${READ_MODELS}'
        AND due_at <= statement_timestamp()) AS "readModels",
      EXISTS (SELECT FROM consumer_inbox WHERE consumer = '${NOTIFICATIONS}'
        AND due_at <= statement_timestamp()) AS "notifications",
      EXISTS (SELECT FROM notifications WHERE state = 'waiting' AND channel = ANY($2::text[])
        AND rank = ANY('{0,1,2}'::smallint[]) AND due_at <= statement_timestamp()) AS "outgoing"`,
};

/** Whether there is something to do, by who does it. */
export interface Work {
  /** For the relay. */
  readonly outbox: boolean;
  readonly steps: boolean;
  readonly readModels: boolean;
  /** Events of which notifications are to be made. */
  readonly notifications: boolean;
  /** Notifications that are due. */
  readonly outgoing: boolean;
}
const CHANNELS: readonly NotificationChannelName[] = ['email', 'webhook', 'sms', 'push'];

/**
 * Looks for all loops that work off rows whether there are any, in one statement that takes no lock and
 * writes nothing. Each loop by itself would begin and end a transaction to find nothing.
 */
export class Lookout {
  readonly #loop: Loop;

  /** @param deps.found hears of each look */
  constructor(deps: {
    readonly database: Pick<Database, 'query'>;
    readonly found: (work: Work) => void;
    readonly log: Logger;
  }) {
    const { database, found, log } = deps;
    this.#loop = new Loop({
      name: 'lookout',
      idleMs: LOOK_MS,
      log,
      async round(): Promise<boolean> {
        const [work] = await database.query<Work>(LOOK, [KNOWN_STEPS, CHANNELS]);
        if (work !== undefined) found(work);
        return false;
      },
    });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }
}
