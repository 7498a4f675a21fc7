/** A broken promise inside the program. Never caught: the process ends, and is built to restart. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/**
 * Stays on in production. Say what must hold, with the facts that make a failure readable.
 * On hot paths pass a constant message: a template string is built even when the test holds.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** The value, which must be there. */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionFailed(`${what} must be there`);
  return value;
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unexpected value: ${JSON.stringify(value)}`);
}
