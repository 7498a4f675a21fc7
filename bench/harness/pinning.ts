import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

/** Which cores the two sides of a bench run on, as taskset's lists. */
export interface Pinning {
  readonly server: string;
  readonly load: string;
}

/** The last core for the load, the others for the server; null where that cannot be had. */
export async function choosePinning(): Promise<Pinning | null> {
  const cores = availableParallelism();
  if (process.platform !== 'linux' || cores < 2) return null;
  const server = cores === 2 ? '0' : `0-${cores - 2}`;
  const pinning = { server, load: String(cores - 1) };
  try {
    // Tried on a process of its own: the cores that we may have need not begin with 0.
    await run('taskset', ['-c', pinning.server, 'true'], { timeout: TIMEOUT_MS });
    await run('taskset', ['-c', pinning.load, 'true'], { timeout: TIMEOUT_MS });
    return pinning;
  } catch {
    return null;
  }
}

/** All threads of these processes, and whatever they start from now on. */
export async function pin(pids: readonly number[], cores: string): Promise<void> {
  for (const pid of pids) {
    const command = ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)];
    await run('taskset', command, { timeout: TIMEOUT_MS });
  }
}
