import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { databaseErrors } from './errors.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { runProgram, type Account } from './run-program.ts';

const PROBE_TIMEOUT_MS = 5_000;
const NOBODY = { uid: 65_534, gid: 65_534 };
const SELF: ServerUser = { account: { prefix: [] }, owner: null };

/** Who runs the server, and who must own its files; null: whoever makes them. */
export interface ServerUser {
  readonly account: Account;
  readonly owner: User | null;
}

/**
 * Who shall run PostgreSQL. We do, unless we are root, which PostgreSQL refuses: then the owner of
 * existing data, else the user `postgres`, else `nobody`.
 *
 * That user must pass every directory on the way to the data and to the programs. Where it cannot
 * (below /root, or in a directory of mode 0700), the programs get the capability to search
 * directories, by setpriv of util-linux; it is not taken where it is not needed, for it lets the
 * server read any file.
 * @param dataDir exists; absolute
 * @throws `postgres_unreachable_directory`
 */
export async function chooseAccount(
  dataDir: string,
  clusterDir: string,
  binaries: PostgresBinaries,
): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return SELF;
  const user = (await ownerOf(clusterDir)) ?? (await serverUser());
  const closed =
    (await firstClosed(dataDir, user)) ?? (await firstClosed(binaries.postgres, user)) ?? null;
  if (closed === null) return { account: { ...user, prefix: [] }, owner: user };
  // The first suffices to pass and read; the second is what some containers leave to root.
  for (const capability of ['+dac_read_search', '+dac_override']) {
    const account = { prefix: setpriv(user, capability) };
    const probe = await runProgram(account, [binaries.postgres, '--version'], PROBE_TIMEOUT_MS);
    if (probe.code === 0) return { account, owner: user };
  }
  throw databaseErrors.make('postgres_unreachable_directory', {
    details: { directory: closed, uid: user.uid },
  });
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The owner that PostgreSQL's programs must have to work on this directory; null: none, or root. */
async function ownerOf(clusterDir: string): Promise<User | null> {
  const found = await stat(clusterDir).catch(() => null);
  return found === null || found.uid === 0 ? null : { uid: found.uid, gid: found.gid };
}

async function serverUser(): Promise<User> {
  const users = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return NOBODY;
}

/** The outermost directory (or the file itself) on `path` that the user may not enter, or null. */
async function firstClosed(path: string, user: User): Promise<string | null> {
  const above = dirname(path) === path ? null : await firstClosed(dirname(path), user);
  if (above !== null) return above;
  const { uid, gid, mode } = await stat(path);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  return (mode & bit) === 0 ? path : null;
}

function setpriv(user: User, capability: string): string[] {
  const who = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
  // Without the securebit, the kernel drops the capability as soon as the user is no longer root.
  const what = ['--inh-caps', capability, '--ambient-caps', capability];
  return ['setpriv', ...who, ...what, '--securebits', '+no_setuid_fixup', '--'];
}
