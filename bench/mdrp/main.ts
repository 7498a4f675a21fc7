import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { readDay } from '../../load-tests/days/index.ts';
import { interrupted, messageOf, runCommand, UsageError } from '../../runtime/index.ts';
import { findInstances, type InstanceSearch } from './find-instances.ts';
import { InstanceThreads } from './instance-threads.ts';
import type { Metrics } from './metrics.ts';
import { HELP, mdrpOptions, type MdrpOptions } from './options.ts';
import { plotDay } from './plot.ts';
import { Progress } from '../../load-tests/progress.ts';
import { renderTable, renderViolations } from './report.ts';
import { instanceName, type InstanceResult } from './run-instance.ts';

await runCommand({
  help: HELP,
  options: mdrpOptions,
  async run(options) {
    const search = await look(options);
    // The instances run in threads, which end with the process in the middle of whatever they do.
    interrupted().addEventListener('abort', () => process.exit(130));
    return options.all === undefined ? await runOne(options) : await runAll(options, search);
  },
});

/**
 * What can be wrong with the call, before anything is run: a day's work is not to be lost for a folder
 * that is not there.
 * @throws UsageError that names the option which is wrong
 */
async function look({ instance, all, out, json, plot }: MdrpOptions): Promise<InstanceSearch> {
  let search: InstanceSearch = { instances: [], unreadable: [] };
  if (instance !== undefined) await naming('--instance', checkInstance(instance));
  if (all !== undefined) {
    search = await naming('--all', findInstances(all));
    if (search.instances.length + search.unreadable.length === 0) {
      throw new UsageError(`--all: there is no instance below ${all}`);
    }
  }
  if (json !== undefined) checkFile('--json', json);
  if (plot !== undefined) checkFile('--plot', plot);
  if (out !== undefined) makeDirectory(out);
  return search;
}

async function checkInstance(directory: string): Promise<void> {
  const { orders } = await readDay(directory);
  if (orders.length === 0) throw new Error(`${join(directory, 'orders.txt')} has no orders`);
}

async function naming<T>(option: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UsageError(`${option}: ${messageOf(error)}`, { cause: error });
  }
}

function checkFile(option: string, file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`${option}: ${file} is a folder`);
  }
  if (statSync(dirname(resolve(file)), { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`${option}: there is no folder for ${file}`);
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: ${messageOf(error)}`, { cause: error });
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
  const progress = new Progress(instances.length, 'instances');
  process.on('exit', () => progress.stop());
  const metrics: Metrics[] = [];
  let done = 0;
  const failures = unreadable.map((sentence) => `Not run: ${sentence}`);
  const runs = instances.map(async ({ directory }) => {
    const name = instanceName(directory);
    try {
      const task = { directory, strategy, seed, out: join(out, relative(root, directory)) };
      const result = await threads.run(task);
      if (result.violations === null) metrics.push(result.metrics);
      else failures.push(renderViolations(name, result.violations));
      progress.update((done += 1), noteOf(name, result));
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
      progress.update((done += 1), `${name}: failed`);
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
