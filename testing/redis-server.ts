import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, withDeadline } from '../runtime/index.ts';

const PROGRAM = 'redis-server';
const READY = 'Ready to accept connections';
const READY_MS_MAX = 10_000;
const STOP_MS_MAX = 2_000;
const INSTALL_MS_MAX = 120_000;
/** A free port may be taken by somebody else before the server has it. */
const STARTS_MAX = 3;
const COMPLAINT_CHARS_MAX = 2_000;

/** A real Redis for benches and tests: on 127.0.0.1, in a folder of its own, nothing kept. */
export interface RedisServer {
  readonly port: number;
  /** redis://... */
  readonly url: string;
  readonly pid: number;
  /** Ends the server and removes its folder; a second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts `redis-server` of the PATH; as root on Debian it is installed first when it is missing.
 * @param say is told when it is installed, a line for people
 * @throws Error with what to do when there is none, or with what it complained of
 */
export async function startRedisServer(
  say: (text: string) => void = () => undefined,
): Promise<RedisServer> {
  const program = (await findRedisServer()) ?? (await installRedisServer(say));
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet-redis-'));
  try {
    for (let starts = 1; ; starts++) {
      try {
        return await launch(program, directory, await freePort());
      } catch (error) {
        if (starts === STARTS_MAX) throw error;
      }
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Its absolute path, or null when the PATH has none. */
async function findRedisServer(): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, PROGRAM);
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return program;
  }
  return null;
}

async function installRedisServer(say: (text: string) => void): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  try {
    if (!isRoot) throw new Error('only root may install it');
    say(`There is no ${PROGRAM}: installing it (apt-get install ${PROGRAM})`);
    // Runlevel 1: the package does not start a service of its own.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const args = ['install', '--yes', '--no-install-recommends', PROGRAM];
    await promisify(execFile)('apt-get', args, { env, timeout: INSTALL_MS_MAX });
  } catch (error) {
    const why = messageOf(error).trim().slice(-COMPLAINT_CHARS_MAX);
    throw new Error(
      `There is no ${PROGRAM} on the PATH (${why}). Install Redis 6.2 or newer: ` +
        `'apt-get install ${PROGRAM}' on Debian and Ubuntu, 'brew install redis' on macOS.`,
      { cause: error },
    );
  }
  const installed = await findRedisServer();
  if (installed === null) throw new Error(`${PROGRAM} was installed and is not on the PATH.`);
  return installed;
}

async function launch(program: string, directory: string, port: number): Promise<RedisServer> {
  const child = spawn(program, settings(port, directory), {
    // Its own process group: a terminal's Ctrl-C is for us, who then stop it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(
    () => process.off('exit', kill),
    () => process.off('exit', kill),
  );
  try {
    await withDeadline(ready(child), READY_MS_MAX, 'start redis-server');
  } catch (error) {
    kill();
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await withDeadline(ended, STOP_MS_MAX, 'stop redis-server').catch(kill);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** No snapshots and no log of commands: what it holds is gone with it. */
function settings(port: number, directory: string): string[] {
  const pairs = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: 'no' };
  return Object.entries(pairs).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Resolves when the server takes connections; rejects with its last words when it ends before. */
async function ready(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    // Read on for as long as it lives: a full pipe would stop it.
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-COMPLAINT_CHARS_MAX);
        if (said.includes(READY)) resolve();
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`${PROGRAM} ended with ${code ?? 'a signal'}: ${said.trim()}`));
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
