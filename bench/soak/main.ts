import Table from 'cli-table3';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { interrupted, plainDecimal, plainInteger, runCommand } from '../../runtime/index.ts';
import { soak, type Look, type SoakResult } from './soak.ts';

const HELP = `Usage: npm run soak -- [options]

Streams fixes to a real engine for a long time and looks whether it stays as it was.

  --minutes N    how long                        (10)
  --rate N       fixes a second                  (17000)
  --couriers N   sockets                         (5000)
  --json FILE    writes the result there

Exit code: 0 when memory stayed within 5 %, no fix was lost and the event loop's delay stayed
below 20 ms at p99 (median of the looks); 1 when not; 2 when that could not be found out; 130 after Ctrl-C.
`;

const GROWTH_MAX = 0.05;
const DELAY_P99_MS_MAX = 20;
const LOOKS = 60;
const LOOK_SECONDS_MIN = 2;
const PLAIN = { head: [], border: [], compact: true };

const callSchema = z.object({
  minutes: plainDecimal(z.number().min(0.05).max(10_000)).default(10),
  rate: plainInteger(z.number().min(1).max(100_000)).default(17_000),
  couriers: plainInteger(z.number().min(1).max(9_000)).default(5_000),
  json: z.string().min(1).optional(),
});
type Call = z.output<typeof callSchema>;

await runCommand({
  help: HELP,
  options: callSchema,
  async run(call) {
    const directory = await mkdtemp(join(tmpdir(), 'hexfleet-soak-'));
    try {
      // PostgreSQL, which is somebody else when we are root, must come through.
      await chmod(directory, 0o755);
      return isSound(await run(call, directory));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
});

async function run(call: Call, directory: string): Promise<SoakResult> {
  const { minutes, rate, couriers, json } = call;
  const seconds = minutes * 60;
  const lookSeconds = Math.max(LOOK_SECONDS_MIN, seconds / LOOKS);
  const options = { rate, couriers, seconds, lookSeconds, directory };
  const result = await soak(options, interrupted(), say);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  const table = new Table({ head: ['soak', 'figure', 'must be'], style: PLAIN });
  table.push(
    ['memory, last third beside first', percent(result.memoryGrowth), 'within 5 %'],
    ['fixes lost', String(result.lost), '0'],
    ['event loop delay p99, median', ms(result.loopDelayP99Ms), 'below 20 ms'],
    ['event loop delay p99, worst look', ms(result.loopDelayP99MsMax), ''],
  );
  console.log(table.toString());
  return result;
}

function say({ atSeconds, residentMb, loopDelayP99Ms, taken }: Look): void {
  const delay = ms(loopDelayP99Ms);
  console.error(
    `${Math.round(atSeconds)} s  ${Math.round(residentMb)} MB  delay p99 ${delay}  ${taken} fixes taken`,
  );
}

function isSound({ memoryGrowth, lost, loopDelayP99Ms }: SoakResult): boolean {
  return Math.abs(memoryGrowth) <= GROWTH_MAX && lost === 0 && loopDelayP99Ms < DELAY_P99_MS_MAX;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
