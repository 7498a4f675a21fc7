import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The embedded server is nobody's child: its own file says which process it is.
 * @param dataDir of the engine, or of whoever started the server
 * @returns one process id, or none when it does not run
 */
export async function postmasterOf(dataDir: string): Promise<number[]> {
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) ? [] : [pid];
}
