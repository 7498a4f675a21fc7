import { parseArgs } from 'node:util';
import { systemClock } from '../../runtime/index.ts';
import { Ledger } from './ledger.ts';
import { ProviderServer } from './server.ts';

/** The simulated payment provider's process. */
const HELP = `Usage: node load-tests/payment-provider/main.ts [--host HOST] [--port N] --data-dir DIR

Speaks the part of Stripe's HTTP API that the engine uses, and moves no money. Its books are kept in
DIR/ledger.jsonl. GET /_ledger shows them; POST /_faults makes it misbehave:
{ "failRequests": 3, "loseAnswers": 1, "delayMs": 200 }.

Started with an IPC channel it says { port } when it listens, and ends when the channel closes.
`;

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8091' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const dataDir = values['data-dir'];
  if (values.help === true) return console.log(HELP);
  if (dataDir === undefined || !/^\d{1,5}$/.test(values.port)) {
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  const ledger = await Ledger.open(dataDir);
  const { server } = new ProviderServer(ledger, systemClock);
  const end = (): void => {
    server.close(() => void ledger.close().then(() => process.exit(0)));
    server.closeAllConnections();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  server.on('error', (error) => {
    console.error(`cannot listen on ${values.host}:${values.port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(Number(values.port), values.host, () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    console.log(`payment provider: http://${values.host}:${port}, books in ${dataDir}`);
    process.send?.({ port });
  });
}
