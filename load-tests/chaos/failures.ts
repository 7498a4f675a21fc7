import { ApiError, ConnectionLost } from '../../clients/ts/index.ts';

/** Codes that say that the engine itself was wrong, and neither the world nor the caller. */
const BREAKAGES: readonly string[] = [
  'internal_error',
  'database_fault',
  'check_violation',
  'unique_violation',
  'foreign_key_violation',
  'statement_refused',
];

export function isBreakage(code: string): boolean {
  return BREAKAGES.includes(code);
}

/** The engine's own code; or that there was no answer. */
export function codeOf(error: unknown): string {
  if (error instanceof ConnectionLost) return 'connection_lost';
  return error instanceof ApiError ? error.code : String(error);
}

/** Whether the same request, said once more, may be answered. */
export function mayRepeat(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  return error instanceof ApiError && (error.status >= 500 || error.status === 429);
}

export function countIn(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
