import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Interrupted, required, withDeadline } from '../../runtime/index.ts';

const STOP_MS_MAX = 2_000;

/** What a helper answers a question with. */
type Answer = { readonly value: unknown } | { readonly error: string };

/**
 * A process of the bench beside the one that measures: a load generator, a peer. It answers one
 * question at a time (`answerQuestions` in the helper's own program), and ends with us.
 */
export class Helper {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;

  /** @param signal ends the wait for an answer */
  constructor(program: string, signal: AbortSignal) {
    this.#signal = signal;
    // Its own process group: Ctrl-C is for the bench, which then stops everything in order.
    this.#child = fork(program, [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      detached: true,
    });
  }

  get pid(): number {
    return required(this.#child.pid, 'the id of a started process');
  }

  /**
   * @throws Error what the helper threw; `deadline_exceeded`; Interrupted; when it ended without an
   *   answer
   */
  async ask<Value>(question: object, timeoutMs: number): Promise<Value> {
    const child = this.#child;
    const over = new AbortController();
    try {
      const { signal } = over;
      const answered = once(child, 'message', { signal }).then(([answer]) => answer as Answer);
      const ended = once(child, 'exit', { signal }).then(() => ({ error: 'a helper has ended' }));
      const interrupted = aborted(this.#signal, signal);
      // Those that are not needed any more reject when they are let go.
      for (const waiting of [answered, ended]) waiting.catch(() => undefined);
      if (!child.connected) throw new Error('a helper has ended');
      child.send(question);
      const answer: Answer = await withDeadline(
        Promise.race([answered, ended, interrupted]),
        timeoutMs,
        'helper',
      );
      if ('error' in answer) throw new Error(answer.error);
      return answer.value as Value;
    } finally {
      over.abort();
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    if (child.connected) child.disconnect();
    await withDeadline(exit, STOP_MS_MAX, 'stop helper').catch(() => child.kill('SIGKILL'));
  }
}

/** Rejects at Ctrl-C, unless `over` came first. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(new Interrupted('interrupted'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true, signal: over });
  });
}

/**
 * The helper's side: answers what is asked until the bench is gone.
 * @param answer takes the questions that the bench's side sends, whatever their type
 */
export function answerQuestions(answer: (question: never) => Promise<unknown>): void {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question) => {
    void answer(question as never).then(
      (value) => tell({ value }),
      (error: unknown) => tell({ error: String(error) }),
    );
  });
}

function tell(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}
