import type { Database } from './database/pool.ts';

/** An event that waits longer for the relay means that nobody hears of what happens. */
const OUTBOX_LAG_SECONDS_MAX = 15;

const OUTBOX_LAG = {
  name: 'outbox_lag',
  text: `
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS seconds
    FROM outbox`,
};

/** A part of the order core that may be down. */
export interface CoreHealthCheck {
  readonly name: string;
  /** Rejects with the reason when the part does not work. */
  check(): Promise<void>;
}

export function healthChecks(database: Database): readonly CoreHealthCheck[] {
  const lagSeconds = async (): Promise<number> => {
    const [row] = await database.query<{ seconds: number }>(OUTBOX_LAG);
    return row?.seconds ?? 0;
  };
  return [
    {
      name: 'database',
      async check(): Promise<void> {
        await lagSeconds();
      },
    },
    {
      name: 'outbox',
      async check(): Promise<void> {
        const seconds = await lagSeconds();
        if (seconds > OUTBOX_LAG_SECONDS_MAX) {
          throw new Error(`the oldest event has waited ${Math.round(seconds)} s`);
        }
      },
    },
  ];
}
