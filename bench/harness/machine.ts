import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Of statfs(2). */
const TMPFS_MAGIC = 0x0102_1994;

/** What the figures were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** Versions of what was measured and of its peers, by package. */
  readonly packages: Readonly<Record<string, string>>;
  /** Durable commits cost nothing in memory: such figures are worth little. */
  readonly data_in_memory: boolean;
}

/** @param packages names in node_modules */
export async function readMachine(packages: readonly string[]): Promise<Machine> {
  const versions = packages.map(async (name) => [name, await versionOf(name)] as const);
  const { type: filesystem } = await statfs(tmpdir());
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    packages: Object.fromEntries(await Promise.all(versions)),
    data_in_memory: filesystem === TMPFS_MAGIC,
  };
}

async function versionOf(name: string): Promise<string> {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}
