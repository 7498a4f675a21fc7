import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { readDay } from '../../load-tests/days/index.ts';
import { messageOf } from '../../runtime/index.ts';
import { findInstances, type InstanceSearch } from './find-instances.ts';
import { InstanceThreads } from './instance-threads.ts';
import type { Metrics } from './metrics.ts';
import { HELP, readOptions, type MdrpOptions } from './options.ts';
import { plotDay } from './plot.ts';
import { Progress } from './progress.ts';
import { renderTable, renderViolations } from './report.ts';
import { instanceName, type InstanceResult } from './run-instance.ts';

/** What is to be done, once all that can be wrong with the call has been looked at. */
interface Call {
  readonly options: MdrpOptions;
  readonly search: InstanceSearch;
}

await main();

async function main(): Promise<void> {
  let call: Call | null;
  try {
    call = await readCall();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
    return;
  }
  if (call === null) return void process.stdout.write(HELP);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    // The instances run in threads, which end with the process in the middle of whatever they do.
    process.on(signal, () => process.exit(code));
  }
  try {
    const { options, search } = call;
    const isWell =
      options.all === undefined ? await runOne(options) : await runAll(options, search);
    process.exitCode = isWell ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

/** @returns null when only help was asked for. @throws Error that names the option which is wrong */
async function readCall(): Promise<Call | null> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) return null;
  const { instance, all, out, json, plot } = options;
  let search: InstanceSearch = { instances: [], unreadable: [] };
  if (instance !== undefined) await naming('--instance', checkInstance(instance));
  if (all !== undefined) {
    search = await naming('--all', findInstances(all));
    if (search.instances.length + search.unreadable.length === 0) {
      throw new Error(`--all: there is no instance below ${all}`);
    }
  }
  // Last, and before anything is run: a day's work is not to be lost for a folder that is not there.
  if (json !== undefined) checkFile('--json', json);
  if (plot !== undefined) checkFile('--plot', plot);
  if (out !== undefined) makeDirectory(out);
  return { options, search };
}

async function checkInstance(directory: string): Promise<void> {
  const { orders } = await readDay(directory);
  if (orders.length === 0) throw new Error(`${join(directory, 'orders.txt')} has no orders`);
}

async function naming<T>(option: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${option}: ${messageOf(error)}`, { cause: error });
  }
}

function checkFile(option: string, file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new Error(`${option}: ${file} is a folder`);
  }
  if (statSync(dirname(resolve(file)), { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Error(`${option}: there is no folder for ${file}`);
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new Error(`--out: ${messageOf(error)}`, { cause: error });
  }
}

/** @returns whether the instance has its figures */
async function runOne({ instance = '', strategy, seed, ...to }: MdrpOptions): Promise<boolean> {
  const threads = new InstanceThreads(1);
  const out = to.out ?? temporaryDirectory();
  const result = await threads.run({ directory: instance, strategy, seed, out });
  await threads.close();
  if (result.violations !== null) {
    console.error(renderViolations(instanceName(instance), result.violations));
    return false;
  }
  const { metrics, course } = result;
  const json = `${JSON.stringify(metrics, null, 2)}\n`;
  if (to.json !== undefined) await writeFile(to.json, json);
  if (to.plot !== undefined) await writeFile(to.plot, plotDay(metrics.instance, course));
  process.stdout.write(json);
  return true;
}

/** @returns whether every instance has its figures */
async function runAll(options: MdrpOptions, search: InstanceSearch): Promise<boolean> {
  const { all: root = '', strategy, seed, json } = options;
  const { instances, unreadable } = search;
  const threads = new InstanceThreads(
    Math.max(1, Math.min(availableParallelism(), instances.length)),
  );
  const out = options.out ?? temporaryDirectory();
  const progress = new Progress(instances.length);
  process.on('exit', () => progress.stop());
  const metrics: Metrics[] = [];
  const failures = unreadable.map((sentence) => `Not run: ${sentence}`);
  const runs = instances.map(async ({ directory }) => {
    const name = instanceName(directory);
    try {
      const task = { directory, strategy, seed, out: join(out, relative(root, directory)) };
      const result = await threads.run(task);
      if (result.violations === null) metrics.push(result.metrics);
      else failures.push(renderViolations(name, result.violations));
      progress.done(noteOf(name, result));
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
      progress.done(`${name}: failed`);
    }
  });
  await Promise.all(runs);
  progress.stop();
  await threads.close();
  metrics.sort((a, b) => a.instance.localeCompare(b.instance, 'en', { numeric: true }));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(metrics, null, 2)}\n`);
  if (metrics.length > 0) process.stdout.write(`${renderTable(metrics)}\n`);
  for (const failure of failures) console.error(failure);
  return failures.length === 0;
}

function noteOf(name: string, result: InstanceResult): string {
  if (result.violations !== null) return `${name}: infeasible`;
  const { excess, seconds } = result.metrics;
  return `${name}: excess ${excess.toFixed(2)} in ${seconds.toFixed(1)} s`;
}

/** Gone when the process ends, also by Ctrl-C. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hexfleet-mdrp-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
