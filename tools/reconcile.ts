import { z } from 'zod';
import { compareLedgers } from '../order-core/index.ts';
import { runCommand } from '../runtime/index.ts';
import { withBooks } from './books.ts';

const HELP = `Usage: npm run reconcile [-- --json]

Compares our books with the payment provider's, order by order: what is held, taken and given back.
Orders whose money is just being moved are left out. The provider is asked at PAYMENT_API_URL, or
beside the running engine of HEXFLEET_DATA_DIR.

  --json   prints the differences as JSON

Exit code: 0 when both say the same, 1 when they differ, 2 when it could not be found out.
`;

await runCommand({
  help: HELP,
  options: z.object({ json: z.boolean().default(false) }),
  async run({ json }) {
    const { orders, differences } = await withBooks(({ database, provider }) => {
      if (provider === null) {
        throw new Error('The payment provider cannot be asked: start the engine first.');
      }
      return compareLedgers(database, provider);
    });
    if (json) console.log(JSON.stringify(differences, null, 2));
    else report(orders, differences);
    return differences.length === 0;
  },
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
