import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { generateDay, readDay, spanOf, writeDay, type Day } from './days/index.ts';

/** Makes a synthetic day, or shows what a day has. */
const HELP = `Usage: npm run day -- --out DIR [--seed N] [--orders N] [--restaurants N] [--couriers N]
                                 [--size-meters N] [--force]
       npm run day -- --info DIR

Writes a synthetic day of orders, in the format that \`npm run replay\` plays: two meals, restaurants
that crowd the centre, couriers in shifts. The same seed gives the same day.

  --out          where the four files go; --force replaces a day that is there
  --seed         (1)
  --orders       (300)
  --restaurants  (40)
  --couriers     (50)
  --size-meters  side of the city (9000)
  --info         shows a day instead
`;

const count = (byDefault: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(byDefault);
const callSchema = z.object({
  out: z.string().min(1),
  seed: z.coerce.number().int().default(1),
  orders: count(300, 100_000),
  restaurants: count(40, 5_000),
  couriers: count(50, 50_000),
  'size-meters': z.coerce.number().int().min(500).max(50_000).default(9_000),
});

await main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        out: { type: 'string' },
        seed: { type: 'string' },
        orders: { type: 'string' },
        restaurants: { type: 'string' },
        couriers: { type: 'string' },
        'size-meters': { type: 'string' },
        info: { type: 'string' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return console.log(HELP);
    if (values.info !== undefined) return console.log(describe(await readDay(values.info)));
    const call = callSchema.safeParse(values);
    if (!call.success) throw new Error(`${z.prettifyError(call.error)}\n\n${HELP}`);
    const { out, 'size-meters': sizeMeters, ...recipe } = call.data;
    if (existsSync(out) && values.force !== true) {
      throw new Error(`${out} exists; --force replaces the day in it`);
    }
    const day = generateDay({ ...recipe, sizeMeters });
    await writeDay(out, day);
    console.log(`${describe(day)}\n\nwritten to ${out}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}

/** What the day has, and a bar per hour. */
function describe(day: Day): string {
  const { orders, restaurants, couriers } = day;
  const { fromMinute, toMinute } = spanOf(day);
  const hours = new Map<number, number>();
  for (const { placedAtMinute } of orders) {
    const hour = Math.floor(placedAtMinute / 60);
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  const most = Math.max(...hours.values());
  const bars = [...hours]
    .toSorted(([a], [b]) => a - b)
    .map(([hour, n]) => {
      const bar = '█'.repeat(Math.max(1, Math.round((n / most) * 50)));
      return `  ${String(hour).padStart(2, '0')}:00  ${bar} ${n}`;
    });
  const counts = `${orders.length} orders, ${restaurants.length} restaurants, ${couriers.length} couriers`;
  return [`${counts}, from ${clock(fromMinute)} to ${clock(toMinute)}`, '', ...bars].join('\n');
}

function clock(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
