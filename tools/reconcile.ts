import { parseArgs } from 'node:util';
import { compareLedgers } from '../order-core/index.ts';
import { readConfig } from '../runtime/index.ts';
import { openBooks } from './books.ts';
import { runCommand, UsageError } from './command.ts';

const HELP = `Usage: npm run reconcile [-- --json]

Compares our books with the payment provider's, order by order: what is held, taken and given back.
Orders whose money is just being moved are left out. The provider is asked at PAYMENT_API_URL, or
beside the running engine of HEXFLEET_DATA_DIR.

  --json   prints the differences as JSON

Exit code: 0 when both say the same, 1 when they differ, 2 when it could not be found out.
`;

await runCommand(async () => {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const books = await openBooks(readConfig(process.env));
  const { database, provider } = books;
  try {
    if (provider === null) {
      throw new UsageError('The payment provider cannot be asked: start the engine first.');
    }
    const { orders, differences } = await compareLedgers(database, provider);
    if (values.json === true) console.log(JSON.stringify(differences, null, 2));
    else report(orders, differences);
    return differences.length === 0 ? 0 : 1;
  } finally {
    await books.close();
  }
});

function report(
  orders: number,
  differences: Awaited<ReturnType<typeof compareLedgers>>['differences'],
): void {
  for (const { orderId, ours, theirs } of differences) {
    console.log(`order ${orderId}`);
    console.log(`  ours    ${JSON.stringify(ours)}`);
    console.log(`  theirs  ${theirs.map((entry) => JSON.stringify(entry)).join('\n          ')}`);
  }
  const found = differences.length === 0 ? 'no difference' : `${differences.length} differ`;
  console.log(`${orders} orders compared: ${found}.`);
}
