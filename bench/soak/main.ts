import Table from 'cli-table3';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { messageOf, plainDecimal, plainInteger } from '../../runtime/index.ts';
import { soak, type Look, type SoakResult } from './soak.ts';

const HELP = `Usage: npm run soak -- [options]

Streams fixes to a real engine for a long time and looks whether it stays as it was.

  --minutes N    how long                        (10)
  --rate N       fixes a second                  (17000)
  --couriers N   sockets                         (5000)
  --json FILE    writes the result there

Exit code: 0 when memory stayed within 5 %, no fix was lost and the event loop's delay stayed below
20 ms at p99 (median of the looks); else 1; 2 for a wrong call.
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

await main();

async function main(): Promise<void> {
  let call: Call | null;
  try {
    call = readCall();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
    return;
  }
  if (call === null) return console.log(HELP);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  process.exitCode = 1;
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet-soak-'));
  try {
    // PostgreSQL, which is somebody else when we are root, must come through.
    await chmod(directory, 0o755);
    const result = await run(call, directory, interrupted.signal);
    if (isFlat(result)) process.exitCode = 0;
  } catch (error) {
    console.error(messageOf(error));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @returns null when only help was asked for. @throws Error with what is wrong */
function readCall(): Call | null {
  const text = { type: 'string' } as const;
  const options = { minutes: text, rate: text, couriers: text, json: text } as const;
  const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) return null;
  const parsed = callSchema.safeParse(values);
  if (!parsed.success) throw new Error(`${z.prettifyError(parsed.error)}\n\n${HELP}`);
  return parsed.data;
}

async function run(call: Call, directory: string, signal: AbortSignal): Promise<SoakResult> {
  const { minutes, rate, couriers, json } = call;
  const seconds = minutes * 60;
  const lookSeconds = Math.max(LOOK_SECONDS_MIN, seconds / LOOKS);
  const options = { rate, couriers, seconds, lookSeconds, directory };
  const result = await soak(options, signal, say);
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

function isFlat({ memoryGrowth, lost, loopDelayP99Ms }: SoakResult): boolean {
  return Math.abs(memoryGrowth) <= GROWTH_MAX && lost === 0 && loopDelayP99Ms < DELAY_P99_MS_MAX;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
