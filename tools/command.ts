import { ConfigError } from '../runtime/index.ts';

/** The call was wrong, not the world: exit code 2, with how it is called. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs one command of the command line: prints what it fails with in one line, and sets the exit code.
 * @param run returns the exit code: 0 well, 1 it found what it looked for
 */
export async function runCommand(run: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UsageError || error instanceof ConfigError) return error.message;
  const details = 'details' in error ? JSON.stringify(error.details) : '{}';
  return details === '{}' ? error.message : `${error.message} ${details}`;
}
