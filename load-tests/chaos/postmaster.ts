import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive, sleep, systemClock } from '../../runtime/index.ts';

const POLL_MS = 20;
/** After SIGQUIT PostgreSQL kills by itself, after 5 s, what did not end. */
const STOP_MS_MAX = 8_000;

interface Postmaster {
  readonly pid: number;
  /** It takes connections. */
  readonly isReady: boolean;
}

/** The living PostgreSQL of an engine's data directory, or null. */
export async function postmasterOf(dataDir: string): Promise<Postmaster | null> {
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0) || (await isGone(pid))) return null;
  return { pid, isReady: lines[7]?.trim() === 'ready' };
}

/** What `pg_ctl -m immediate stop` does: no checkpoint, the next start has to recover. */
export async function stopPostgresAtOnce(dataDir: string): Promise<boolean> {
  const postmaster = await postmasterOf(dataDir);
  if (postmaster === null) return false;
  process.kill(postmaster.pid, 'SIGQUIT');
  await untilGone(postmaster.pid, STOP_MS_MAX);
  return true;
}

/** Whether a PostgreSQL takes connections there within `ms`. */
export async function comesBack(dataDir: string, ms: number): Promise<boolean> {
  return await isSoon(async () => (await postmasterOf(dataDir))?.isReady === true, ms);
}

/** @returns false when it still lives after `ms` */
export async function untilGone(pid: number, ms: number): Promise<boolean> {
  return await isSoon(() => isGone(pid), ms);
}

/** Asked by the clock and not by counting pauses, which take longer when there is much to do. */
async function isSoon(asked: () => Promise<boolean>, ms: number): Promise<boolean> {
  const deadlineMs = systemClock.monotonicMs() + ms;
  while (systemClock.monotonicMs() < deadlineMs) {
    if (await asked()) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** What was killed stays a zombie for as long as nobody asks for its exit code. */
export async function isGone(pid: number): Promise<boolean> {
  if (!isProcessAlive(pid)) return true;
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state.includes(') Z ');
}
