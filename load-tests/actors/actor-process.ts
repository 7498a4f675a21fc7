import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withDeadline } from '../../runtime/index.ts';
import type { World, WorldOrder } from '../world/world.ts';
import type { ActorRole, Direction, Report } from './messages.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const STOP_MS_MAX = 1_000;
const ROLES: readonly ActorRole[] = ['restaurants', 'couriers', 'customers'];

/** The processes of a city's actors, as its director sees them. */
export class ActorProcesses {
  readonly #children: ReadonlyMap<ActorRole, ChildProcess>;

  /**
   * Starts one process each for couriers, restaurants and customers, and lets them begin.
   * @param broken called when one ends before `stop()`
   */
  constructor(
    world: World,
    deps: { onReport: (report: Report) => void; broken: (error: Error) => void },
  ) {
    this.#children = new Map(ROLES.map((role) => [role, startChild(role, world, deps)]));
  }

  /** One more customer, beside those of the world. */
  placeOrder(order: WorldOrder): void {
    const direction: Direction = { kind: 'order', order };
    this.#children.get('customers')?.send(direction);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.values().map(stopChild));
  }
}

function startChild(
  role: ActorRole,
  world: World,
  deps: { onReport: (report: Report) => void; broken: (error: Error) => void },
): ChildProcess {
  // Its own process group, so that Ctrl-C does not reach it before the director has decided.
  const child = fork(MAIN, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
  const direction: Direction = { kind: 'begin', role, world };
  child.send(direction);
  child.on('message', (report) => deps.onReport(report as Report));
  child.on('exit', (code, signal) => {
    if (child.connected || code !== 0) {
      deps.broken(new Error(`the ${role} ended with ${code ?? signal ?? 'nothing'}`));
    }
  });
  return child;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.removeAllListeners('exit');
  if (child.connected) child.disconnect();
  await withDeadline(exit, STOP_MS_MAX, 'stop actors').catch(() => child.kill('SIGKILL'));
}
