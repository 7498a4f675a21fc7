import { spawn } from 'node:child_process';

/** Who runs PostgreSQL's programs. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
  /** A program and its arguments to put before the command, which then changes the user itself. */
  readonly prefix: readonly string[];
}

export interface Outcome {
  /** Exit code; null when it was killed or could not be started. */
  readonly code: number | null;
  /** The end of what it said on stderr, or why it did not start. */
  readonly complaint: string;
}

const COMPLAINT_BYTES_MAX = 4_096;
/** After its exit, so much longer for its last words: a pipe may outlive it in a grandchild. */
const LAST_WORDS_MS = 200;

/** Only these reach PostgreSQL: its environment is no place for our secrets, nor for a PGPORT. */
const PASSED_VARIABLES = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'LD_LIBRARY_PATH'];

/**
 * Runs a program to its end, without a shell, and kills it after `timeoutMs`. Never rejects.
 * @param command absolute path of the program, then its arguments
 */
export function runProgram(
  account: Account,
  command: readonly string[],
  timeoutMs: number,
): Promise<Outcome> {
  const [program = '', ...args] = [...account.prefix, ...command];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
      ...(account.uid === undefined ? {} : { uid: account.uid }),
      ...(account.gid === undefined ? {} : { gid: account.gid }),
    });
    let complaint = '';
    const finish = (code: number | null): void => {
      child.stderr.destroy();
      resolve({ code, complaint: complaint.trim() });
    };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_BYTES_MAX);
    });
    child.on('error', (error) => {
      complaint = error.message;
      finish(null);
    });
    child.on('close', finish);
    child.on('exit', (code) => setTimeout(finish, LAST_WORDS_MS, code));
  });
}

/** Messages in English: some are looked for. */
function environment(): Record<string, string> {
  const passed = PASSED_VARIABLES.map((name) => [name, process.env[name]] as const);
  const present = passed.filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { ...Object.fromEntries(present), LC_ALL: 'C', LC_MESSAGES: 'C' };
}
