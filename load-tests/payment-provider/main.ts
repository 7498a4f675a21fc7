import { z } from 'zod';
import { plainInteger, runCommand, systemClock } from '../../runtime/index.ts';
import { Ledger } from './ledger.ts';
import { AUTHORIZATION_SECONDS_DEFAULT } from './operations.ts';
import { createProvider } from './provider.ts';
import type { WebhookTarget } from './webhooks.ts';

/** A year: more is a slip of the hand. */
const AUTHORIZATION_SECONDS_MAX = 366 * 24 * 3_600;

/** The simulated payment provider's process. */
const HELP = `Usage: node load-tests/payment-provider/main.ts [--host HOST] [--port N] --data-dir DIR
         [--authorization-seconds N] [--webhook-url URL --webhook-secret whsec_...]

Speaks the part of Stripe's HTTP API that the engine uses, and moves no money: payment intents with
manual capture, refunds, signed webhooks. Its books are kept in DIR/ledger.jsonl, and read again when
it starts.

  --host                   (127.0.0.1)
  --port                   0 for any (8091)
  --data-dir               is made when it is not there
  --authorization-seconds  an intent not captured by then is canceled (${AUTHORIZATION_SECONDS_DEFAULT}, 7 days)
  --webhook-url            where events are sent, in order, each until it is answered with 2xx
  --webhook-secret         whsec_..., signs them as Stripe does

  pm_card_visa, or any other pm_...           pays
  pm_card_chargeDeclined                      is declined: generic_decline
  pm_card_chargeDeclinedInsufficientFunds     is declined: insufficient_funds
  pm_card_chargeDeclinedExpiredCard           is declined: expired_card

GET /_health says that it is up and how many webhooks wait, GET /_ledger shows the books,
POST /_faults replaces what shall go wrong, GET /_faults shows what of it is left:
  failRequests: n        answered with 500, no effect
  loseAnswers: n         effect, then the connection is cut
  failAfterEffect: n     effect, then 500
  answerTwice: n         answered twice over
  delayMs                every request hangs before its effect
  hangAfterEffectMs      every answer comes so long after its effect
  duplicateWebhooks: n   delivered twice
  reorderWebhooks: n     gathered, at most 5 s, and sent in reverse order
  dropWebhooks: n        never sent
  forgeWebhooks: n       sent with a wrong signature first

Started with an IPC channel it says { port } when it listens, and ends when the channel closes.

Exit code: 0 when it was ended; 2 for a wrong call, or when it cannot listen or read its books.
`;

const callSchema = z
  .object({
    host: z.string().min(1).default('127.0.0.1'),
    port: plainInteger(z.number().max(65_535)).default(8_091),
    'data-dir': z.string('is needed').min(1),
    'authorization-seconds': plainInteger(z.number().min(1).max(AUTHORIZATION_SECONDS_MAX)).default(
      AUTHORIZATION_SECONDS_DEFAULT,
    ),
    'webhook-url': z.url({ protocol: /^https?$/ }).optional(),
    'webhook-secret': z
      .string()
      .regex(/^whsec_\S+$/, 'begins with whsec_')
      .optional(),
  })
  .refine(
    (call) => (call['webhook-url'] === undefined) === (call['webhook-secret'] === undefined),
    {
      path: ['webhook-url'],
      message: 'and webhook-secret are needed both or neither',
    },
  );
type ProviderCall = z.output<typeof callSchema>;

await runCommand({
  help: HELP,
  options: callSchema,
  async run(call) {
    await serve(call);
    return true;
  },
});

/** Begins; the process ends by itself when it is asked to, or when it cannot listen. */
async function serve(call: ProviderCall): Promise<void> {
  const { host, port, 'data-dir': dataDir, 'authorization-seconds': authorizationSeconds } = call;
  const ledger = await Ledger.open(dataDir);
  const target = targetOf(call);
  const provider = createProvider({ ledger, clock: systemClock, authorizationSeconds, target });
  const { server } = provider;
  const end = (): void => {
    const close = async (): Promise<void> => {
      await provider.stop();
      await ledger.close();
    };
    server.close(() => void close().finally(() => process.exit(0)));
    server.closeAllConnections();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  server.on('error', (error) => {
    console.error(`cannot listen on ${host}:${port}: ${error.message}`);
    process.exit(2);
  });
  server.listen(port, host, () => {
    const address = server.address();
    const listening = typeof address === 'object' && address !== null ? address.port : port;
    provider.start();
    console.log(`payment provider: http://${host}:${listening}, books in ${dataDir}`);
    if (process.send === undefined) return;
    // A parent that went while the books were read has closed the channel before anybody heard it.
    if (process.connected) process.send({ port: listening });
    else end();
  });
}

function targetOf({
  'webhook-url': url,
  'webhook-secret': secret,
}: ProviderCall): WebhookTarget | null {
  return url === undefined || secret === undefined ? null : { url, secret };
}
