import { z } from 'zod';
import { checkInvariants, type InvariantResult } from '../order-core/index.ts';
import { runCommand } from '../runtime/index.ts';
import { withBooks } from './books.ts';

const HELP = `Usage: npm run check:invariants [-- --json]

Checks what must always hold of orders, money and couriers, in DATABASE_URL, or in the database of
HEXFLEET_DATA_DIR, whether its engine runs or not. The payment provider's own books are compared
when it can be reached: at PAYMENT_API_URL, or beside the running engine.

  --json      prints the result as JSON

Exit code: 0 when all hold, 1 when one is broken, 2 when it could not be checked.
`;

await runCommand({
  help: HELP,
  options: z.object({ json: z.boolean().default(false) }),
  async run({ json }) {
    const results = await withBooks(({ database, provider }) =>
      checkInvariants(database, provider),
    );
    console.log(json ? JSON.stringify(results, null, 2) : report(results));
    return results.every(({ violations }) => violations === 0);
  },
});

function report(results: readonly InvariantResult[]): string {
  const lines = results.flatMap(({ name, says, violations, examples }) => [
    `${violations === 0 ? 'holds ' : 'BROKEN'}  ${name}: ${says}`,
    ...(violations === 0 ? [] : [`        ${violations} times, such as:`]),
    ...examples.map((example) => `        ${JSON.stringify(example)}`),
  ]);
  return lines.join('\n');
}
