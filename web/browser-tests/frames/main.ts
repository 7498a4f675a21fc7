import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../../runtime/index.ts';
import { measureFrames, type FrameFigures, type FramesReport } from './measure-frames.ts';

const HELP = `Usage: npm run pages:frames -- [--couriers 5000] [--rate 1667] [--seconds 300]

What the operators' console costs its browser when a whole city moves: starts an engine, couriers at
sockets of their own, and Chromium; counts by the browser's own trace how long script runs in each frame,
and by its heap whether memory grows.

--couriers N   all of them in view
--rate N       fixes a second, of all couriers together
--seconds N    how long; the trace is of the first 20, the heap is read over all of it

Exit code: 0 when it was measured, 1 when it was not, 2 for a wrong call.
`;

await main();

async function main(): Promise<void> {
  let options: { couriers: number; rate: number; seconds: number };
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      options: {
        couriers: text,
        rate: text,
        seconds: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return void process.stdout.write(HELP);
    options = {
      couriers: count('couriers', values.couriers ?? '5000'),
      rate: count('rate', values.rate ?? '1667'),
      seconds: count('seconds', values.seconds ?? '300'),
    };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 2;
    return;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  const directory = join(tmpdir(), `hexfleet-frames-${process.pid}`);
  // Not mkdtemp: PostgreSQL, which is somebody else when we are root, must come through.
  await mkdir(directory, { mode: 0o755 });
  try {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const { signal } = interrupted;
    const report = await measureFrames({ ...options, directory, signal, say });
    process.stdout.write(textOf(report));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @throws Error that says which */
function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new Error(`--${name} is a whole number from 1 to 100000`);
}

function textOf({ frames, traceSeconds, scriptMs, heapMegabytes, fixesPerSecond }: FramesReport) {
  const line = ({ p50, p95, p99 }: FrameFigures): string =>
    `p50 ${p50.toFixed(1)}  p95 ${p95.toFixed(1)}  p99 ${p99.toFixed(1)}`;
  return `fixes a second              ${fixesPerSecond.toFixed(0)}
frames in ${traceSeconds} s of trace     ${frames}
script per frame, ms        ${line(scriptMs.thread)}
with what else runs here    ${line(scriptMs.wall)}
heap after a collection, MB ${heapMegabytes.map((megabytes) => megabytes.toFixed(1)).join(', ')}
`;
}
