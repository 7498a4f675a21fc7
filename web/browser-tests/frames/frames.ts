/** What a browser's own trace says of a page's frames. Pure. */

/** One event of a trace, as Chromium writes it; times are microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** The same by the thread's own clock, which stands while other programs have the processor. */
  readonly tts?: number;
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

/** Whatever runs script, and what script makes the engine clean up. */
const SCRIPT: ReadonlySet<string> = new Set([
  'EvaluateScript',
  'EventDispatch',
  'FireAnimationFrame',
  'FireIdleCallback',
  'FunctionCall',
  'MajorGC',
  'MinorGC',
  'RunMicrotasks',
  'TimerFire',
  'v8.callFunction',
  'v8.evaluateModule',
]);
const FRAME = 'BeginMainThreadFrame';
const MAIN_THREAD = 'CrRendererMain';

/**
 * ms of script in each frame of the busiest page, from its beginning to that of the next.
 * @param clock `thread`: what the script itself took; `wall`: with what the machine did meanwhile
 */
export function scriptMsOfFrames(
  events: readonly TraceEvent[],
  clock: 'thread' | 'wall',
): readonly number[] {
  const found = busiestPage(events);
  const own = clock === 'wall' ? found : found.map(byThread);
  const starts = own
    .filter(({ name }) => name === FRAME)
    .map(({ ts }) => ts)
    .toSorted((a, b) => a - b);
  const spans = merged(own.filter(({ name, ph }) => ph === 'X' && SCRIPT.has(name)));
  const sums = starts.map(() => 0);
  for (const [from, to] of spans) {
    for (let frame = indexAt(starts, from); frame < starts.length - 1; frame++) {
      const [begin = 0, end = 0] = [starts[frame], starts[frame + 1]];
      if (begin >= to) break;
      if (frame >= 0) sums[frame] = (sums[frame] ?? 0) + Math.min(to, end) - Math.max(from, begin);
    }
  }
  // The last frame has no end.
  return sums.slice(0, -1).map((us) => us / 1000);
}

function byThread(event: TraceEvent): TraceEvent {
  const { tts = 0, tdur = 0 } = event;
  return { ...event, ts: tts, dur: tdur };
}

function busiestPage(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const mains = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === MAIN_THREAD,
  );
  const of = (main: TraceEvent): TraceEvent[] =>
    events.filter(({ pid, tid }) => pid === main.pid && tid === main.tid);
  return mains.map(of).reduce((a, b) => (b.length > a.length ? b : a), []);
}

/** Spans of time, so that what runs within something else counts once. */
function merged(events: readonly TraceEvent[]): readonly (readonly [from: number, to: number])[] {
  const spans: [number, number][] = [];
  for (const { ts, dur = 0 } of events.toSorted((a, b) => a.ts - b.ts)) {
    const last = spans.at(-1);
    if (last !== undefined && ts <= last[1]) last[1] = Math.max(last[1], ts + dur);
    else spans.push([ts, ts + dur]);
  }
  return spans;
}

/** Of the last that is not after `at`; -1: all are. */
function indexAt(sorted: readonly number[], at: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
