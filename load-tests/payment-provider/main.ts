import { parseArgs } from 'node:util';
import { z } from 'zod';
import { systemClock } from '../../runtime/index.ts';
import { Ledger } from './ledger.ts';
import { ProviderServer } from './server.ts';

/** The simulated payment provider's process. */
const HELP = `Usage: node load-tests/payment-provider/main.ts [--host HOST] [--port N] --data-dir DIR

Speaks the part of Stripe's HTTP API that the engine uses, and moves no money. Its books are kept in
DIR/ledger.jsonl, and read again when it starts.

  --host      (127.0.0.1)
  --port      0 for any (8091)
  --data-dir  is made when it is not there

  pm_card_visa, or any other pm_...           pays
  pm_card_chargeDeclined                      is declined: generic_decline
  pm_card_chargeDeclinedInsufficientFunds     is declined: insufficient_funds
  pm_card_chargeDeclinedExpiredCard           is declined: expired_card

GET /_health says that it is up, GET /_ledger shows the books, POST /_faults makes it misbehave:
  { "failRequests": 3, "loseAnswers": 1, "answerTwice": 1, "delayMs": 200 }

Started with an IPC channel it says { port } when it listens, and ends when the channel closes.
`;

const callSchema = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65_535),
  'data-dir': z.string('is needed').min(1),
});

await main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8091' },
        'data-dir': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return console.log(HELP);
    const call = callSchema.safeParse(values);
    if (!call.success) throw new Error(`${z.prettifyError(call.error)}\n\n${HELP}`);
    await serve(call.data);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

async function serve(call: z.output<typeof callSchema>): Promise<void> {
  const { host, port, 'data-dir': dataDir } = call;
  const ledger = await Ledger.open(dataDir);
  const { server } = new ProviderServer(ledger, systemClock);
  const end = (): void => {
    server.close(() => void ledger.close().finally(() => process.exit(0)));
    server.closeAllConnections();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  server.on('error', (error) => {
    console.error(`cannot listen on ${host}:${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, host, () => {
    const address = server.address();
    const listening = typeof address === 'object' && address !== null ? address.port : port;
    console.log(`payment provider: http://${host}:${listening}, books in ${dataDir}`);
    if (process.send === undefined) return;
    // A parent that went while the books were read has closed the channel before anybody heard it.
    if (process.connected) process.send({ port: listening });
    else end();
  });
}
