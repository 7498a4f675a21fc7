import { existsSync } from 'node:fs';
import { z } from 'zod';
import { plainInteger, runCommand, UsageError } from '../runtime/index.ts';
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

Exit code: 0; 2 when it could not be done.
`;

const count = (byDefault: number, max: number) =>
  plainInteger(z.number().min(1).max(max)).default(byDefault);

await runCommand({
  help: HELP,
  options: z.object({
    out: z.string().min(1).optional(),
    seed: plainInteger(z.number()).default(1),
    orders: count(300, 100_000),
    restaurants: count(40, 5_000),
    couriers: count(50, 50_000),
    'size-meters': plainInteger(z.number().min(500).max(50_000)).default(9_000),
    info: z.string().min(1).optional(),
    force: z.boolean().default(false),
  }),
  async run({ out, info, force, 'size-meters': sizeMeters, ...recipe }) {
    if (info !== undefined) {
      console.log(describe(await readDay(info)));
      return true;
    }
    if (out === undefined) throw new UsageError('--out: where the day goes');
    if (existsSync(out) && !force) {
      throw new UsageError(`--out: ${out} exists; --force replaces the day in it`);
    }
    const day = generateDay({ ...recipe, sizeMeters });
    await writeDay(out, day);
    console.log(`${describe(day)}\n\nwritten to ${out}`);
    return true;
  },
});

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
