import { userInfo } from 'node:os';
import Table from 'cli-table3';
import { z } from 'zod';
import {
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  showDeadLetter,
  type Database,
} from '../order-core/index.ts';
import { runCommand, UsageError } from '../runtime/index.ts';
import { withBooks } from './books.ts';

const HELP = `Usage: npm run dlq -- list [--all] [--json]
       npm run dlq -- show ID
       npm run dlq -- replay ID|--all [--dry-run]
       npm run dlq -- discard ID --why TEXT [--dry-run]

Dead letters: steps of orders (capture, void, refund) that failed at the payment provider, and
notifications (e-mail, webhook) that failed at their receiver, so often that they were given up. Each
waits for a person.

  list      those that are open, oldest first; --all: also those that were discarded
  show      one, with everything that happened to its order
  replay    try it again from its first try; the engine does it
  discard   nothing more is to be done, because somebody has settled it elsewhere; kept on record

ID is ORDER/STEP/NUMBER, or notification/ID, as list shows it. Works on DATABASE_URL, or on the database of
HEXFLEET_DATA_DIR, whether its engine runs or not. Exit code: 0; 2 when it could not be done.
`;

const LIST_MAX = 1_000;

const optionsSchema = z.object({
  all: z.boolean().default(false),
  json: z.boolean().default(false),
  why: z.string().optional(),
  'dry-run': z.boolean().default(false),
});
type Options = z.output<typeof optionsSchema> & { readonly id: string | undefined };

await runCommand({
  help: HELP,
  options: optionsSchema,
  positionalsMax: 2,
  async run(options, [action, id]) {
    if (action === undefined)
      throw new UsageError('What is to be done: list, show, replay or discard?');
    await withBooks(({ database }) => perform(database, action, { ...options, id }));
    return true;
  },
});

async function perform(database: Database, action: string, options: Options): Promise<void> {
  switch (action) {
    case 'list':
      return await list(database, options);
    case 'show':
      return await show(database, required(options.id, 'ID'));
    case 'replay':
      return await replay(database, options);
    case 'discard':
      return await discard(database, options);
    default:
      throw new UsageError(`There is no "${action}".`);
  }
}

async function list(database: Database, { all, json }: Options): Promise<void> {
  const letters = await listDeadLetters(database, { all, limit: LIST_MAX });
  if (json) return console.log(JSON.stringify(letters, null, 2));
  if (letters.length === 0) return console.log('No dead letters.');
  const table = new Table({ head: ['id', 'given up', 'tries', 'error'], wordWrap: true });
  for (const { id, givenUpAt, attempts, error, discarded } of letters) {
    const why = discarded === null ? error : `discarded by ${discarded.by}: ${discarded.why}`;
    table.push([id, givenUpAt, attempts, why.slice(0, 100)]);
  }
  console.log(table.toString());
}

async function show(database: Database, id: string): Promise<void> {
  console.log(JSON.stringify(await showDeadLetter(database, id), null, 2));
}

async function replay(database: Database, options: Options): Promise<void> {
  const dryRun = options['dry-run'];
  const ids = options.all
    ? (await listDeadLetters(database, { all: false, limit: LIST_MAX })).map(({ id }) => id)
    : [required(options.id, 'ID or --all')];
  for (const id of ids) {
    if (dryRun) await showDeadLetter(database, id);
    else await replayDeadLetter(database, id, operatorName());
    console.log(`${id}: ${dryRun ? 'would be tried again' : 'will be tried again'}`);
  }
}

async function discard(database: Database, options: Options): Promise<void> {
  const id = required(options.id, 'ID');
  const why = required(options.why, '--why TEXT');
  const dryRun = options['dry-run'];
  if (dryRun) await showDeadLetter(database, id);
  else await discardDeadLetter(database, id, { by: operatorName(), why });
  console.log(`${id}: ${dryRun ? 'would be discarded' : 'discarded'}`);
}

/** Whoever is at the keyboard, for the record. */
function operatorName(): string {
  return `shell:${userInfo().username}`;
}

function required(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new UsageError(`${what} is needed.`);
  return value;
}
