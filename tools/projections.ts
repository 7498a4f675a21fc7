import { SingleBar } from 'cli-progress';
import { z } from 'zod';
import { readModelFigures, rebuildReadModels, type Database } from '../order-core/index.ts';
import { runCommand, UsageError } from '../runtime/index.ts';
import { withBooks } from './books.ts';

const HELP = `Usage: npm run projections -- status [--json]
       npm run projections -- rebuild [--dry-run]

The read models (a customer's orders, a restaurant's days, a courier's days) are made of events alone.

  status    how many orders they hold, how many wait, and what holds them up
  rebuild   throws them away and makes them again from the first event; the engine may run

Works on DATABASE_URL, or on the database of HEXFLEET_DATA_DIR, whether its engine runs or not.
Exit code: 0; 1 when status finds orders that were given up; 2 when it could not be done.
`;

await runCommand({
  help: HELP,
  options: z.object({ json: z.boolean().default(false), 'dry-run': z.boolean().default(false) }),
  positionalsMax: 1,
  async run({ json, 'dry-run': dryRun }, [action]) {
    if (action !== 'status' && action !== 'rebuild')
      throw new UsageError('What is to be done: status or rebuild?');
    return await withBooks(async ({ database }) => {
      if (action === 'status') return await status(database, json);
      await rebuild(database, dryRun);
      return true;
    });
  },
});

/** @returns whether no order was given up */
async function status(database: Database, json: boolean): Promise<boolean> {
  const figures = await readModelFigures(database);
  const { orders, waiting, stuck, error } = figures;
  if (json) console.log(JSON.stringify(figures, null, 2));
  else console.log(`${orders} orders, ${waiting} events waiting, ${stuck} given up.`);
  if (error !== null && !json) console.log(`The last failure: ${error}`);
  return stuck === 0;
}

async function rebuild(database: Database, dryRun: boolean): Promise<void> {
  if (dryRun) {
    const { orders } = await readModelFigures(database);
    console.log(`${orders} orders would be thrown away and made again.`);
    return;
  }
  const bar = new SingleBar({ format: '{bar} {value}/{total} orders', hideCursor: true });
  let started = false;
  const events = await rebuildReadModels(database, (done, total) => {
    if (!started) bar.start(total, 0);
    started = true;
    bar.setTotal(total);
    bar.update(done);
  });
  if (started) bar.stop();
  console.log(`Made again from ${events} events.`);
}
