import { Piscina } from 'piscina';

/**
 * A thread that is ended while V8 joins modules for `require` takes the whole process with it ("IsGraphAsync
 * must be used on an instantiated module", SIGABRT): at a stop just after the start, or when a task times
 * out in a thread that is still loading. piscina tries `require` first; where it does not take ES
 * modules, it goes on to `import`, which bears an end at any moment.
 */
const ENDS_WHILE_LOADING = ['--no-experimental-require-module'];

/**
 * A thread for each of `threads`, started at once, so that the first task waits for no thread to start.
 * One task at a time in each.
 * @param options.file a module whose exports are what the threads can run
 * @param options.tasksWaitingMax beyond, `run` rejects
 */
export function threadPool<Task, Result>(options: {
  readonly file: URL;
  readonly threads: number;
  readonly tasksWaitingMax: number;
}): Piscina<Task, Result> {
  const { file, threads, tasksWaitingMax } = options;
  return new Piscina({
    filename: file.href,
    minThreads: threads,
    maxThreads: threads,
    maxQueue: tasksWaitingMax,
    concurrentTasksPerWorker: 1,
    execArgv: ENDS_WHILE_LOADING,
  });
}
