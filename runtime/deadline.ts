import { defineErrors } from './errors.ts';

export const runtimeErrors = defineErrors({
  deadline_exceeded: {
    status: 504,
    retryable: true,
    message: 'The operation took longer than it may.',
  },
});

/**
 * The promise's result, or `deadline_exceeded` after `ms`. The work itself is not stopped: give it
 * its own timeout too where it has one.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(runtimeErrors.make('deadline_exceeded', { details: { what, ms } })),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
