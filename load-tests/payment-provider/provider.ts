import type { Server } from 'node:http';
import { createLogger, Loop, type Clock } from '../../runtime/index.ts';
import { Control } from './control.ts';
import { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { Operations } from './operations.ts';
import { ProviderServer } from './server.ts';
import { WebhookSender, type WebhookTarget } from './webhooks.ts';

/** Between two looks for authorizations that lapsed. */
const SWEEP_EVERY_MS = 500;

/** The parts of the provider, joined; its own `server` is for the caller to listen with. */
export interface Provider {
  readonly server: Server;
  /** Begins to sweep and to deliver. */
  start(): void;
  /** Ends both; the ledger stays open. */
  stop(): Promise<void>;
}

export function createProvider(options: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly authorizationSeconds: number;
  /** Null when nobody listens for webhooks. */
  readonly target: WebhookTarget | null;
}): Provider {
  const { ledger, clock, authorizationSeconds, target } = options;
  const faults = new Faults();
  const webhooks = target === null ? null : new WebhookSender({ ledger, target, clock, faults });
  const onEvent = webhooks === null ? null : (): void => webhooks.wake();
  const operations = new Operations({ ledger, clock, authorizationSeconds, onEvent });
  const control = new Control({ ledger, operations, faults, webhooks });
  const { server } = new ProviderServer({ ledger, operations, faults, control });
  const sweep = new Loop({
    name: 'lapse authorizations',
    idleMs: SWEEP_EVERY_MS,
    log: createLogger('error', process.stderr),
    round: () => operations.sweep(),
  });
  return {
    server,
    start: () => {
      sweep.start();
      webhooks?.start();
    },
    stop: async () => {
      await Promise.all([sweep.stop(), webhooks?.stop()]);
    },
  };
}
