import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { interrupted, plainInteger, runCommand } from '../../../runtime/index.ts';
import { measureFrames, type FrameFigures, type FramesReport } from './measure-frames.ts';

const HELP = `Usage: npm run pages:frames -- [--couriers 5000] [--rate 1667] [--seconds 300]

What the operators' console costs its browser when a whole city moves: starts an engine, couriers at
sockets of their own, and Chromium; counts by the browser's own trace how long script runs in each frame,
and by its heap whether memory grows.

--couriers N   all of them in view
--rate N       fixes a second, of all couriers together
--seconds N    how long; the trace is of the first 20, the heap is read over all of it

Exit code: 0 when it was measured, 2 when it was not or for a wrong call, 130 after Ctrl-C.
`;

const count = (byDefault: number) =>
  plainInteger(z.number().min(1).max(100_000)).default(byDefault);

await runCommand({
  help: HELP,
  options: z.object({ couriers: count(5_000), rate: count(1_667), seconds: count(300) }),
  async run(options) {
    const directory = join(tmpdir(), `hexfleet-frames-${process.pid}`);
    // Not mkdtemp: PostgreSQL, which is somebody else when we are root, must come through.
    await mkdir(directory, { mode: 0o755 });
    try {
      const say = (line: string): void => void process.stderr.write(`${line}\n`);
      const signal = interrupted();
      process.stdout.write(textOf(await measureFrames({ ...options, directory, signal, say })));
      return true;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
});

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
