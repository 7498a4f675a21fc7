import { readdir, readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Fields of /proc/PID/stat after the program's name, counted from its state (proc(5)). */
const PARENT = 1;
const TIMES = [11, 12, 13, 14];

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, own and of children that have ended, in clock ticks. */
  readonly ticks: number;
}

/**
 * CPU seconds, user and system, that processes have used with all their children, those that have
 * ended too. Grows only, as long as no child is taken in by somebody else.
 * @param roots process ids; one that has gone counts nothing
 * @returns null where there is no /proc
 */
export async function cpuSecondsOfTree(roots: readonly number[]): Promise<number | null> {
  const all = await processes();
  if (all === null) return null;
  const wanted = new Set(roots);
  // A child may come before its parent in the list: look until nothing is added.
  for (let before = -1; before !== wanted.size;) {
    before = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  const ticks = all.reduce((sum, stat) => sum + (wanted.has(stat.pid) ? stat.ticks : 0), 0);
  return ticks / (await ticksPerSecond());
}

/** CPU seconds of one process alone, all its threads, without its children. */
export async function cpuSecondsOf(pid: number): Promise<number | null> {
  const stat = await statOf(pid, TIMES.slice(0, 2));
  return stat === null ? null : stat.ticks / (await ticksPerSecond());
}

/** The direct children of a process that were started with this text in their command line. */
export async function childrenOf(pid: number, commandPart: string): Promise<number[]> {
  const children = ((await processes()) ?? []).filter(({ parent }) => parent === pid);
  const commands = await Promise.all(
    children.map((child) => readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.flatMap((child, i) => (commands[i]?.includes(commandPart) ? [child.pid] : []));
}

async function processes(): Promise<ProcessStat[] | null> {
  const names = await readdir('/proc').catch(() => null);
  if (names === null) return null;
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map((pid) => statOf(pid, TIMES)));
  return stats.filter((stat) => stat !== null);
}

/** Null when it has gone. */
async function statOf(pid: number, times: readonly number[]): Promise<ProcessStat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name stands in brackets and may itself hold brackets and blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = times.reduce((sum, field) => sum + Number(fields[field]), 0);
  return { pid, parent: Number(fields[PARENT]), ticks };
}

let knownTicks: Promise<number> | null = null;

function ticksPerSecond(): Promise<number> {
  knownTicks ??= promisify(execFile)('getconf', ['CLK_TCK']).then(
    ({ stdout }) => Number(stdout),
    // What Linux has told programs for decades, whatever the kernel's own clock.
    () => 100,
  );
  return knownTicks;
}
